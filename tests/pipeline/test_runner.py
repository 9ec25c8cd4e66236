from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import dsp
from dsp.engine import DuckEngine
from dsp.errors import CancelledError, ColumnNotFoundError, RunBusyError, SettingError
from dsp.events import PipelineProgress, PipelineStage, PipelineStatus
from dsp.pipeline.workspace import BUILDING, Workspace
from dsp.settings import build

if TYPE_CHECKING:
    from pathlib import Path

VOLATILE = ("run_id", "version", "_at", "_ms")


def digest(path: Path) -> dict[str, Any]:
    """Return an order-free hash of every base table without volatile columns."""
    found = {}
    with duckdb.connect(str(path), read_only=True) as con:
        tables = con.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_type = 'BASE TABLE' order by all"
        ).fetchall()
        for schema, name in tables:
            described = con.execute(f'describe "{schema}"."{name}"').fetchall()
            columns = [c[0] for c in described if not c[0].endswith(VOLATILE)]
            skipped = {"peak_memory_bytes", "sha256", "n_bytes", "output_dir"}
            # What an earlier stage had measured is measured again after a break.
            skipped |= {"n_scans", "bytes_fetched"}
            texts = ", ".join(
                f'''"{c.replace('"', '""')}"::varchar'''
                for c in columns
                if c not in skipped
            )
            found[f"{schema}.{name}"] = con.execute(
                f'select count(*), sum(hash({texts})::hugeint) from "{schema}"."{name}"'
            ).fetchone()
    return found


def config_for(data: Any, folder: Path, **settings: Any) -> dsp.PipelineConfig:
    return build({"data_source": data, "output_dir": folder, **settings})


@pytest.fixture
def sales_file(sales: pa.Table, tmp_path: Path) -> Path:
    path = tmp_path / "sales.parquet"
    pq.write_table(sales, path)
    return path


def test_a_run_leaves_the_promised_files(sales_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    pipeline = dsp.AnalyticsPipeline(
        config_for(sales_file, folder, target_column="revenue", ml_fits=25)
    )
    events: list[PipelineProgress] = []
    pipeline.add_progress_callback(events.append)
    with pipeline.execute() as run:
        assert run.sql("select status from runs").to_arrow().to_pylist() == [
            {"status": "complete"}
        ]
        assert not run.problems
        assert any(model.is_best and not model.is_baseline for model in run.models)
    assert pipeline.get_status() is PipelineStatus.COMPLETE
    assert sorted(p.name for p in folder.iterdir()) == [
        "dashboard.html",
        "report.md",
        "results.duckdb",
        "run.json",
    ]
    assert json.loads((folder / "run.json").read_text())["n_rows"] == 2_000
    done = [e.stage for e in events if e.state == "done"]
    assert done == list(PipelineStage)


def test_two_runs_give_the_same_tables(sales_file: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        n = 1 if name == "a" else 2
        settings = {"target_column": "revenue", "threads": n, "ml_fits": 25}
        config = config_for(sales_file, tmp_path / name, **settings)
        dsp.AnalyticsPipeline(config).execute().close()
    first, second = (digest(tmp_path / n / "results.duckdb") for n in ("a", "b"))
    differing = {name for name in first if first[name] != second[name]}
    assert differing <= {"main.runs"}  # the number of threads is part of the settings


@pytest.mark.parametrize("stop_after", list(PipelineStage)[:-1])
def test_resume_after_any_stage_gives_the_same_tables(
    sales_file: Path, tmp_path: Path, stop_after: PipelineStage
) -> None:
    class StoppedError(Exception):
        pass

    def stop(event: PipelineProgress) -> None:
        if event.stage is stop_after and event.state == "done":
            raise StoppedError(event.stage.value)

    settings: dict[str, Any] = {"target_column": "revenue", "ml_enabled": False}
    whole = config_for(sales_file, tmp_path / "whole", save_intermediate=True, **settings)
    dsp.AnalyticsPipeline(whole).execute().close()
    config = config_for(sales_file, tmp_path / "cut", save_intermediate=True, **settings)
    pipeline = dsp.AnalyticsPipeline(config)
    pipeline.add_progress_callback(stop)
    with pytest.raises(StoppedError, match=stop_after.value):
        pipeline.execute()
    assert (tmp_path / "cut" / BUILDING / "results.duckdb").exists()
    assert not (tmp_path / "cut" / "results.duckdb").exists()
    again: list[PipelineStage] = []
    resumed = dsp.AnalyticsPipeline(config, resume=True)
    resumed.add_progress_callback(
        lambda e: again.append(e.stage) if e.state == "start" else None
    )
    resumed.execute().close()
    if stop_after is not PipelineStage.INITIALIZATION:
        assert stop_after not in again
    wanted = digest(tmp_path / "whole" / "results.duckdb")
    assert digest(tmp_path / "cut" / "results.duckdb") == wanted
    assert not (tmp_path / "cut" / BUILDING).exists()


def test_resume_starts_over_when_settings_changed(
    sales_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    config = config_for(sales_file, folder, save_intermediate=True, ml_enabled=False)
    pipeline = dsp.AnalyticsPipeline(config)

    def stop(event: PipelineProgress) -> None:
        if event.stage is PipelineStage.PROCESSING and event.state == "done":
            pipeline.cancel()

    pipeline.add_progress_callback(stop)
    with pytest.raises(CancelledError, match="cancelled"):
        pipeline.execute()
    other = config_for(sales_file, folder, ml_enabled=False, seed=3)
    with dsp.AnalyticsPipeline(other, resume=True).execute() as run:
        assert run.sql("select seed from runs").to_arrow()["seed"].to_pylist() == [3]


@pytest.mark.parametrize("stage", list(PipelineStage)[1:])
def test_cancel_in_any_stage_leaves_nothing(
    sales_file: Path, tmp_path: Path, stage: PipelineStage
) -> None:
    folder = tmp_path / "out"
    config = config_for(sales_file, folder, target_column="revenue", ml_fits=25)
    pipeline = dsp.AnalyticsPipeline(config)
    pipeline.add_progress_callback(
        lambda e: pipeline.cancel() if e.stage is stage and e.state == "start" else None
    )
    with pytest.raises(CancelledError, match="cancelled"):
        pipeline.execute()
    assert pipeline.get_status() is PipelineStatus.CANCELLED
    assert not folder.exists()


def test_cancel_during_a_model_fit_ends_its_process(
    sales_file: Path, tmp_path: Path
) -> None:
    pipeline = dsp.AnalyticsPipeline(
        config_for(sales_file, tmp_path / "out", target_column="revenue")
    )
    pipeline.add_progress_callback(
        lambda e: pipeline.cancel() if e.unit == "fits" else None
    )
    with pytest.raises(CancelledError, match="cancelled"):
        pipeline.execute()
    assert not (tmp_path / "out").exists()
    assert threading.active_count() < 10


def test_a_failed_run_keeps_the_earlier_result(sales_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    good = config_for(sales_file, folder, ml_enabled=False)
    dsp.AnalyticsPipeline(good).execute().close()
    before = digest(folder / "results.duckdb")
    bad = config_for(sales_file, folder, target_column="revenu")
    with pytest.raises(ColumnNotFoundError, match='no column named "revenu"'):
        dsp.AnalyticsPipeline(bad).execute()
    assert digest(folder / "results.duckdb") == before
    assert not (folder / BUILDING).exists()


def test_a_busy_folder_is_refused(sales_file: Path, tmp_path: Path) -> None:
    holder = Workspace(tmp_path / "out")
    holder.acquire()
    config = config_for(sales_file, tmp_path / "out", ml_enabled=False)
    with pytest.raises(RunBusyError, match="another run is writing"):
        dsp.AnalyticsPipeline(config).execute()
    holder.release()


def test_time_column_of_text_is_refused(sales_file: Path, tmp_path: Path) -> None:
    config = config_for(sales_file, tmp_path / "out", time_column="region")
    with pytest.raises(SettingError, match='"region" holds'):
        dsp.AnalyticsPipeline(config).execute()
    assert not (tmp_path / "out").exists()


def test_nasty_tables_go_through_every_stage(
    nasty: tuple[str, pa.Table], tmp_path: Path
) -> None:
    name, table = nasty
    target = table.column_names[-1]
    folder = tmp_path / "out"
    with dsp.analyze(table, target=target, ml_fits=15, output_dir=folder) as run:
        assert run.sql("select n_rows from runs").to_arrow().to_pylist() == [
            {"n_rows": table.num_rows}
        ]
        assert [c.column_name for c in run.profile] == table.column_names
        assert not run.problems, (name, run.problems)
    page = (tmp_path / "out" / "dashboard.html").read_text()
    assert page.rstrip().endswith("</html>")
    assert "</script><script>alert" not in page


def test_every_stored_query_runs_as_it_stands(sales_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with dsp.analyze(sales_file, target="revenue", ml_fits=25, output_dir=folder):
        pass
    places = {
        "insights": "evidence_sql",
        "associations": "evidence_sql",
        "dependencies": "evidence_sql",
        "inclusions": "evidence_sql",
        "repeated_rows": "evidence_sql",
        "near_duplicates": "evidence_sql",
        "missing_patterns": "evidence_sql",
        "missing_pairs": "evidence_sql",
        "missing_predictors": "evidence_sql",
        "series": "evidence_sql",
        "time_columns": "evidence_sql",
        "time_gaps": "evidence_sql",
        "change_points": "evidence_sql",
        "figures": "evidence_sql",
        "charts": "data_sql",
        "columns": "profile_sql",
        "histograms": "profile_sql",
        "top_values": "profile_sql",
    }
    with duckdb.connect(str(tmp_path / "out" / "results.duckdb"), read_only=True) as con:
        for table, column in places.items():
            queries = con.execute(f"select distinct {column} from {table}").fetchall()
            for (query,) in queries:
                con.execute(query).fetchall()
        checks = con.execute("select evidence_sql, n_failed from checks").fetchall()
        for query, n_failed in checks:
            if query:
                (found, *_) = con.execute(query).fetchone()  # type: ignore[misc]
                assert found == n_failed


def test_every_table_answers_to_its_short_name(sales_file: Path, tmp_path: Path) -> None:
    dsp.AnalyticsPipeline(config_for(sales_file, tmp_path / "out")).execute().close()
    path = tmp_path / "out" / "results.duckdb"
    engine = DuckEngine(path, read_only=True)
    listed = engine.rows(
        "select table_schema, table_name from information_schema.tables "
        "where table_type = 'BASE TABLE'"
    )
    assert {("raw", "lines"), ("clean", "rows")} <= set(listed)
    for schema, name in listed:
        short = engine.rows(f'select count(*) from "{name}"')
        assert short == engine.rows(f'select count(*) from "{schema}"."{name}"')
    engine.close()
