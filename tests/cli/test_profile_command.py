"""``dsp profile``: what a terminal, a program and a database get of a profile."""

from __future__ import annotations

import json
import re
import statistics
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

import dsp
from dsp.cli import profile as module
from dsp.engine import DuckEngine
from dsp.errors import ColumnNotFoundError, SettingError
from tests.conftest import HOSTILE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

VALUES = [1.0, 2.0, 2.0, 4.0, None, 9.0]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "s.parquet"
    table = {
        "x": VALUES,
        "city": ["Bern", "Bern", "Basel", "Bern", None, "Genf"],
        "day": ["2024-01-01"] * 3 + ["2024-03-01"] * 3,
    }
    pq.write_table(pa.table(table), path)
    return path


def run(*words: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(
        module.command,
        [str(word) for word in words],
        env={"COLUMNS": "120", **(env or {})},
        help_option_names=["-h", "--help"],
    )


def document(*words: object) -> Any:
    result = run(*words, "--json")
    assert result.exception is None, result.exception

    def refuse(word: str) -> None:
        raise AssertionError(word)

    return json.loads(result.stdout, parse_constant=refuse)


def test_one_line_a_column(source: Path) -> None:
    lines = run(source).stdout.splitlines()
    assert lines[1].startswith("6 rows, 3 columns · 2 missing cells (11.1%)")
    head, x, city = (" ".join(line.split()) for line in lines[3:6])
    assert head == "column type role missing distinct shape values"
    assert x.startswith("x float measure 16.7% 4 ")
    assert x.endswith("1 … 2 … 9 · sd 3.21")
    assert city == "city text text 16.7% 3 █▃▃ Bern 60.0% · Basel 20.0% · Genf 20.0%"


def test_the_document_gives_every_figure(source: Path) -> None:
    found = document(source)
    assert (found["schema"], found["n_rows"], found["n_columns"], found["n_missing"]) == (
        "dsp.profile/1",
        6,
        3,
        2,
    )
    x = found["columns"][0]
    known = [value for value in VALUES if value is not None]
    assert x["n_null"] == 1
    assert x["mean"] == pytest.approx(statistics.mean(known), rel=1e-12)
    assert x["sd"] == pytest.approx(statistics.stdev(known), rel=1e-12)
    assert x["q50"] == statistics.median(known)
    assert sum(b["n_rows"] for b in x["histogram"]) == len(known)
    assert {b["kind"] for b in x["histogram"]} == {"width"}
    assert "width" not in x["other_histograms"]
    for bins in x["other_histograms"].values():
        assert sum(b["n_rows"] for b in bins) <= len(known)
    assert [(v["value"], v["n_rows"]) for v in found["columns"][1]["top_values"]] == [
        ("Bern", 3),
        ("Basel", 1),
        ("Genf", 1),
    ]
    assert "profile_sql" not in x


def test_keys_of_the_document_stay(source: Path) -> None:
    assert list(document(source)) == [
        *("schema", "source", "profiled_at", "n_rows", "n_columns", "n_missing"),
        *("missing_fraction", "n_duplicate_rows", "n_rejected", "elapsed_ms"),
        *("peak_memory_bytes", "not_searched", "columns", "relations", "dependencies"),
        *("keys", "alerts", "problems", "tables"),
    ]


def test_output_answers_its_own_queries(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.duckdb"
    found = document(source, "--output", out, "--with-sql")
    engine = DuckEngine(out, read_only=True)
    for column in found["columns"]:
        figures = engine.sql(column["profile_sql"]).to_pylist()[0]
        for name, value in figures.items():
            expected = column[name]
            assert value == (
                pytest.approx(expected, rel=1e-9)
                if isinstance(value, float)
                else expected
            ), name
    stored = engine.rows("select column_name, n_distinct from columns order by position")
    engine.close()
    assert stored == [(c["column_name"], c["n_distinct"]) for c in found["columns"]]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["o.duckdb", "s.parquet"]


def test_output_opens_as_a_run(source: Path, tmp_path: Path) -> None:
    run(source, "--output", tmp_path / "o.duckdb", "--quiet")
    with dsp.open_run(tmp_path / "o.duckdb") as opened:
        rows = opened.sql("select count(*) as n from clean.data").to_pylist()
    assert rows == [{"n": 6}]


def test_a_failed_profile_leaves_no_output(source: Path, tmp_path: Path) -> None:
    result = run(source, "--target", "price", "--output", tmp_path / "o.duckdb")
    assert isinstance(result.exception, ColumnNotFoundError)
    assert [p.name for p in tmp_path.iterdir()] == ["s.parquet"]


def test_the_output_must_not_be_the_source(source: Path) -> None:
    with pytest.raises(SettingError, match="is the source itself"):
        dsp.profile(source, output=source)


def test_only_some_columns(source: Path) -> None:
    found = document(source, "--columns", "city, x", "--no-relations")
    assert [c["column_name"] for c in found["columns"]] == ["x", "city"]
    assert found["relations"] == []
    with pytest.raises(ColumnNotFoundError, match='no column named "town"'):
        dsp.profile(source, columns=["town"])


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_the_terminal(tmp_path: Path, width: int) -> None:
    names = [*HOSTILE_NAMES, "esc\x1b[31m", "名前" * 30, "👩‍👩‍👧" * 30]
    values = ["\x1b[2J", "名" * 200, "a\nb", "🦆" * 90, None, "x"]
    table = pa.table(dict.fromkeys(names, values) | {"n": [1e300, -1e-300, 0, 1, 2, 3]})
    pq.write_table(table, tmp_path / "h.parquet")
    text = run(tmp_path / "h.parquet", env={"COLUMNS": str(width)}).stdout
    assert "\x1b" not in text
    assert max(map(cell_len, text.splitlines()[1:])) <= width
    assert len([line for line in text.splitlines() if " text " in line]) == len(names)


def test_a_wide_table_says_how_to_see_the_rest(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({f"c{i}": [i, i + 1] for i in range(300)}), tmp_path / "w.parquet"
    )
    result = run(tmp_path / "w.parquet", "--no-relations")
    assert re.search(r"240 more columns: dsp profile \S+w.parquet --", result.stdout)
    assert len(result.stdout.splitlines()) < 90


def test_estimates_are_marked_and_exact_counts_are_not(tmp_path: Path) -> None:
    n = 2_100_000
    engine = DuckEngine()
    engine.execute(
        f"copy (select hash(i) % 900000 as v from range({n}) t(i)) "
        f"to '{tmp_path / 'big.parquet'}'"
    )
    true = engine.rows(f"select count(distinct v) from '{tmp_path / 'big.parquet'}'")[0][
        0
    ]
    engine.close()
    exact = document(tmp_path / "big.parquet", "--exact", "--no-relations")["columns"][0]
    assert (exact["n_distinct"], exact["distinct_exact"]) == (true, True)
    estimate = document(tmp_path / "big.parquet", "--no-relations")["columns"][0]
    if not estimate["distinct_exact"]:
        bound = estimate["distinct_error"] * true
        assert abs(estimate["n_distinct"] - true) <= bound


@pytest.mark.parametrize(
    "table",
    [
        {"a": pa.array([], pa.float64()), "b": pa.array([], pa.string())},
        {"a": pa.nulls(3, pa.float64()), "b": pa.nulls(3, pa.string())},
        {"a": [float("nan"), float("inf"), -float("inf")], "b": ["", " ", "\t"]},
        {"a": [1], "b": ["x"]},
        {"a": [[1, 2], None], "b": [{"k": 1}, {"k": 2}]},
    ],
)
def test_odd_tables_are_described_in_strict_json(
    tmp_path: Path, table: dict[str, Any]
) -> None:
    pq.write_table(pa.table(table), tmp_path / "o.parquet")
    found = document(tmp_path / "o.parquet")
    assert [c["column_name"] for c in found["columns"]] == ["a", "b"]
    assert run(tmp_path / "o.parquet").stdout.count("\n") >= 5


def test_the_memory_limit_reaches_the_engine(source: Path) -> None:
    with pytest.raises(SettingError, match='memory size "lots" is not understood'):
        dsp.profile(source, memory_limit="lots")
    assert dsp.profile(source, memory_limit="400MB", threads=1).column("x").q50 == 2.0


def test_no_colour_where_it_is_not_wanted(
    monkeypatch: pytest.MonkeyPatch, source: Path
) -> None:
    from dsp.cli import profile_table
    from dsp.cli.lines import painter

    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    found = dsp.profile(source)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = list(profile_table.lines(found, 100, painter()))
    monkeypatch.delenv("NO_COLOR")
    painted = list(profile_table.lines(found, 100, painter()))
    assert not any("\x1b" in line for line in plain)
    assert any("\x1b" in line for line in painted)


def test_alerts_name_what_stands_out(tmp_path: Path) -> None:
    table = pa.table(
        {
            "gone": pa.nulls(40, pa.float64()),
            "same": [7] * 40,
            "half": [1.5, None, None, 2.5] * 10,
            "odd": [float("inf"), *(float(i) for i in range(39))],
            "code": [f"k{i}" for i in range(40)],
            "a": [(7 * i) % 40 / 2 for i in range(40)],
            "b": [(7 * i) % 40 + 1.5 for i in range(40)],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    found = document(tmp_path / "t.parquet")
    kinds = {(a["kind"], a["column_name"]) for a in found["alerts"]}
    assert {
        ("all_missing", "gone"),
        ("constant", "same"),
        ("mostly_missing", "half"),
        ("infinite", "odd"),
        ("unique", "code"),
        ("same_content", "a"),
    } <= kinds
    assert ("unique", "a") not in kinds


def people(path: Path) -> Path:
    table = pa.table(
        {
            "email": [f"jane{i}@example.com" for i in range(60)],
            "phone": [4179_000_00_00 + 7 * i for i in range(60)],
            "plan": ["free", "paid", "free"] * 20,
            "city": ["Bern", "Chur", "Bern"] * 20,
        }
    )
    pq.write_table(table, path / "people.parquet")
    return path / "people.parquet"


def test_redacted_values_cannot_be_read(tmp_path: Path) -> None:
    source = people(tmp_path)
    page = tmp_path / "p.html"
    result = run(source, "--redact", "--json", "--html", page)
    found = json.loads(result.stdout)
    assert found["redacted"] == ["email", "phone"]
    terminal = run(source, "--redact").stdout
    for text in (result.stdout, terminal, page.read_text(encoding="utf-8")):
        assert not re.search(r"jane\d|example\.com", text)
        assert not any(str(4179_000_00_00 + 7 * i) in text for i in range(60))
    email, phone, plan, _ = found["columns"]
    assert (email["n_distinct"], email["length_max"], email["min_value"][:2]) == (
        60,
        18,
        "••",
    )
    assert (phone["q50"], phone["max_number"], phone["histogram"]) == (None, None, [])
    assert [v["value"] for v in plan["top_values"]] == ["free", "paid"]
    assert "jane0@example.com" in run(source, "--json").stdout


def test_an_output_cannot_be_redacted(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="an output holds the data itself"):
        dsp.profile(people(tmp_path), redact=True, output=tmp_path / "o.duckdb")


def test_structure_is_shown_and_can_be_left_out(tmp_path: Path) -> None:
    rows = [(i % 12, "abcd"[i % 4], i % 3 == 0) for i in range(120)]
    names = ("shop", "region", "open")
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    pq.write_table(table, tmp_path / "t.parquet")
    shown = run(tmp_path / "t.parquet").stdout
    assert "108 duplicate rows" in shown
    assert "shop → region (always)" in shown
    without = document(tmp_path / "t.parquet", "--no-structure")
    assert (without["dependencies"], without["n_duplicate_rows"]) == ([], None)
    assert without["not_searched"] == []


def test_large_tables_say_that_structure_was_not_searched(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dsp.pipeline import describing

    monkeypatch.setattr(describing, "MOST_CELLS", 17)
    found = dsp.profile(source)
    assert found.facts["not_searched"] == [
        "keys, dependencies and repeated rows among 18 cells: ask with --structure"
    ]
    assert "Not searched: keys" in run(source).stdout
    assert dsp.profile(source, structure=True).n_duplicate_rows == 0


def test_a_part_that_fails_is_a_problem(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dsp.statistics import StatisticsEngine

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr(StatisticsEngine, "relations", fails)
    found = dsp.profile(source)
    assert [(p.plugin, p.error) for p in found.problems] == [
        ("relations", "RuntimeError: no luck")
    ]
    assert found.column("x").q50 == 2.0
    assert "Not computed\nRuntimeError: no luck" in run(source).stdout


def test_wide_tables_say_that_details_were_not_searched(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dsp.pipeline import describing

    assert dsp.profile(source).table("text_profiles")
    monkeypatch.setattr(describing, "MOST_DETAILED", 2)
    found = dsp.profile(source)
    assert found.facts["not_searched"] == [
        "patterns and fits of 3 columns: name up to 2 with --columns"
    ]
    assert found.table("text_profiles") == []
    # What must be hidden is looked for in tables of any width.
    assert dsp.profile(source, redact=True).table("text_profiles")
