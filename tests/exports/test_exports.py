"""Exports: they reload to the same values, and nothing in them runs."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsp.engine import DuckEngine
from dsp.engine.sandbox import open_results
from dsp.errors import SettingError
from dsp.exports import export
from dsp.exports.cells import appearing, csv_ready, guarded, plain, table_names
from dsp.exports.markdown import render
from dsp.exports.marks import inline

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "'=1", "''-2"]
HARMLESS = [
    "",
    "plain",
    "'tis",
    "1-2",
    "a=b",
    " =x",
    "ß",
    "🦆",
    'say "hi", twice',
    "two\nlines",
]


@pytest.fixture
def results(finished_run: Path) -> Iterator[DuckEngine]:
    engine = open_results(finished_run / "results.duckdb")
    yield engine
    engine.close()


def rows_of(engine: DuckEngine, name: str) -> list[dict[str, Any]]:
    return list(engine.sql(f"select * from main.{name} order by rowid").to_pylist())


def unguard(text: str) -> str:
    return text[1:] if re.match(r"'+[=+\-@\t\r\n]", text) else text


def test_json_holds_every_table_and_value(results: DuckEngine, tmp_path: Path) -> None:
    (path,) = export(results, ["json"], tmp_path)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["schema"] == "dsp.results/1"
    assert list(document["tables"]) == table_names()
    kept = document["tables"]["insights"]["rows"]
    assert kept == rows_of(results, "insights")
    run = document["tables"]["runs"]["rows"][0]
    assert run["config"] == {"seed": 0}
    assert datetime.fromisoformat(run["started_at"]) == datetime(
        2026, 1, 2, 3, 4, 5, tzinfo=UTC
    )


def test_csv_reloads_to_the_same_text(results: DuckEngine, tmp_path: Path) -> None:
    export(results, ["csv"], tmp_path)
    with (tmp_path / "csv" / "insights.csv").open(newline="", encoding="utf-8") as file:
        found = [row["title"] for row in csv.DictReader(file)]
    assert found[1].startswith("'=1+1")
    assert [unguard(t) for t in found] == [
        r["title"] for r in rows_of(results, "insights")
    ]


def test_csv_has_the_data(results: DuckEngine, tmp_path: Path) -> None:
    export(results, ["csv"], tmp_path)
    engine = DuckEngine()
    found = engine.sql(
        "select count(*) as n, sum(revenue) as s from read_csv($path)",
        {"path": str(tmp_path / "csv" / "data.csv")},
    )
    want = results.sql("select count(*) as n, sum(revenue) as s from clean.data")
    engine.close()
    assert found.to_pylist()[0]["n"] == 2_000
    assert found["s"][0].as_py() == pytest.approx(want["s"][0].as_py(), rel=1e-12)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_guarded_and_comes_back(text: str) -> None:
    cell = csv_ready(pa.table({"t": [text]}), guard=True)["t"][0].as_py()
    assert cell == guarded(text) == f"'{text}"
    assert unguard(cell) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_left_alone(text: str) -> None:
    cell = csv_ready(pa.table({"t": [text]}), guard=True)["t"][0].as_py()
    assert cell == guarded(text) == unguard(cell) == text


def test_numbers_are_not_guarded() -> None:
    assert csv_ready(pa.table({"n": [-1.5]}), guard=True)["n"].to_pylist() == [-1.5]


def test_a_column_name_is_guarded_too() -> None:
    assert csv_ready(pa.table({"=1+1": [1]}), guard=True).column_names == ["'=1+1"]


def test_parquet_reloads_to_the_same_tables(results: DuckEngine, tmp_path: Path) -> None:
    export(results, ["parquet"], tmp_path)
    for name in ("insights", "columns", "checks"):
        table = pq.read_table(tmp_path / "parquet" / f"{name}.parquet")
        assert table.to_pylist() == rows_of(results, name)
    data = pq.read_table(tmp_path / "parquet" / "data.parquet")
    assert data.equals(results.sql("from clean.data"))


def test_xlsx_has_text_where_a_formula_could_be(
    results: DuckEngine, tmp_path: Path
) -> None:
    (path,) = export(results, ["xlsx"], tmp_path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["about", *table_names(), "data"]
    kinds = {cell.data_type for sheet in book for row in sheet.rows for cell in row}
    assert "f" not in kinds
    head, *rows = book["insights"].values
    titles = [dict(zip(head, row, strict=True))["title"] for row in rows]
    assert titles == [row["title"] for row in rows_of(results, "insights")]
    assert book["data"].max_row == 2_001
    assert [row[:2] for row in book["about"].values][-1] == ("data", 2_000)


def test_xlsx_says_when_rows_are_left_out(
    results: DuckEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsp.exports.xlsx.MAX_ROWS", 50)
    (path,) = export(results, ["xlsx"], tmp_path)
    book = openpyxl.load_workbook(path)
    assert book["data"].max_row == 51
    assert "only the first 50 rows" in list(book["about"].values)[-1][3]


def test_html_runs_nothing(results: DuckEngine, tmp_path: Path) -> None:
    (path,) = export(results, ["html"], tmp_path)
    page = path.read_text(encoding="utf-8")
    assert "<script" not in page.casefold()
    assert "<img" not in page
    assert "&lt;/script&gt;" in page
    assert "default-src 'none'" in page
    assert page.rstrip().endswith("</html>")


def test_the_report_says_what_matters_in_order(results: DuckEngine) -> None:
    headings = re.findall(r"^## (.*)$", render(results), re.MULTILINE)
    assert headings == [
        "Executive summary",
        "Findings",
        "Tested and not claimed",
        "About the data",
        "Model of revenue",
        "What could not be computed",
        "Next steps",
        "Reproduce",
    ]


def test_the_report_escapes_what_the_data_says(results: DuckEngine) -> None:
    text = re.sub(r"```sql.*?```", "", render(results), flags=re.DOTALL)
    assert "<img" not in text
    assert "</script>" not in text
    assert r"\*bold\* \`tick\` \$x\$" in text
    assert "Revenue moves with the moon" in text.split("## Tested and not claimed")[1]


def test_a_report_of_an_empty_database_is_still_one(engine: DuckEngine) -> None:
    from dsp.engine import Store

    Store(engine).create()
    assert render(engine).startswith("# Analysis")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a|b", r"a\|b"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("[x](http://evil)", r"\[x\](http&#58;//evil)"),
        ("one\ntwo", "one two"),
        ("- item", "&#8203;- item"),
        ("1. item", "&#8203;1. item"),
        ("1.5 up", "1.5 up"),
        ("\x1b[31m", "\N{REPLACEMENT CHARACTER}\\[31m"),
    ],
)
def test_inline_text_is_harmless(text: str, wanted: str) -> None:
    assert inline(text) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (True, True),
        (2**63, 2**63),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (Decimal("3"), 3),
        (Decimal("0.10"), 0.1),
        (Decimal("12345678901234.56789"), "12345678901234.56789"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        (b"\x00\xff", "AP8="),
        ({"a": [1, None]}, {"a": [1, None]}),
    ],
)
def test_plain_values_lose_nothing(value: object, wanted: object) -> None:
    assert plain(value) == wanted


def write_half(path: Path) -> None:
    with appearing(path) as unfinished:
        unfinished.write_text("new", encoding="utf-8")
        raise ValueError("disk is full")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("old", encoding="utf-8")
    with pytest.raises(ValueError, match="disk is full"):
        write_half(tmp_path / "x.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]
    assert (tmp_path / "x.txt").read_text(encoding="utf-8") == "old"


def test_an_unknown_format_gets_the_nearest_name(
    results: DuckEngine, tmp_path: Path
) -> None:
    with pytest.raises(SettingError, match='no export format "xls"') as caught:
        export(results, ["xls"], tmp_path)
    assert "xlsx" in caught.value.hint


def test_a_folder_that_cannot_be_written_is_said(
    results: DuckEngine, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SettingError, match="cannot write to"):
        export(results, ["json"], tmp_path / "file" / "sub")
