"""``dsp insights``: what a terminal, a program and a database get of findings."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

import dsp
from dsp.cli import insights as module
from dsp.cli.insights_table import lines
from dsp.cli.progress import waiting
from dsp.errors import ColumnNotFoundError, SettingError
from dsp.events import no_tick
from dsp.exports.insights import document as list_of
from dsp.records import Insight
from tests.conftest import HOSTILE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

N = 1200


def table(names: tuple[str, ...] = ("sold", "price", "noise", "day")) -> pa.Table:
    """Return rows in which the second column moves the first, and nothing else holds."""
    draw = random.Random(7)
    price = [draw.gauss(20, 4) for _ in range(N)]
    sold = [100 - 3 * p + draw.gauss(0, 6) for p in price]
    noise = [draw.gauss(0, 1) for _ in range(N)]
    day = [date(2024, 1, 1) + timedelta(days=i // 4) for i in range(N)]
    return pa.table(dict(zip(names, (sold, price, noise, day), strict=True)))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("insights") / "s.parquet"
    pq.write_table(table(), path)
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(
        module.command,
        [str(word) for word in words],
        help_option_names=["-h", "--help"],
    )


def document(*words: object) -> Any:
    result = run(*words, "--json")
    assert result.exception is None, result.exception

    def refuse(word: str) -> None:
        raise AssertionError(word)

    return json.loads(result.stdout, parse_constant=refuse)


def test_the_list_names_exactly_what_was_planted(source: Path) -> None:
    (found,) = [
        entry
        for entry in document(source, "--target", "sold")
        if entry["q_value"] is not None
    ]
    assert (found["kind"], sorted(found["columns"])) == ("driver", ["price", "sold"])
    assert found["direction"] == "down"
    assert found["asserted"] is True
    assert found["q_value"] < 1e-6


def test_every_entry_has_the_columns_of_the_table(source: Path) -> None:
    fields = set(Insight.__slots__) - {"time_start", "time_end"}
    fields -= {"segment_column", "segment_value"}
    for entry in document(source, "--target", "sold"):
        assert set(entry) == fields | {"time", "segment"}
        assert entry["statement"]
        assert entry["evidence_sql"]


def test_the_terminal_gets_statement_figures_and_advice(source: Path) -> None:
    result = run(source, "--target", "sold")
    (first,) = document(source, "--target", "sold", "--top", "1")
    lines = result.stdout.splitlines()
    assert lines[0] == str(source)
    assert lines[1].startswith("1,200 rows, 4 columns, ")
    text = " ".join(result.stdout.split())
    assert "1 ● " + " ".join(first["title"].split()) in text or first["title"] in text
    assert " ".join(first["recommendation"].split()) in text
    assert "q <" in text
    assert f"dsp analyze {source}" in result.stderr


@pytest.mark.parametrize("width", [60, 100])
def test_lines_fit_and_steer_nothing(source: Path, width: int) -> None:
    report = dsp.find_insights(source, target="sold", top=1)
    text = "\x1b[31m 名前 " * 12
    (found,) = report.insights
    hostile = replace(found, title=text, statement=text, recommendation=text)
    shown = list(lines(replace(report, insights=(hostile,)), width, lambda t, **_: t))
    assert max(cell_len(line) for line in shown[1:]) <= width
    assert not any("\x1b" in line for line in shown)
    assert sum("名前" in line for line in shown) >= 6


def test_nothing_of_a_kind_is_not_nothing(source: Path) -> None:
    shown = run(source, "-t", "sold", "--kind", "cluster").stdout
    assert "No finding of these kinds passed its test." in shown
    assert "not shown: --top, --kind" in shown


def test_only_the_kinds_that_are_asked_for(source: Path) -> None:
    assert {e["kind"] for e in document(source, "-t", "sold", "--kind", "driver")} == {
        "driver"
    }
    assert document(source, "-t", "sold", "--kind", "cluster") == []
    everything = document(source, "-t", "sold")
    assert document(source, "-t", "sold", "--top", "1") == everything[:1]


def test_a_kind_does_not_change_how_many_tests_count(source: Path) -> None:
    (one,) = document(source, "-t", "sold", "--kind", "driver")
    assert one in document(source, "-t", "sold")


def test_one_kind_may_be_given_as_text(source: Path) -> None:
    found = dsp.find_insights(source, target="sold", kinds="driver")
    assert [insight.kind for insight in found] == ["driver"]
    assert repr(found).endswith(f": 1 insight from {found.n_tests} tests>")


def test_nasty_tables_give_no_problems(nasty: tuple[str, Any]) -> None:
    _, data = nasty
    for target in [None, *data.column_names[:3]]:
        report = dsp.find_insights(data, target=target, explained=True)
        assert report.problems == ()
        json.dumps(list_of(report), allow_nan=False)


def test_an_unknown_kind_is_refused(source: Path) -> None:
    with pytest.raises(SettingError, match='no kind of finding is called "drivers"'):
        dsp.find_insights(source, kinds=["drivers"])


@pytest.mark.parametrize("which", ["target", "time"])
def test_an_unknown_column_is_refused(source: Path, which: str) -> None:
    with pytest.raises(ColumnNotFoundError, match="pirce"):
        dsp.find_insights(source, **{which: "pirce"})


def test_the_output_answers_queries(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "found.duckdb"
    entries = document(source, "--target", "sold", "--output", path)
    with dsp.open_run(path) as opened:
        kept = opened.insights
        assert [i.insight_id for i in kept] == [e["insight_id"] for e in entries]
        assert opened.record.target == "sold"
        assert opened.record.n_rows == N
        for insight in kept:
            assert len(opened.sql(insight.evidence_sql)) > 0


def test_an_output_gives_a_report(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "found.duckdb"
    report = dsp.find_insights(source, target="sold", output=path)
    with dsp.open_run(path) as opened:
        (written,) = opened.export("markdown", tmp_path)
    text = written.read_text(encoding="utf-8")
    assert "Target: sold. Time: day, 1 Jan 2024 to" in text.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "The data were not checked." in text
    assert f"All {report.n_tests} tests count" in text


def test_progress_is_shown_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsp.cli.progress.wants_bar", lambda: True)
    with waiting("reading") as tick:
        tick(1, 3, unit="detectors", message="[/bold] trend")
        tick()
    monkeypatch.setattr("dsp.cli.progress.wants_bar", lambda: False)
    with waiting("reading") as tick:
        assert tick is no_tick


def test_the_source_is_not_overwritten(source: Path) -> None:
    with pytest.raises(SettingError, match="is the source itself"):
        dsp.find_insights(source, output=source)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_any_column_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.parquet"
    pq.write_table(table(("sold", name, "noise", "day")), path)
    found = [e for e in document(path, "-t", "sold") if e["q_value"] is not None]
    assert [sorted(e["columns"]) for e in found] == [sorted(["sold", name])]


def test_a_table_without_rows_says_nothing() -> None:
    empty = table().slice(0, 0)
    report = dsp.find_insights(empty, target="sold")
    assert (len(report), report.n_rows) == (0, 0)


def test_columnar_files_are_not_copied(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "found.duckdb"
    dsp.find_insights(source, target="sold", output=path)
    with dsp.open_run(path) as opened:
        assert not opened.record.is_materialized
