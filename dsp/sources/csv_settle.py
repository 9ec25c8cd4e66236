"""Decides what becomes of a record that does not have the form of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dsp.sources.csv_grammar import Cells, Grammar
from dsp.sources.dialect import Dialect
from dsp.sources.dialect_cells import NOTHING, WORD, agreement, are_words
from dsp.sources.dialect_signs import USUAL, line_end

PADDED = "short records, padded with empty cells"
CUT = "records with empty cells behind the last column, cut"
STRAY = "records with a stray quote, read as text"
OTHER_SIGN = "records written with another delimiter"
RETURN = "records with a carriage return in a cell without quotes"


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a record: `cells` when it is a row, else the `reason` why not.

    `kind` names the repair, if one was needed; `end` is where the record ends.
    """

    end: int
    cells: list[bytes] | None = None
    kind: str = ""
    reason: str = ""


class Settler:
    """Settles single records by the dialect of their file."""

    def __init__(self, text: Any, dialect: Dialect, limit: int) -> None:
        self.text = text
        self.limit = limit
        self.grammar = dialect.grammar
        self.width = dialect.width
        self.kinds = dialect.kinds
        self.is_returns = dialect.new_line == "\r"
        self.n_typed = sum(kind not in (WORD, NOTHING) for kind in dialect.kinds)
        self.others = [
            Grammar(sign, self.grammar.quote, self.grammar.escape)
            for sign in (*USUAL, b" ")
            if sign != self.grammar.delimiter
        ]

    def settle(self, start: int) -> Settled:
        """Return what becomes of the record at a position that does not fit."""
        found = self.grammar.record(self.text, start)
        if not found.fault and self.is_swallowing(start, found.end):
            found = replace(found, fault="a quote is closed only some records later")
        is_inside = found.end <= self.limit
        if not found.fault and len(found.values) == self.width and is_inside:
            return Settled(found.end, found.values)
        end = line_end(self.text, start)
        line = bytes(self.text[start:end])
        if found.fault:
            cells = self.grammar.mended(line, self.width)
            if cells is not None:
                return Settled(end, cells, STRAY)
        if found.fault or found.end > self.limit:
            reason = found.fault or "a quote is never closed"
            return Settled(end, None, "", self._counted(found, reason))
        return self._with_return(start, line) or self._ragged(found, line)

    def is_swallowing(self, start: int, end: int) -> bool:
        """Say whether a quoted cell holds lines that are whole records themselves."""
        lines = bytes(self.text[start:end]).splitlines(keepends=True)
        if len(lines) < 5 or self.width < 3:
            return False
        whole = self.grammar.well_formed(self.width)
        return all(whole.fullmatch(line) for line in lines[1:-1])

    def starts_a_table(self, start: int, *, is_after_blank: bool) -> list[str] | None:
        """Return the names of another table that begins at a position, if one does."""
        found = self.grammar.record(self.text, start)
        names = _shown(found.values)
        n = len(names)
        if found.fault or n < 2 or not are_words(names) or not all(names):
            return None
        below: list[Sequence[str]] = []
        at = found.end
        while at < self.limit and len(below) < 2:
            record = self.grammar.record(self.text, at)
            if record.fault or len(record.values) != n:
                break
            below.append(_shown(record.values))
            at = record.end
        if not below or any(are_words(cells) for cells in below) or len(set(names)) < n:
            return None
        if n == self.width and not (is_after_blank and self._is_foreign(names)):
            return None
        return names if len(below) > 1 or is_after_blank else None

    def _is_foreign(self, names: Sequence[str]) -> bool:
        n_fit, n_not = agreement(names, self.kinds)
        return self.n_typed > 0 and n_not == self.n_typed and not n_fit

    def _with_return(self, start: int, line: bytes) -> Settled | None:
        """Read a carriage return that stands alone as part of its cell."""
        if self.is_returns or not line.endswith(b"\r"):
            return None
        feed = self.text.find(b"\n", start)
        end = min(feed + 1 if feed >= 0 else self.limit, self.limit)
        whole = bytes(self.text[start:end]).rstrip(b"\r\n")
        if len(whole) > 1_000_000 or (self.grammar.quote and self.grammar.quote in whole):
            return None
        cells = whole.split(self.grammar.delimiter)
        return Settled(end, cells, RETURN) if len(cells) == self.width else None

    def _ragged(self, found: Cells, line: bytes) -> Settled:
        cells, width = found.values, self.width
        n = len(cells)
        shown = _shown(cells)
        _, n_not = agreement(shown[:width], self.kinds)
        if n > width:
            if not any(cell.strip() for cell in cells[width:]) and not n_not:
                return Settled(found.end, cells[:width], CUT)
            return Settled(found.end, None, "", self._counted(found))
        other = self._with_other_sign(line)
        if other is not None:
            return Settled(found.end, other, OTHER_SIGN)
        if not n_not and n * 2 >= width and any(cell.strip() for cell in cells):
            return Settled(found.end, [*cells, *[b""] * (width - n)], PADDED)
        reason = self._counted(found)
        if n_not and n * 2 >= width:
            at = next(
                i
                for i, (cell, kind) in enumerate(zip(shown, self.kinds, strict=False))
                if agreement([cell], [kind])[1]
            )
            reason += f", and cell {at + 1} is no {self.kinds[at]} as in other records"
        return Settled(found.end, None, "", reason)

    def _with_other_sign(self, line: bytes) -> list[bytes] | None:
        if self.width < 3 or not self.n_typed:
            return None
        for grammar in self.others:
            if grammar.delimiter not in line:
                continue
            found = grammar.record(line, 0)
            if found.fault or len(found.values) != self.width or found.end < len(line):
                continue
            n_fit, n_not = agreement(_shown(found.values), self.kinds)
            if n_fit and not n_not:
                return found.values
        return None

    def _counted(self, found: Cells, fault: str = "") -> str:
        n = len(found.values)
        counted = f"{n} {'cell' if n == 1 else 'cells'} instead of {self.width}"
        if not fault:
            return counted
        return fault if n == self.width else f"{fault}; {counted}"


def _shown(cells: Sequence[bytes]) -> list[str]:
    return [cell.decode(errors="replace") for cell in cells]
