"""Finds the table in the cells of a sheet: title, header rows, body, notes below."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Row = list[Any]
MAX_HEADER_ROWS = 3
_DAY_ZERO = dt.date(1899, 12, 31)
_YEARS = range(1800, 2200)


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells that are shown as one: first and last row and column, from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Sheet:
    """A table found in a sheet.

    Attributes
    ----------
    rejects
        Row number in the sheet, text and reason of rows that are not of the table.
    """

    names: list[str]
    body: list[Row]
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)


def table_of(
    rows: list[Row],
    merges: Sequence[Merge] = (),
    *,
    header: bool | None = None,
    first_row: int = 0,
) -> Sheet:
    """Return the table that rows of cells hold.

    Parameters
    ----------
    rows
        Cells, all rows of one length; empty cells are None.
    merges
        Merged cells, in places of `rows`.
    header
        Whether the first row of the table holds names; found when None.
    first_row
        Number of the first row in the sheet, for the rejects.
    """
    sheet = Sheet([], [])
    start = _start(rows)
    if start:
        title = next(
            str(cell) for row in rows[:start] for cell in row if cell is not None
        )
        sheet.facts["lines_skipped"] = start
        sheet.warnings.append(f'rows above the table were left out: "{title[:60]}"')
    body = rows[start:]
    n_header = 0 if header is False else _n_header(body, merges, start)
    if header:
        n_header = max(1, n_header)
    sheet.names = _names(body, n_header, merges, start)
    sheet.facts["header"] = bool(n_header)
    if n_header > 1:
        sheet.facts["header_rows"] = n_header
        sheet.warnings.append(f"names were joined from {n_header} rows of the header")
    body = body[n_header:]
    at = start + n_header
    n_filled = _fill(body, merges, at)
    if n_filled:
        sheet.warnings.append(f"merged cells were repeated in {n_filled:,} cells")
    end = _end(body)
    for i, row in enumerate(body[end:], at + end):
        if text := "\t".join("" if cell is None else str(cell) for cell in row).strip():
            sheet.rejects.append((first_row + i + 1, text, "below the table"))
    body = [row for row in body[:end] if any(cell is not None for cell in row)]
    _drop_empty_columns(sheet, body)
    return sheet


def _count(row: Row) -> int:
    return sum(cell is not None for cell in row)


def _start(rows: list[Row]) -> int:
    """Return the first row of the table: those above fill fewer cells than it does."""
    counts = [_count(row) for row in rows]
    filled = sorted(count for count in counts if count)
    typical = filled[len(filled) // 2]
    if typical < 2:
        return next(i for i, count in enumerate(counts) if count)
    needed = max(2, typical * 0.5)
    for i, count in enumerate(counts):
        if count >= needed:
            # A row of a header above this one may hold a few names of groups.
            has_groups = i and counts[i - 1] >= 2 and _is_text(rows[i - 1])
            return i - 1 if has_groups and _is_text(rows[i]) else i
    return 0


def _is_text(row: Row) -> bool:
    return all(isinstance(cell, str) for cell in row if cell is not None)


def _is_name(cell: Any) -> bool:
    if isinstance(cell, str):
        return True
    is_whole = isinstance(cell, int | float) and not isinstance(cell, bool)
    return is_whole and float(cell).is_integer() and int(cell) in _YEARS


def _n_header(body: list[Row], merges: Sequence[Merge], start: int) -> int:
    """Return how many rows of names stand above the data."""
    first = [cell for cell in body[0] if cell is not None]
    is_header = all(map(_is_name, first)) and (
        any(isinstance(cell, str) for cell in first) or len(set(first)) == len(first) > 1
    )
    if not is_header or (not _is_text(body[0]) and _continues(body)):
        return 0
    n = 1
    while n < min(MAX_HEADER_ROWS, len(body) - 1):
        below = [cell for cell in body[n] if cell is not None]
        is_spread = _is_spread(merges, start + n - 1)
        is_named = bool(below) and all(map(_is_name, below))
        if not (is_named and (is_spread or _is_text(body[n]))):
            break
        if not is_spread and not _has_groups(body, n - 1):
            break
        n += 1
    return n


def _continues(body: list[Row]) -> bool:
    """Say whether numbers of the first row go on below, as values would."""
    if len(body) < 2:
        return True
    return all(
        _is_name(below) and not isinstance(below, str)
        for cell, below in zip(body[0], body[1], strict=True)
        if cell is not None and not isinstance(cell, str) and below is not None
    )


def _has_groups(body: list[Row], i: int) -> bool:
    """Say whether a row of the header names groups, each over several columns."""
    row, below = body[i], body[i + 1]
    gaps = [j for j, cell in enumerate(row) if cell is None and below[j] is not None]
    return (
        bool(gaps)
        and _is_text(row)
        and _is_text(below)
        and _count(row) < _count(below)
        and any(not _is_text(later) for later in body[i + 2 : i + 12])
    )


def _is_spread(merges: Sequence[Merge], row: int) -> bool:
    return any(m.top <= row <= m.bottom and m.right > m.left for m in merges)


def _names(body: list[Row], n: int, merges: Sequence[Merge], start: int) -> list[str]:
    width = len(body[0])
    parts: list[list[str]] = [[] for _ in range(width)]
    for i in range(n):
        row = list(body[i])
        for merge in merges:
            if merge.top == start + i:
                for j in range(merge.left, min(merge.right + 1, width)):
                    row[j] = body[i][merge.left]
        if i < n - 1 and not _is_spread(merges, start + i):
            row = _carried(row)
        for j, cell in enumerate(row):
            text = name_of(cell)
            if text and text not in parts[j][-1:]:
                parts[j].append(text)
    return [" ".join(part) for part in parts]


def _carried(row: Row) -> Row:
    """Return a row in which a name holds for the empty cells right of it."""
    last = None
    return [last := cell if cell is not None else last for cell in row]


def name_of(cell: Any) -> str:
    """Return a cell as text; whole numbers are written without a point."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _fill(body: list[Row], merges: Sequence[Merge], at: int) -> int:
    """Repeat the value of cells merged downwards, as a reader of the sheet sees it."""
    n = 0
    for merge in merges:
        top = merge.top - at
        if top < 0 or merge.bottom == merge.top or merge.right != merge.left:
            continue
        for i in range(top + 1, min(merge.bottom - at + 1, len(body))):
            if merge.left < len(body[i]):
                body[i][merge.left] = body[top][merge.left]
                n += 1
    return n


def _end(body: list[Row]) -> int:
    """Return where the table ends: after an empty row, notes or another table follow."""
    for i, row in enumerate(body):
        if _count(row) or not i:
            continue
        rest = [later for later in body[i:] if _count(later)]
        if not rest:
            return i
        if _is_note(rest, body[:i]) or _is_other_table(rest, body[:i]):
            return i
    return len(body)


def _is_note(rest: list[Row], above: list[Row]) -> bool:
    typical = sorted(map(_count, above))[len(above) // 2]
    return (
        typical > 1
        and len(rest) < 10
        and all(_count(row) == 1 and _is_text(row) for row in rest)
    )


def _is_other_table(rest: list[Row], above: list[Row]) -> bool:
    """Say whether a row of names follows, above data of its own."""
    head = rest[0]
    if len(rest) < 2 or _count(head) < 2 or not _is_text(head):
        return False
    for i, cell in enumerate(head):
        kinds = Counter(type(row[i]) for row in above if row[i] is not None)
        if cell is not None and kinds and str not in kinds:
            return True
    return False


def _drop_empty_columns(sheet: Sheet, body: list[Row]) -> None:
    kept = [
        i
        for i, name in enumerate(sheet.names)
        if name or any(row[i] is not None for row in body)
    ]
    sheet.names = [sheet.names[i] for i in kept]
    sheet.body = [[row[i] for i in kept] for row in body]


def column_of(cells: Row) -> Any:
    """Return cells as one Arrow column of the type that all of them have."""
    import pyarrow as pa

    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds or kinds == {str}:
        return pa.array(cells, pa.string())
    if kinds == {bool}:
        return pa.array(cells, pa.bool_())
    if kinds <= {int, float}:
        # A workbook stores every number as a double; whole ones are counts.
        if all(c is None or (float(c).is_integer() and abs(c) < 2**53) for c in cells):
            return pa.array([None if c is None else int(c) for c in cells], pa.int64())
        return pa.array(cells, pa.float64())
    if kinds == {dt.date}:
        return pa.array(cells, pa.date32())
    if kinds == {dt.time}:
        return pa.array(cells, pa.time64("us"))
    if kinds <= {dt.timedelta, dt.time}:
        return pa.array([_duration(cell) for cell in cells], pa.duration("us"))
    if kinds <= {dt.date, dt.datetime, dt.time}:
        return pa.array([_moment(cell) for cell in cells], pa.timestamp("us"))
    return pa.array([None if c is None else _text(c) for c in cells], pa.string())


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    return name_of(cell)


def _duration(cell: Any) -> Any:
    if not isinstance(cell, dt.time):
        return cell
    return dt.timedelta(
        hours=cell.hour,
        minutes=cell.minute,
        seconds=cell.second,
        microseconds=cell.microsecond,
    )


def _moment(cell: Any) -> Any:
    if isinstance(cell, dt.time):
        # The number of a day below one is a time of the day before the first.
        return dt.datetime.combine(_DAY_ZERO, cell)
    return dt.datetime.combine(cell, dt.time()) if type(cell) is dt.date else cell
