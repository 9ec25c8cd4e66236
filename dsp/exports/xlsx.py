"""All result tables in one Excel workbook, one sheet each."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.exports.cells import (
    appearing,
    as_text,
    data_batches,
    data_schema,
    read_table,
    table_names,
)

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

MAX_ROWS = 100_000
"""Rows a sheet gets; the first sheet says when there were more."""
MAX_COLUMNS = 16_384
MAX_TEXT = 32_767
EXACT_INTEGER = 2**53
"""Excel holds numbers as doubles: larger integers are written as text."""
FIRST_DAY = date(1900, 3, 1)
"""Excel counts days wrongly before this one."""


class XlsxExport:
    """Writes ``results.xlsx``: text is never a formula or a link."""

    name = "xlsx"

    def write(self, engine: DuckEngine, folder: Path) -> list[Path]:
        """Write the workbook and return its path."""
        import xlsxwriter

        path = folder / "results.xlsx"
        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "constant_memory": True,
        }
        with appearing(path) as unfinished:
            book = xlsxwriter.Workbook(str(unfinished), options)
            # Two exports of the same results are the same bytes.
            book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001
            book.add_format()
            _about(book, engine)
            for name in table_names():
                table = read_table(engine, name)
                _sheet(book, name, table.schema.names, [table])
            _sheet(book, "data", data_schema(engine).names, data_batches(engine))
            book.close()
        return [path]


plugin = XlsxExport()


def _about(book: Any, engine: DuckEngine) -> None:
    sheet = book.add_worksheet("about")
    sheet.write_row(0, 0, ["table", "rows", "rows written", "note"])
    names = [("main", name) for name in table_names()] + [("clean", "data")]
    for line, (schema, name) in enumerate(names, start=1):
        n_rows = engine.rows(f"select count(*) from {schema}.{name}")[0][0]
        kept = min(n_rows, MAX_ROWS)
        note = (
            "" if kept == n_rows else f"only the first {kept:,} rows; see parquet or csv"
        )
        sheet.write_row(line, 0, [name, n_rows, kept, note])
    sheet.set_column(0, 3, 18)


def _sheet(book: Any, name: str, headings: list[str], batches: Iterable[Any]) -> None:
    sheet = book.add_worksheet(name)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate(headings[:MAX_COLUMNS]):
        sheet.write_string(0, column, heading[:MAX_TEXT])
    line = 0
    for batch in batches:
        wanted = batch.slice(0, MAX_ROWS - line)
        columns = [
            wanted.column(i).to_pylist() for i in range(len(headings[:MAX_COLUMNS]))
        ]
        for row in zip(*columns, strict=True):
            line += 1
            for column, value in enumerate(row):
                _cell(sheet, line, column, value, day)
        if line >= MAX_ROWS:
            break


def _cell(sheet: Any, line: int, column: int, value: Any, day: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, column, value)
    elif _is_exact(value):
        sheet.write_number(line, column, value)
    elif type(value) is date and value >= FIRST_DAY:
        sheet.write_datetime(line, column, value, day)
    else:
        text = as_text(value) or ""
        cut = text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
        sheet.write_string(line, column, cut)


def _is_exact(value: Any) -> bool:
    """Return whether a cell holds the number without loss."""
    if isinstance(value, int):
        return abs(value) <= EXACT_INTEGER
    return isinstance(value, float) and math.isfinite(value)
