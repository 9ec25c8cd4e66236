"""Excel and OpenDocument workbooks, read by calamine."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dsp.errors import SourceError, nearest
from dsp.sources.base import Job, Scan, failed, unique_names


class ExcelFormat:
    """Workbooks: one sheet becomes the table."""

    name = "excel"
    suffixes = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
    options = ("sheet", "header")

    def matches(self, head: bytes) -> bool:
        """Zip files are looked into when the source is located."""
        del head
        return False

    def scan(self, job: Job) -> Scan:
        """Read one sheet of each workbook."""
        import pyarrow as pa

        tables, decisions = [], {}
        for i, path in enumerate(job.located.files):
            sheet, table = _read(path, job.located.options)
            decisions = {"sheet": sheet}
            tables.append(table)
            job.tick(i + 1, len(job.located.files), unit="files")
        table = pa.concat_tables(tables, promote_options="permissive")
        incoming = job.lend(table)
        names = tuple(table.schema.names)
        return Scan(f"select * from {incoming}", names, decisions, n_rows=table.num_rows)


def _read(path: str, options: dict[str, Any]) -> tuple[str, Any]:
    import pyarrow as pa
    import python_calamine

    try:
        book = python_calamine.load_workbook(path)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise failed(
            path,
            f"cannot be read as a workbook: {error}",
            "it is damaged, cut off, or protected by a password",
        ) from error
    sheets = list(book.sheet_names)
    sheet = _sheet(path, sheets, book, options.get("sheet"))
    try:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=True)
    except (python_calamine.CalamineError, ValueError) as error:
        raise failed(path, f"sheet {sheet} cannot be read: {error}") from error
    rows = [row for row in rows if any(cell not in ("", None) for cell in row)]
    if not rows:
        raise failed(path, f"sheet {sheet} is empty", f"sheets: {', '.join(sheets)}")
    width = max(len(row) for row in rows)
    rows = [list(row) + [""] * (width - len(row)) for row in rows]
    has_header = str(options.get("header", "true")).casefold() not in ("false", "0", "no")
    names = unique_names([_name(c) for c in rows[0]] if has_header else [""] * width)
    body = rows[1:] if has_header else rows
    columns = [_column([row[i] for row in body]) for i in range(width)]
    return sheet, pa.table(dict(zip(names, columns, strict=True)))


def _sheet(path: str, sheets: list[str], book: Any, wanted: Any) -> str:
    if wanted is None:
        # The first sheet with cells; cover sheets are often empty.
        for name in sheets:
            if book.get_sheet_by_name(name).height:
                return name
        raise failed(path, "holds no sheet with cells", "give a workbook with a table")
    if str(wanted) in sheets:
        return str(wanted)
    if str(wanted).isdigit() and 1 <= int(wanted) <= len(sheets):
        return sheets[int(wanted) - 1]
    close = nearest(str(wanted), sheets, n=1)
    meant = f'did you mean "{close[0]}"? ' if close else ""
    raise SourceError(
        f'{path}: no sheet named "{wanted}"', hint=f"{meant}sheets: {', '.join(sheets)}"
    )


def _name(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _column(cells: list[Any]) -> Any:
    """Return cells as one Arrow column of the type that all of them have."""
    import pyarrow as pa

    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.array(values, pa.string())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds <= {int, float}:
        # A workbook stores every number as a double; whole ones are counts.
        if all(v is None or (float(v).is_integer() and abs(v) < 2**53) for v in values):
            return pa.array([None if v is None else int(v) for v in values], pa.int64())
        return pa.array(values, pa.float64())
    if kinds == {dt.date}:
        return pa.array(values, pa.date32())
    if kinds == {dt.time}:
        return pa.array(values, pa.time64("us"))
    if kinds <= {dt.date, dt.datetime}:
        moments = [
            dt.datetime.combine(v, dt.time()) if type(v) is dt.date else v for v in values
        ]
        return pa.array(moments, pa.timestamp("us"))
    return pa.array([None if v is None else _name(v) for v in values], pa.string())


plugin = ExcelFormat()
