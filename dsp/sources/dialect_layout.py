"""Finds the table among the lines of a sample: remarks, header, units, first record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dsp.sources.dialect_cells import (
    DATE,
    NOTHING,
    NUMBER,
    WORD,
    agreement,
    are_types,
    are_units,
    are_words,
    are_years,
    shape,
    shapes,
)

COMMENTS = ("#", "//")
N_TOP = 50
N_HEADER = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A record of the sample: its first line (from 1), its bytes and its cells.

    `is_odd` says that quotes stand where they cannot open or close a cell.
    """

    number: int
    start: int
    end: int
    text: str
    cells: tuple[str, ...]
    is_odd: bool = False

    @property
    def is_blank(self) -> bool:
        """Say whether nothing stands on the line."""
        return not self.text.strip()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table is.

    Attributes
    ----------
    width
        Cells of a record.
    names
        As written; empty ones where there are none.
    header
        Lines that hold the names.
    first
        Index of the first record of data; the number of lines when there is none.
    others
        Lines below the names that are no data, with what they are.
    kinds
        Shape of each column.
    """

    width: int
    names: tuple[str, ...]
    header: tuple[Line, ...]
    first: int
    kinds: tuple[str, ...]
    others: tuple[tuple[str, Line], ...] = ()


def find_comment(lines: Sequence[Line], width: int) -> str:
    """Return the sign that begins remarks between the records, or nothing."""
    for sign in COMMENTS:
        marked = [i for i, line in enumerate(lines) if line.text.startswith(sign)]
        if not marked:
            continue
        n_records = sum(len(lines[i].cells) == width for i in marked)
        filled = [i for i, line in enumerate(lines) if not line.is_blank]
        is_on_top = width > 1 and marked[0] == filled[0]
        is_all = len(filled) == len(marked) or n_records * 2 > len(filled)
        if not n_records or (is_on_top and not is_all):
            return sign
    return ""


def find_layout(
    lines: Sequence[Line],
    *,
    comment: str = "",
    width: int | None = None,
    n_header: int | None = None,
) -> Layout:
    """Return where the table is; a width and a number of header lines may be given."""
    kept = [
        i
        for i, line in enumerate(lines)
        if not line.is_blank and not (comment and line.text.startswith(comment))
    ]
    found = [lines[i] for i in kept]
    wide = table_width(found)
    if n_header == 0 and width:
        wide = width
    top = _marked_header(lines, found, comment, wide) if n_header != 0 else None
    if top is not None:
        body = [line.cells for line in found if len(line.cells) == wide]
        names = (top.cells[0].lstrip(comment).strip(), *top.cells[1:])
        at = lines.index(top)
        first = next((i for i in kept if i > at), len(lines))
        return Layout(wide, names, (top,), first, shapes(body, wide))
    start = _first(found, wide) if n_header is None else _first_full(found, wide)
    rows = found[start:]
    n, others = _header(rows, wide) if n_header is None else (n_header, ())
    head = rows[: n or 0]
    if head and not width:
        wide = _width_with(head[-1].cells, wide, rows[n:])
    wide = width or wide
    skipped = n + len(others)
    body = _body(rows[skipped:], wide, head)
    return Layout(
        width=wide,
        names=_names(head, wide, body, is_given=width is not None),
        header=tuple(head),
        first=kept[start + skipped] if start + skipped < len(kept) else len(lines),
        kinds=shapes(body, wide),
        others=others,
    )


def _body(
    rows: Sequence[Line], width: int, header: Sequence[Line]
) -> list[tuple[str, ...]]:
    """Return the cells of the records up to the first gap, if those are enough."""
    names = header[-1].cells if header else ()
    full = [line for line in rows if len(line.cells) == width and line.cells != names]
    for i, (line, after) in enumerate(pairwise(full), 1):
        n_lines = max(1, line.text.count("\n"), line.text.count("\r"))
        if after.number > line.number + n_lines and i > 1:
            return [x.cells for x in full[:i]]
    return [line.cells for line in full]


def table_width(lines: Sequence[Line]) -> int:
    """Return how many cells the records of the table have.

    That is the commonest number; of tables below each other, the first that is not small
    beside the others.
    """
    counts = Counter(len(line.cells) for line in lines)
    if not counts:
        return 1
    most = max(counts.values())
    block: list[Line] = []
    for line in [*lines[:N_TOP], None]:
        is_next = (
            line is not None
            and bool(block)
            and len(line.cells) == len(block[0].cells)
            and line.number - block[-1].number < 2 + block[-1].text.count("\n")
        )
        if line is not None and (is_next or not block):
            block.append(line)
            continue
        if _is_table(block) and counts[len(block[0].cells)] * 5 >= most:
            return len(block[0].cells)
        block = [] if line is None else [line]
    return max(width for width, n in counts.items() if n == most)


def _is_table(block: Sequence[Line]) -> bool:
    """Say whether lines are a table of their own: names above numbers or dates."""
    width = len(block[0].cells) if block else 0
    if len(block) < 3 or width < 2:
        return False
    kinds = shapes([line.cells for line in block[1:]], width)
    n_fit, n_not = agreement(block[0].cells, kinds)
    return n_not > 0 and not n_fit


def _marked_header(
    lines: Sequence[Line], found: Sequence[Line], comment: str, width: int
) -> Line | None:
    """Return the line of names that begins with the sign of remarks, if one does."""
    if not comment or not found:
        return None
    above = [
        line for line in lines if line.number < found[0].number and not line.is_blank
    ]
    if not above or len(above[-1].cells) != width or width < 2:
        return None
    body = [line.cells for line in found[1:] if len(line.cells) == width]
    is_named = _is_header(found[0].cells, body or [found[0].cells], width)
    return above[-1] if are_words(above[-1].cells) and not is_named else None


def _first_full(lines: Sequence[Line], width: int) -> int:
    return next((i for i, line in enumerate(lines) if len(line.cells) == width), 0)


def _first(lines: Sequence[Line], width: int) -> int:
    """Return the index of the first record of the table, below any remarks."""
    start = _first_full(lines, width)
    if start:
        above, full = lines[start - 1], lines[start]
        is_near = full.number - above.number == 1 + above.text.rstrip("\r\n").count("\n")
        n = len(above.cells)
        is_named = (
            n > 1 and is_near and are_words(above.cells) and not are_words(full.cells)
        )
        if is_named and (
            (n == width - 1 and all(above.cells) and width > 2)
            or (n > width and all(above.cells))
            or (n == width + 1 and above.cells.count("") == 1)
        ):
            return start - 1
    return _below_remarks(lines, start, width)


def _below_remarks(lines: Sequence[Line], start: int, width: int) -> int:
    """Step over lines that are padded with delimiters but hold one remark or none."""
    if width < 3:
        return start
    is_parted = False
    for i in range(start, min(len(lines), start + N_TOP)):
        cells = lines[i].cells
        n_filled = sum(bool(cell.strip()) for cell in cells)
        is_sparse = len(cells) != width or n_filled < 2
        if is_sparse and not (n_filled and not are_words(cells) and not is_parted):
            is_parted = is_parted or not n_filled
            continue
        if i == start:
            return start
        full = n_filled >= width - 1 and (are_words(cells) or are_years(cells))
        return i if is_parted or full else start
    return start


def _header(rows: Sequence[Line], width: int) -> tuple[int, tuple[tuple[str, Line], ...]]:
    """Return how many lines hold names, and lines below them that are no data."""
    cells = [line.cells for line in rows[: N_TOP * 10]]
    if not cells or not _is_header(cells[0], cells[1:], width):
        return 0, ()
    n = 1
    while n < min(N_HEADER, len(cells) - 1) and _is_more_header(cells, n, width):
        n += 1
    others: list[tuple[str, Line]] = []
    for line in rows[n : n + 3]:
        names = [cell.strip() for cell in cells[n - 1]]
        if [cell.strip() for cell in line.cells] == names:
            others.append(("header again", line))
        elif len(rows) > n + len(others) + 1 and _is_units(line, rows[n:], width):
            others.append(("units", line))
        elif len(rows) > n + len(others) and are_types(line.cells):
            others.append(("types", line))
        else:
            break
    return n, tuple(others)


def _is_units(line: Line, rows: Sequence[Line], width: int) -> bool:
    if len(line.cells) != width or not are_units(line.cells):
        return False
    below = [r.cells for r in rows if r.number > line.number and len(r.cells) == width]
    kinds = shapes(below, width)
    n_fit, n_not = agreement(line.cells, kinds)
    return n_not > 0 and not n_fit


def _is_header(top: Sequence[str], below: Sequence[Sequence[str]], width: int) -> bool:
    body = [cells for cells in below if len(cells) == width]
    is_named = not any(shape(cell) in (NUMBER, DATE) for cell in top)
    if is_named or not body or len(top) < width:
        return is_named or len(top) < width
    # A second line of names or units must not hide the numbers below it.
    kinds = shapes(body[2:] if len(body) > 4 else body, width)
    for cell, kind in zip(top, kinds, strict=False):
        if shape(cell) == WORD and kind in (NUMBER, DATE):
            return True
    return are_years(top)


def _is_more_header(cells: Sequence[Sequence[str]], n: int, width: int) -> bool:
    """Say whether line `n` holds names too: words above numbers, nowhere a value."""
    line = cells[n]
    below = [row for row in cells[n + 1 :] if len(row) == width]
    if len(line) != width or not below or are_units(line) or are_types(line):
        return False
    if [c.strip() for c in line] == [c.strip() for c in cells[n - 1]]:
        return False
    kinds = shapes(below[2:] if len(below) > 4 else below, width)
    typed = [i for i, kind in enumerate(kinds) if kind in (NUMBER, DATE)]
    n_fit, n_not = agreement(line, kinds)
    is_merged = any(not cell.strip() for cell in cells[n - 1][1:])
    if are_years([*line, ""]) and is_merged and len(typed) > 1:
        return not n_not
    if n_fit or n_not < len(typed) or not typed:
        return False
    distinct = {line[i].strip().casefold() for i in typed}
    return is_merged or (len(typed) > 1 and len(distinct) > 1)


def _width_with(names: Sequence[str], width: int, rows: Sequence[Line]) -> int:
    """Return the width when more names are given than any record has cells."""
    longest = max((len(line.cells) for line in rows), default=0)
    if len(names) > width and all(names) and longest <= len(names):
        return len(names)
    return width


def _names(
    header: Sequence[Line],
    width: int,
    body: Sequence[Sequence[str]],
    *,
    is_given: bool,
) -> tuple[str, ...]:
    """Return one name a column; lines of a header are joined, merged cells repeated."""
    if not header:
        return ("",) * width
    parts = [_fitted(line.cells, width, body, is_given=is_given) for line in header]
    spread = [_spread(cells) for cells in parts[:-1]] + [parts[-1]]
    columns = zip(*spread, strict=True)
    return tuple(" ".join(p.strip() for p in column if p.strip()) for column in columns)


def _spread(cells: Sequence[str]) -> list[str]:
    """Repeat a name over the empty cells right of it."""
    shown: list[str] = []
    for cell in cells:
        shown.append(cell if cell.strip() or not shown else shown[-1])
    return shown


def _fitted(
    cells: Sequence[str], width: int, body: Sequence[Sequence[str]], *, is_given: bool
) -> list[str]:
    names = list(cells)
    if len(names) == width - 1 and not is_given:
        ends_empty = all(shape(row[-1]) == NOTHING for row in body)
        return [*names, ""] if ends_empty else ["", *names]
    if len(names) == width + 1 and names.count("") == 1:
        names.remove("")
    while len(names) > width and not names[-1].strip():
        names.pop()
    return [*names[:width], *[""] * (width - len(names))]
