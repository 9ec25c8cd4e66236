"""How the records of a text table are told apart, byte by byte, and mended one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

LINE_END = rb"(?:\r\n|\n|\r|\Z)"
SPACES, GAPS = b"spaces", b"gaps"
N_READINGS = 20_000


@dataclass(frozen=True, slots=True)
class Cells:
    """One record: its cells, where it ends (line end included) and what is wrong.

    `raw` holds the cells as they stand in the file; `fault` is empty for a record whose
    quotes are in order.
    """

    values: list[bytes]
    raw: list[bytes]
    end: int
    fault: str = ""


@dataclass(frozen=True)
class Grammar:
    """Signs that mark off the cells of a file.

    Attributes
    ----------
    delimiter
        One or more bytes; or the word ``spaces`` for runs of blanks, or ``gaps`` for
        runs of at least two.
    quote, escape
        One byte or nothing; an escape that is the quote itself means doubling.
    is_spaced
        Spaces behind a delimiter do not belong to the cell.
    """

    delimiter: bytes
    quote: bytes = b'"'
    escape: bytes = b'"'
    is_spaced: bool = False
    quoted_cell: re.Pattern[bytes] = field(init=False, repr=False, compare=False)
    plain_cell: re.Pattern[bytes] = field(init=False, repr=False, compare=False)
    step: re.Pattern[bytes] = field(init=False, repr=False, compare=False)
    closing: re.Pattern[bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the patterns of a quoted cell, a plain one and what lies between."""
        between = self.between()
        quoted = self.quoted()
        ends = rb"(?=" + between + rb"|[\r\n]|\Z)"
        found = {
            "quoted_cell": self.blanks() + quoted + self.blanks() + ends
            if quoted
            else rb"(?!)",
            "plain_cell": self.plain(),
            "step": between,
            "closing": re.escape(self.quote) + self.blanks() + ends
            if quoted
            else rb"(?!)",
        }
        for name, text in found.items():
            object.__setattr__(self, name, re.compile(text, re.DOTALL))

    @property
    def is_runs(self) -> bool:
        """Say whether runs of blanks divide the cells."""
        return self.delimiter in (SPACES, GAPS)

    @property
    def has_own_escape(self) -> bool:
        """Say whether something else than a doubled quote escapes a quote."""
        return bool(self.quote) and self.escape not in (self.quote, b"")

    def blanks(self) -> bytes:
        """Return the pattern of what may stand between a quote and a delimiter."""
        if self.is_runs:
            return b""
        signs = [sign for sign in (b" ", b"\t") if sign != self.delimiter]
        return b"[" + b"".join(signs) + b"]*+"

    def between(self) -> bytes:
        """Return the pattern of a delimiter."""
        if self.is_runs:
            return rb"[ \t]+" if self.delimiter == SPACES else rb"(?:[ ]{2,}|\t)[ \t]*"
        return re.escape(self.delimiter) + (rb"[ ]*+" if self.is_spaced else b"")

    def quoted(self, never: bytes = b"") -> bytes:
        """Return the pattern of a quoted cell, without the signs it must never hold."""
        if not self.quote:
            return b""
        q, e = re.escape(self.quote), re.escape(self.escape)
        if self.has_own_escape:
            return q + rb"((?:[^" + q + e + rb"]|" + e + rb".|" + q + q + rb")*+)" + q
        return q + rb"((?:[^" + q + never + rb"]++|" + q + q + rb")*+)" + q

    def plain(self) -> bytes:
        """Return the pattern of a cell without quotes around it."""
        if self.delimiter == SPACES:
            return rb"[^ \t\r\n]*+"
        if self.delimiter == GAPS:
            return rb"(?:[^ \t\r\n]|[ ](?![ \t\r\n]|\Z))*+"
        if len(self.delimiter) == 1:
            sign = re.escape(self.delimiter)
            if self.has_own_escape:
                e = re.escape(self.escape)
                return (
                    rb"(?:[^"
                    + sign
                    + rb"\r\n"
                    + e
                    + rb"]|"
                    + e
                    + rb"[^\r\n])*+"
                    + e
                    + b"?"
                )
            return rb"[^" + sign + rb"\r\n]*+"
        return rb"(?:(?!" + re.escape(self.delimiter) + rb")[^\r\n])*+"

    def record(self, text: bytes, start: int) -> Cells:
        """Return the record at a position, without knowing how many cells it has."""
        values: list[bytes] = []
        raw: list[bytes] = []
        fault = ""
        if self.is_runs or self.is_spaced:
            start = _SPACES.match(text, start).end()  # type: ignore[union-attr]
        n = len(text)
        while True:
            if found := self.quoted_cell.match(text, start):
                values.append(self.unquoted(found[1]))
            else:
                found = _taken(self.plain_cell, text, start)
                values.append(self.unescaped(found[0]))
                if not fault and self.quote and found[0].lstrip().startswith(self.quote):
                    fault = self._fault(text, start)
            raw.append(found[0])
            start = found.end()
            if start >= n:
                break
            if text[start] in _LINE_ENDS:
                start += 2 if text[start : start + 2] == b"\r\n" else 1
                break
            gap = self.step.match(text, start) or _SPACES.match(text, start)
            start = gap.end()  # type: ignore[union-attr]
            if self.is_runs and (start >= n or text[start] in _LINE_ENDS):
                start += 2 if text[start : start + 2] == b"\r\n" else int(start < n)
                break
        return Cells(values, raw, start, fault)

    def _fault(self, text: bytes, start: int) -> str:
        opened = text.find(self.quote, start)
        return (
            "a quote is not closed before the next cell"
            if text.find(self.quote, opened + 1) >= 0
            else "a quote is never closed"
        )

    def unquoted(self, inside: bytes) -> bytes:
        """Return what stands between quotes, with escapes taken away."""
        if self.has_own_escape and self.escape in inside:
            inside = self.unescaped(inside)
        return inside.replace(self.quote * 2, self.quote) if self.quote else inside

    def unescaped(self, text: bytes) -> bytes:
        """Return a text without its escapes; before letters and digits they stay."""
        if not self.has_own_escape or self.escape not in text:
            return text
        return re.sub(re.escape(self.escape) + rb"([^0-9A-Za-z])", rb"\1", text)

    def well_formed(self, width: int) -> re.Pattern[bytes]:
        """Return the pattern of a whole record of so many cells, line end included.

        It takes only records that DuckDB reads alike when told the same signs.
        """
        return _well_formed(self, width)

    def well_formed_lines(self, width: int, new_line: bytes) -> re.Pattern[bytes]:
        """Return the pattern of lines that are one whole record each."""
        return _well_formed_lines(self, width, new_line)

    def mended(self, line: bytes, width: int) -> list[bytes] | None:
        """Return the one reading of a line that gives so many cells, or None.

        Quotes that cannot open or close a cell are taken as text; the reading with the
        fewest of them wins, and none does when two readings have equally few.
        """
        if not self.quote or self.is_runs or width > 500 or len(line) > 100_000:
            return None
        return _Readings(self, line.rstrip(b"\r\n")).best(width)

    def written(self, cells: list[bytes]) -> bytes:
        """Return a line that DuckDB reads as these cells, when told the same signs."""
        if not self.quote:
            return self.delimiter.join(cells) + b"\n"
        q = self.quote
        shown = [
            q + cell.replace(q, q + q) + q if cell and self._needs_quotes(cell) else cell
            for cell in cells
        ]
        return self.delimiter.join(shown) + b"\n"

    def _needs_quotes(self, cell: bytes) -> bool:
        return (
            self.delimiter[:1] in cell
            or self.quote in cell
            or b"\n" in cell
            or b"\r" in cell
            or cell[0] in b" \t"
            or cell[-1] in b" \t"
        )


def _taken(pattern: re.Pattern[bytes], text: bytes, start: int) -> re.Match[bytes]:
    """Return the match of a pattern that takes nothing where it takes no more."""
    return pattern.match(text, start)  # type: ignore[return-value]


_SPACES = re.compile(rb"[ \t]*")
_LINE_ENDS = b"\r\n"


@lru_cache(maxsize=64)
def _well_formed(grammar: Grammar, width: int) -> re.Pattern[bytes]:
    return re.compile(_record(grammar, width, b"") + LINE_END, re.DOTALL)


@lru_cache(maxsize=64)
def _well_formed_lines(
    grammar: Grammar, width: int, new_line: bytes
) -> re.Pattern[bytes]:
    record = _record(grammar, width, rb"\r\n")
    return re.compile(rb"(?:" + record + re.escape(new_line) + rb")++", re.DOTALL)


def _record(grammar: Grammar, width: int, never: bytes) -> bytes:
    """Return the pattern of a record; quoted cells do not hold some signs."""
    cell = grammar.plain()
    if grammar.quote:
        opened = rb"(?!" + grammar.blanks() + re.escape(grammar.quote) + rb")"
        quoted = grammar.quoted(never).replace(rb"((?:", rb"(?:(?:")
        cell = rb"(?:" + quoted + rb"|" + opened + grammar.plain() + rb")"
    more = rb"(?:" + grammar.between() + cell + rb"){" + str(width - 1).encode() + rb"}"
    return cell + more


class _Readings:
    """Every way to read a line whose quotes are out of order, the cheapest first."""

    def __init__(self, grammar: Grammar, line: bytes) -> None:
        self.grammar = grammar
        self.line = line
        self._known: dict[tuple[int, int], tuple[int, int, int, bool]] = {}
        self._cells: dict[int, list[tuple[int, int, bool]]] = {}

    def best(self, width: int) -> list[bytes] | None:
        """Return the cells of the one cheapest reading of so many cells."""
        cost, n_ways, *_ = self._cost(0, width)
        if n_ways != 1 or cost >= _NEVER or len(self._known) > N_READINGS:
            return None
        cells: list[bytes] = []
        start = 0
        for left in range(width, 0, -1):
            _, _, end, is_quoted = self._known[start, left]
            cells.append(self._text(start, end, is_quoted))
            step = self.grammar.step.match(self.line, end)
            start = step.end() if step else end
        return cells

    def _cost(self, start: int, left: int) -> tuple[int, int, int, bool]:
        """Return stray quotes, number of ways, and the first cell of the best one."""
        key = (start, left)
        if key in self._known:
            return self._known[key]
        if len(self._known) > N_READINGS:
            return _NEVER, 0, start, False
        best, n_ways, best_end, best_kind = _NEVER, 0, start, False
        for end, cost, is_quoted in self._first_cells(start):
            step = self.grammar.step.match(self.line, end)
            if (step is None) != (left == 1):
                continue
            more, ways = 0, 1
            if step is not None:
                more, ways, *_ = self._cost(step.end(), left - 1)
            if cost + more < best:
                best, n_ways, best_end, best_kind = cost + more, ways, end, is_quoted
            elif cost + more == best and best < _NEVER:
                n_ways += ways
        self._known[key] = best, n_ways, best_end, best_kind
        return self._known[key]

    def _first_cells(self, start: int) -> list[tuple[int, int, bool]]:
        """Return end, stray quotes and kind of every cell that may begin here."""
        if start not in self._cells:
            self._cells[start] = self._find_cells(start)
        return self._cells[start]

    def _find_cells(self, start: int) -> list[tuple[int, int, bool]]:
        g = self.grammar
        plain = _taken(g.plain_cell, self.line, start)
        body = plain[0]
        blank = len(body) - len(body.lstrip(b" \t"))
        is_opened = body.startswith(g.quote, blank)
        n_opened = plain[0].count(g.quote) if is_opened else 0
        found = [(plain.end(), n_opened, False)]
        if not is_opened:
            return found
        inner = start + blank + len(g.quote)
        for closing in g.closing.finditer(self.line, inner):
            inside = g.unescaped(self.line[inner : closing.start()])
            n_stray = inside.replace(g.quote * 2, b"").count(g.quote)
            found.append((closing.end(), n_stray, True))
        return found

    def _text(self, start: int, end: int, is_quoted: bool) -> bytes:  # noqa: FBT001
        text = self.line[start:end]
        if not is_quoted:
            return self.grammar.unescaped(text)
        q = self.grammar.quote
        return self.grammar.unquoted(text.strip(b" \t")[len(q) : -len(q)])


_NEVER = 1 << 30
