"""The handle on a finished run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import dsp
from dsp.engine import DuckEngine
from dsp.errors import QueryError, RunNotFoundError
from dsp.result import find_database

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def run(finished_run: Path) -> Iterator[dsp.Run]:
    with dsp.open_run(finished_run) as opened:
        yield opened


def test_the_repr_is_one_line(run: dsp.Run) -> None:
    assert re.fullmatch(
        r"<dsp\.Run sales\.parquet: 2,000 × 10, 2 insights(, quality [\d.]+)?>", repr(run)
    )


def test_the_html_is_static_escaped_and_small(run: dsp.Run) -> None:
    html = run._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;/script&gt;" in html
    assert len(html.encode()) <= 150_000


def test_only_claimed_insights_are_given_in_order(run: dsp.Run) -> None:
    assert [insight.insight_id for insight in run.insights] == ["i1", "i2"]


def test_records_are_read(run: dsp.Run) -> None:
    assert [c.column_name for c in run.profile][:2] == ["revenue", "rating"]
    assert [m.is_best for m in run.models] == [False, True]
    assert [c.outcome for c in run.checks] == ["failed", "passed"]
    assert [p.plugin for p in run.problems] == ["seasonality"]
    assert [s.stage for s in run.stages] == ["data_loading"]
    assert [s.transform for s in run.steps] == ["trim_text"]
    assert [f.figure_id for f in run.figures] == ["rows"]
    assert [t.detector for t in run.tests] == ["segment_outlier"]
    assert run.charts == []
    assert run.status is dsp.PipelineStatus.COMPLETE


def test_sql_answers_as_arrow_and_pandas(run: dsp.Run) -> None:
    result = run.sql(
        "select rank from insights where rank >= $low order by 1", {"low": 2}
    )
    assert result.to_arrow() == pa.table({"rank": pa.array([2, 3, 4], pa.int64())})
    assert list(result.to_pandas()["rank"]) == [2, 3, 4]
    assert len(result) == 3
    assert result.scalar() == 2


def test_a_result_is_read_by_other_libraries(run: dsp.Run) -> None:
    assert pa.table(run.sql("select 1 as a")).to_pylist() == [{"a": 1}]


def test_html_of_a_result_escapes_and_says_what_is_left_out(run: dsp.Run) -> None:
    html = run.sql("select '<b>' as \"<i>\" from range(30)")._repr_html_()
    assert "<b>" not in html
    assert "<i>" not in html
    assert "10 more rows" in html


def test_tables_are_ibis_tables(run: dsp.Run) -> None:
    assert run.data.count().execute() == 2_000
    assert run.table("insights").filter(lambda t: t.asserted).count().execute() == 3


def test_a_wrong_table_gets_the_nearest_name(run: dsp.Run) -> None:
    with pytest.raises(RunNotFoundError, match="no table") as caught:
        run.table("insight")
    assert "insights" in caught.value.hint


def test_writing_is_refused(run: dsp.Run) -> None:
    with pytest.raises(QueryError, match="refused"):
        run.sql("delete from insights")


def test_ibis_cannot_leave_the_run_either(run: dsp.Run) -> None:
    backend = run.data.get_backend()
    with pytest.raises(Exception, match=r"disabled|read-only|Cannot access"):
        backend.raw_sql("copy (select 1) to '/tmp/dsp_should_not_exist.csv'")


def test_a_run_opens_by_folder_database_dashboard_or_source(finished_run: Path) -> None:
    for path in (
        finished_run,
        finished_run / "results.duckdb",
        finished_run / "dashboard.html",
        finished_run.with_name("sales.parquet"),
    ):
        assert find_database(path) == finished_run / "results.duckdb"


def test_no_run_names_the_one_beside(finished_run: Path) -> None:
    with pytest.raises(RunNotFoundError, match="no finished run at") as caught:
        dsp.open_run(finished_run.with_name("sale.dsp"))
    assert '"sales.dsp"' in caught.value.hint


def test_an_unfinished_run_is_refused(finished_run: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(finished_run, tmp_path / "copy.dsp")
    engine = DuckEngine(copy / "results.duckdb")
    engine.execute("update runs set status = 'running'")
    engine.close()
    with pytest.raises(RunNotFoundError, match="is not finished"):
        dsp.open_run(copy)


def test_a_moved_source_is_one_clear_line(tmp_path: Path, finished_run: Path) -> None:
    copy = shutil.copytree(finished_run, tmp_path / "copy.dsp")
    source = tmp_path / "it's here.csv"
    source.write_text("a\n1\n", encoding="utf-8")
    engine = DuckEngine(copy / "results.duckdb")
    text = str(source).replace("'", "''")
    engine.execute(f"create or replace view clean.data as from read_csv('{text}')")
    engine.execute(
        "update runs set is_materialized = false, source_files = [$path]",
        {"path": str(source)},
    )
    engine.close()
    with dsp.open_run(copy) as run:
        assert run.sql("from clean.data").to_pylist() == [{"a": 1}]
    source.unlink()
    with (
        dsp.open_run(copy) as run,
        pytest.raises(QueryError, match="the source of this run has moved"),
    ):
        run.sql("from clean.data")


def test_export_writes_where_asked(run: dsp.Run, tmp_path: Path) -> None:
    assert run.export("markdown", tmp_path) == [tmp_path / "report.md"]
