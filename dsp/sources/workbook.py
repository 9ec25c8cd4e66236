"""The process that reads a workbook: one sheet in, one Arrow file and one answer out.

Readers of workbooks end the whole process on some damaged files, or ask for more memory
than there is; here that is a failed child. It takes a job of JSON on standard input.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from typing import Any

from dsp.errors import nearest
from dsp.sources.base import unique_names
from dsp.sources.sheet_tables import Merge, column_of, table_of

MAX_CELLS = 100_000_000


class NoSheetError(ValueError):
    """A workbook does not hold the table that was asked for; made of message and hint."""


class _NoPandas:
    """Keeps pyarrow from loading pandas for its types: half a second for nothing."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ImportError(name)


def main() -> None:
    """Read the job, write the table, and print the answer as JSON."""
    sys.meta_path.insert(0, _NoPandas())
    job = json.loads(sys.stdin.buffer.read())
    limit = int(job["memory"])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = read(job)
    except NoSheetError as error:
        answer = {"error": error.args[0], "hint": error.args[1]}
    sys.stdout.write(json.dumps(answer))


def read(job: dict[str, Any]) -> dict[str, Any]:
    """Write one sheet's table as Arrow to ``job["target"]`` and say what was found."""
    import pyarrow as pa
    import python_calamine

    try:
        book = python_calamine.load_workbook(job["path"])
        name, sheet = _chosen(book, job.get("sheet"))
        rows, merges, first = _cells(sheet, job.get("range"))
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        if isinstance(error, NoSheetError):
            raise
        hint = "it is damaged, cut off, or protected by a password"
        raise NoSheetError(f"cannot be read as a workbook: {error}", hint) from error
    sheets = list(book.sheet_names)
    if not any(cell is not None for row in rows for cell in row):
        raise NoSheetError(f"sheet {name} is empty", f"sheets: {', '.join(sheets)}")
    found = table_of(rows, merges, header=job.get("header"), first_row=first)
    names = unique_names(found.names)
    columns = [column_of([row[i] for row in found.body]) for i in range(len(names))]
    table = pa.table(dict(zip(names, columns, strict=True)))
    with (
        pa.OSFile(job["target"], "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as out,
    ):
        out.write_table(table)
    others = [other for other in sheets if other != name]
    if others:
        found.warnings.insert(0, _said(name, others))
        found.facts["other_sheets"] = others
    return {
        "facts": {"sheet": name, **found.facts},
        "names": found.names,
        "warnings": found.warnings,
        "rejects": found.rejects,
    }


def _said(name: str, others: list[str]) -> str:
    shown = ", ".join(others[:8]) + (", …" if len(others) > 8 else "")
    return f'sheet "{name}" was read; --read sheet=… takes another of: {shown}'


def _chosen(book: Any, wanted: Any) -> tuple[str, Any]:
    names = list(book.sheet_names)
    if wanted is None:
        hidden = {
            m.name
            for m in book.sheets_metadata
            if not str(m.visible).endswith(".Visible")
        }
        # The first sheet with cells; cover sheets are often empty.
        for name in sorted(names, key=lambda name: name in hidden):
            sheet = book.get_sheet_by_name(name)
            if sheet.height:
                return name, sheet
        raise NoSheetError("holds no sheet with cells", "give a workbook with a table")
    if str(wanted) in names:
        return str(wanted), book.get_sheet_by_name(str(wanted))
    if str(wanted).isdigit() and 1 <= int(wanted) <= len(names):
        name = names[int(wanted) - 1]
        return name, book.get_sheet_by_name(name)
    close = nearest(str(wanted), names, n=1)
    meant = f'did you mean "{close[0]}"? ' if close else ""
    raise NoSheetError(f'no sheet named "{wanted}"', f"{meant}sheets: {', '.join(names)}")


def _cells(sheet: Any, wanted: str | None) -> tuple[list[list[Any]], list[Merge], int]:
    """Return the cells, the merged ones, and the number of the first row."""
    n_cells = sheet.height * sheet.width
    if n_cells > MAX_CELLS:
        raise NoSheetError(
            f"its cells span {sheet.height:,} rows of {sheet.width:,} columns",
            "delete what stands far away from the table",
        )
    top, left = sheet.start or (0, 0)
    rows = sheet.to_python(skip_empty_area=True)
    cells = [[None if cell == "" else cell for cell in row] for row in rows]
    width = max(map(len, cells), default=0)
    for row in cells:
        row.extend([None] * (width - len(row)))
    merges = [
        Merge(first[0] - top, first[1] - left, last[0] - top, last[1] - left)
        for first, last in sheet.merged_cell_ranges or ()
    ]
    if wanted is not None:
        cells, merges, top = _cut(cells, merges, wanted, (top, left))
    return cells, [m for m in merges if m.top >= 0 and m.left >= 0], top


def _cut(
    cells: list[list[Any]], merges: list[Merge], wanted: str, origin: tuple[int, int]
) -> tuple[list[list[Any]], list[Merge], int]:
    """Return the part of the cells that a range such as B4:F90 names."""
    found = re.fullmatch(r"([A-Za-z]{1,3})(\d+):([A-Za-z]{1,3})(\d+)", wanted.strip())
    if not found:
        raise NoSheetError(f'range cannot be "{wanted}"', "write it like B4:F90")
    top, left = int(found[2]) - 1 - origin[0], _column_number(found[1]) - origin[1]
    bottom, right = int(found[4]) - origin[0], _column_number(found[3]) + 1 - origin[1]
    top, left = max(0, top), max(0, left)
    part = [row[left:right] for row in cells[top:bottom]]
    if not part or not part[0]:
        raise NoSheetError(f"there are no cells in {wanted}", "name a range with a table")
    moved = [
        Merge(m.top - top, m.left - left, m.bottom - top, m.right - left) for m in merges
    ]
    return part, moved, origin[0] + top


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
