"""Decides how a CSV file is written from a bounded sample of its text."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from dsp.errors import SettingError

N_BYTES = 1 << 18
DELIMITERS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"\s*[+-]?[$€£]?\d[\d.,]*([eE][+-]?\d+)?%?\s*")
_DATE = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")
_YEAR = re.compile(r"(1[5-9]|20|21)\d\d")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written.

    Attributes
    ----------
    skip
        Records before the first one of data, header and blank lines included: the
        engine counts a header with a line break in quotes once.
    preamble
        Lines above the header that hold no data.
    names
        Column names as written; empty ones where there is no header.
    """

    delimiter: str
    quote: str
    escape: str
    skip: int
    preamble: int
    has_header: bool
    names: tuple[str, ...]
    new_line: str = ""

    def facts(self) -> dict[str, Any]:
        """Return what was decided, for people."""
        return {
            "delimiter": self.delimiter,
            "quote": self.quote,
            "escape": self.escape,
            "header": self.has_header,
            "lines_skipped": self.preamble,
        }


def sample_of(path: str) -> str:
    """Return the first part of a UTF-8 file, cut at a line end."""
    with Path(path).open("rb") as file:
        head = file.read(N_BYTES + 1)
    text = head.decode("utf-8-sig", errors="replace")
    if len(head) > N_BYTES:
        cut = max(text.rfind("\n"), text.rfind("\r"))
        text = text[: cut + 1] if cut > 0 else text
    return text


def decide(text: str, options: dict[str, Any]) -> Dialect:
    """Return the dialect of a sample; `options` win over what the sample shows."""
    hinted = re.match(r"\"?sep=(.)\"?\r?\n", text)
    given = options.get("delimiter") or (hinted.group(1) if hinted else None)
    quote = options.get("quote") or _quote(text)
    delimiter = given or _delimiter(text, quote)
    rows = _rows(text, delimiter, quote)
    if hinted:
        rows = rows[1:]
    width = _width(rows)
    escape = options.get("escape") or _escape(text, quote)
    if not given and _is_spaced(text, delimiter, quote):
        delimiter += " "
    first = _first(rows, width)
    body = [cells for _, cells in rows[first:]]
    asked = options.get("header")
    has_header = _header(body, width) if asked is None else _flag(asked)
    names = [""] * width
    start = rows[first - 1][0] if first else (1 if hinted else 0)
    skip = preamble = start
    if has_header and body:
        names = _names(body, width)
        skip = rows[first][0]
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        escape=escape,
        skip=skip,
        preamble=preamble,
        has_header=has_header,
        names=tuple(name.strip() for name in names),
        new_line=_new_line(text),
    )


def _new_line(text: str) -> str:
    """Return the line end where DuckDB has to be told; mixed ends are named so."""
    if "\n" not in text:
        return "\\r" if "\r" in text else ""
    n_windows = text.count("\r\n")
    return "mixed" if 0 < n_windows < text.count("\n") else ""


def _flag(value: Any) -> bool:
    text = str(value).strip().casefold()
    if text in ("true", "yes", "1"):
        return True
    if text in ("false", "no", "0"):
        return False
    raise SettingError(f'header cannot be "{value}"', hint="write header=true or false")


def _rows(text: str, delimiter: str, quote: str) -> list[tuple[int, list[str]]]:
    """Return records with their positions, counted from 1; blank ones dropped."""
    csv.field_size_limit(N_BYTES * 4)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter[0],
        quotechar=quote or None,
        skipinitialspace=bool(quote) and f"{delimiter} {quote}" in text,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    return [(position, cells) for position, cells in enumerate(reader, 1) if cells]


def _quote(text: str) -> str:
    single = len(re.findall(r"(?:^|[,;\t|])\s?'[^'\n]*'(?=[,;\t|\r\n]|$)", text, re.M))
    double = text.count('"')
    return "'" if single > 1 and not double else '"'


def _escape(text: str, quote: str) -> str:
    is_backslash = f"\\{quote}" in text and not re.search(
        rf"[^,;\t|\n\\]{quote}{quote}[^,;\t|\r\n]", text
    )
    return "\\" if is_backslash else quote


def _delimiter(text: str, quote: str) -> str:
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        rows = [cells for _, cells in _rows(text, delimiter, quote)]
        width = _width([(0, cells) for cells in rows])
        if width < 2:
            continue
        share = sum(len(cells) == width for cells in rows) / len(rows)
        cells = [cell for row in rows[:200] for cell in row]
        pure = sum(_is_pure(cell) for cell in cells) / len(cells)
        score = share * (0.3 + 0.7 * pure) * (1 - 0.5 / width)
        if score > best_score + 1e-9:
            best, best_score = delimiter, score
    return best


def _is_pure(cell: str) -> bool:
    return not any(d in cell for d in DELIMITERS) or bool(_NUMBER.fullmatch(cell))


def _width(rows: list[tuple[int, list[str]]]) -> int:
    counts = Counter(len(cells) for _, cells in rows)
    if not counts:
        return 1
    most = max(counts.values())
    return max(width for width, n in counts.items() if n == most)


def _is_spaced(text: str, delimiter: str, quote: str) -> bool:
    """Say whether a space follows every delimiter and a quote follows some of them."""
    if not quote or f"{delimiter} {quote}" not in text:
        return False
    bare = re.sub(f"{quote}[^{quote}]*{quote}", "", text)
    return bare.count(delimiter) == bare.count(f"{delimiter} ")


def _first(rows: list[tuple[int, list[str]]], width: int) -> int:
    """Return the index of the first record of the table, below any preamble."""
    for i, (_, cells) in enumerate(rows):
        if len(cells) == width:
            # A header one name short stands right above the first full record.
            above = rows[i - 1][1] if i else []
            is_short = width > 2 and len(above) == width - 1 and all(above)
            return i - 1 if is_short else i
    return 0


def _names(body: list[list[str]], width: int) -> list[str]:
    names = body[0]
    if len(names) == width - 1:
        ends_empty = all(not cells[-1] for cells in body[1:] if len(cells) == width)
        return [*names, ""] if ends_empty else ["", *names]
    return names[:width]


def _is_value(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def _header(body: list[list[str]], width: int) -> bool:
    if not body:
        return False
    top = body[0]
    below = [cells for cells in body[1:500] if len(cells) == width]
    if not any(_is_value(cell) for cell in top):
        return True
    if not below or len(top) < width:
        return not any(_is_value(cell) for cell in top) or len(top) < width
    values = [[cells[i] for cells in below if cells[i].strip()] for i in range(width)]
    for cell, column in zip(top, values, strict=True):
        # Words above numbers: this line names them.
        is_word = bool(cell.strip()) and not _is_value(cell)
        if is_word and column and all(_is_value(v) for v in column):
            return True
    numbers = [cell for cell in top if _is_value(cell)]
    years = all(_YEAR.fullmatch(cell) for cell in numbers) and len(numbers) > 1
    is_step = years and len({int(b) - int(a) for a, b in pairwise(numbers)}) == 1
    return is_step and len(numbers) < width
