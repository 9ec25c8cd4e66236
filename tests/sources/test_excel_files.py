"""Workbooks: sheets, headers over several rows, calendars, cells without values."""

from __future__ import annotations

import datetime as dt
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from dsp.errors import SourceError
from dsp.sources import DataReader
from dsp.sources.sheet_tables import Merge, table_of

if TYPE_CHECKING:
    from pathlib import Path

    from dsp.engine import DuckEngine
    from dsp.sources import Loaded


def load(engine: DuckEngine, path: Path, **options: Any) -> Loaded:
    return DataReader().load(DataReader().locate(path, options=options), engine)


def test_the_table_is_found_between_title_and_notes() -> None:
    rows = [
        ["Sales 2024", None, None],
        [None, None, None],
        ["day", "shop", "amount"],
        [dt.date(2024, 1, 1), "N", 1.5],
        [dt.date(2024, 1, 2), "S", 2.5],
        [None, None, None],
        ["Source: the till", None, None],
    ]
    sheet = table_of(rows, first_row=3)
    assert sheet.names == ["day", "shop", "amount"]
    assert sheet.body == rows[3:5]
    assert sheet.rejects == [(10, "Source: the till", "below the table")]
    assert sheet.facts == {"lines_skipped": 2, "header": True}
    assert sheet.warnings == ['rows above the table were left out: "Sales 2024"']


@pytest.mark.parametrize(
    ("rows", "names", "n_rows"),
    [
        ([["a", "b"], [1, 2]], ["a", "b"], 1),
        ([["region", 2022, 2023], ["W", 1, 2]], ["region", "2022", "2023"], 1),
        ([[1, 2], [3, 4]], ["", ""], 2),
        ([["Bern", 2022], ["Basel", 2023]], ["", ""], 2),
        ([["a", None, "b"], [1, None, 2]], ["a", "b"], 1),
        ([["only"], ["x"], ["y"]], ["only"], 2),
        ([["a", "b"], ["x", "y"]], ["a", "b"], 1),
        ([[None, "one", None], ["k", "x", "y"], ["r", 1, 2]], ["k", "x", "y"], 1),
        (
            [
                [None, "one", None, "two", None],
                ["k", "x", "y", "x", "y"],
                ["r", 1, 2, 3, 4],
            ],
            ["k", "one x", "one y", "two x", "two y"],
            1,
        ),
        ([["a", "b"], [1, 2], [None, None], ["c", "d"], [5, 6]], ["a", "b"], 1),
    ],
)
def test_headers(rows: list[list[Any]], names: list[str], n_rows: int) -> None:
    sheet = table_of(rows)
    assert (sheet.names, len(sheet.body)) == (names, n_rows)


def test_merged_cells_join_names_and_repeat_values() -> None:
    rows = [
        ["Region", 2023, None],
        [None, "Q1", "Q2"],
        ["W", 1, 2],
        [None, 3, 4],
    ]
    merges = [Merge(0, 1, 0, 2), Merge(0, 0, 1, 0), Merge(2, 0, 3, 0)]
    sheet = table_of(rows, merges)
    assert sheet.names == ["Region", "2023 Q1", "2023 Q2"]
    assert sheet.body == [["W", 1, 2], ["W", 3, 4]]
    assert sheet.warnings == [
        "names were joined from 2 rows of the header",
        "merged cells were repeated in 1 cells",
    ]


def test_a_header_can_be_told() -> None:
    rows = [["a", "b"], [1, 2]]
    assert table_of(rows, header=False).body == rows
    assert table_of([[1, 2], [3, 4]], header=True).names == ["1", "2"]


def workbook(path: Path) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["h"])
    book.active.append([1])
    book.active.sheet_state = "hidden"
    book.create_sheet("Empty")
    sheet = book.create_sheet("Sales")
    sheet.append(["n", "p", "t", "span", "e", "z", "f"])
    span, noon = dt.timedelta(hours=30), dt.time(12, 30)
    sheet.append(["1.50", 0.25, noon, span, "#N/A", "00123", "=1+1"])
    sheet.append(["2", 0.5, dt.time(0), dt.timedelta(hours=1), 4, "00456", "=2+2"])
    sheet["B2"].number_format = "0%"
    book.active = 2
    book.save(path)
    return book


def test_cells_of_every_kind(engine: DuckEngine, tmp_path: Path) -> None:
    workbook(tmp_path / "b.xlsx")
    loaded = load(engine, tmp_path / "b.xlsx")
    assert engine.rows("select n, p, t, span::varchar, e, z, f from raw.data") == [
        (1.5, 0.25, dt.time(12, 30), "30:00:00", None, "00123", None),
        (2.0, 0.5, dt.time(0), "01:00:00", 4, "00456", None),
    ]
    assert loaded.decisions["sheet"] == "Sales"
    assert loaded.decisions["other_sheets"] == ["Notes", "Empty"]
    assert loaded.decisions["warnings"] == [
        "one cell holds an error such as #N/A; read as missing",
        (
            "formulas without a computed value, read as missing: 2 "
            "(open and save the workbook to compute them)"
        ),
        'sheet "Sales" was read; --read sheet=… takes another of: Notes, Empty',
    ]
    load(engine, tmp_path / "b.xlsx", sheet="1")
    assert engine.rows("select h from raw.data") == [(1,)]
    with pytest.raises(SourceError, match="sheet Empty is empty"):
        load(engine, tmp_path / "b.xlsx", sheet="Empty")
    load(engine, tmp_path / "b.xlsx", range="B1:C2")
    assert engine.rows("from raw.data") == [(0.25, dt.time(12, 30))]
    with pytest.raises(SourceError, match='range cannot be "B1"'):
        load(engine, tmp_path / "b.xlsx", range="B1")


@pytest.mark.parametrize("is_1904", [False, True])
def test_both_calendars(engine: DuckEngine, tmp_path: Path, is_1904: bool) -> None:
    book = openpyxl.Workbook()
    if is_1904:
        book.epoch = CALENDAR_MAC_1904
    book.active.append(["d", "t"])
    book.active.append([dt.date(2024, 2, 29), dt.datetime(2024, 1, 1, 12, 30)])  # noqa: DTZ001
    book.save(tmp_path / "b.xlsx")
    load(engine, tmp_path / "b.xlsx")
    found = engine.rows("select d::varchar, t::varchar from raw.data")
    assert found == [("2024-02-29", "2024-01-01 12:30:00")]


def test_cells_at_both_ends_of_a_sheet_are_one_line(
    engine: DuckEngine, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"], book.active["XFD1048576"] = "a", 1, 5
    book.save(tmp_path / "b.xlsx")
    with pytest.raises(SourceError, match=r"b\.xlsx: needs more memory than dsp gives"):
        load(engine, tmp_path / "b.xlsx")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-40],
        lambda _: b"",
        lambda text: text.replace(b'r="A1"', b'r="A0"'),
        lambda text: text.replace(b'r="B2"', b'r="ZZZZZ99999999999"'),
    ],
)
def test_broken_sheets_are_one_line(
    engine: DuckEngine, tmp_path: Path, change: Any
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, 2])
    book.save(tmp_path / "whole.xlsx")
    path = tmp_path / "b.xlsx"
    with (
        zipfile.ZipFile(tmp_path / "whole.xlsx") as whole,
        zipfile.ZipFile(path, "w") as broken,
    ):
        for name in whole.namelist():
            text = whole.read(name)
            is_sheet = name == "xl/worksheets/sheet1.xml"
            broken.writestr(name, change(text) if is_sheet else text)
    with pytest.raises(SourceError, match=r"b\.xlsx: ") as caught:
        load(engine, path)
    assert "\n" not in caught.value.message


def test_a_changed_byte_fails_the_checksum(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    workbook(path)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet3.xml")
    damaged = bytearray(path.read_bytes())
    damaged[info.header_offset + 80] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(SourceError, match=r"b\.xlsx: cannot be read as a workbook"):
        load(engine, path)


def test_workbooks_are_united_by_name(engine: DuckEngine, tmp_path: Path) -> None:
    for i, rows in enumerate(([["a", "b"], [1, "x"]], [["b", "c"], [2, 3]])):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / f"{i}.xlsx")
    load(engine, tmp_path)
    assert engine.rows("from raw.data") == [(1, "x", None), (None, "2", 3)]
