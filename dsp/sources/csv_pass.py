"""Goes over a whole text table once: every line is a row, a remark, or set aside.

What the engine would read otherwise is written in plain form to a copy; a file that is in
order throughout is left alone and read as it is.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from dsp.sources.base import Job
from dsp.sources.csv_grammar import Grammar
from dsp.sources.csv_ledger import Ledger
from dsp.sources.csv_settle import PADDED, Settled, Settler
from dsp.sources.dialect import Dialect, count_lines
from dsp.sources.dialect_cells import agreement
from dsp.sources.dialect_signs import line_end

BLOCK = 1 << 20
IN_MEMORY = 64 << 20
N_PENDING, N_FOOTER = 1_000, 10
FOOTER = "stands below the last record"
NOT_UTF8 = "is not utf-8 text"
COMMENT, BLANK, AGAIN = "comment_lines", "blank_lines", "header_repeated"
BELOW = "footer_lines"
OTHER_TABLE, CHANGED = "another table", "line_ends_changed"
LINE_ENDS = (b"\n", b"\r\n", b"\r")


@dataclass(frozen=True, slots=True)
class Passed:
    """A file gone over: what the engine has to read, how, and the accounts."""

    path: str
    dialect: Dialect
    ledger: Ledger
    longest: int
    is_copy: bool


class Pass:
    """One pass over a file."""

    def __init__(self, path: str, shown: str, dialect: Dialect, job: Job) -> None:
        self.path = path
        self.job = job
        self.dialect = dialect
        self.ledger = Ledger(shown, job.scratch)
        self.target = _target(dialect)
        self.is_rewritten = self.target.grammar != dialect.grammar
        self.new_line = dialect.new_line.encode()
        self.marks = _marks(dialect)
        self.longest = 0
        self.checks_text = False
        self.out: IO[bytes] | None = None
        self.copy: Path | None = None
        self.kept = (dialect.start, dialect.start)
        self.pending: list[tuple[int, int, Settled]] = []
        self.n_blank_before = 0
        self.other_table = ""

    def run(self, *, checks_text: bool = False) -> Passed:
        """Go over the file; `checks_text` sets records aside that are not UTF-8."""
        self.checks_text = checks_text
        with Path(self.path).open("rb") as file:
            self.text: Any = _content(file)
            self.limit = _without_footer(self.text, self.dialect.footer)
            self.settler = Settler(self.text, self.dialect, self.limit)
            self.whole = self.dialect.grammar.well_formed(self.dialect.width)
            try:
                self._go()
                self._end()
            finally:
                if self.out is not None:
                    self.out.close()
                if isinstance(self.text, mmap.mmap):
                    self.text.close()
        is_copy = self.copy is not None
        dialect = self.target if is_copy else self.dialect
        path = str(self.copy) if is_copy else self.path
        return Passed(path, dialect, self.ledger, self.longest, is_copy)

    def _go(self) -> None:
        at, line = self.dialect.start, self.dialect.line
        is_cut = self.limit < len(self.text)
        if self.is_rewritten or is_cut or not self.new_line or self.dialect.skip is None:
            self._begin_copy()
        while at < self.limit:
            block = self._clean_block(at)
            if block:
                n = block.count(self.new_line)
                self._keep(at, at + len(block), line, n, n)
                at, line = at + len(block), line + n
            else:
                at, line = self._one_by_one(at, line, min(at + BLOCK, self.limit))
            self.job.tick(at, self.limit, unit="bytes", message="checking records")

    def _clean_block(self, at: int) -> bytes:
        """Return the next lines when all of them are records in order, else nothing."""
        grammar, new_line = self.dialect.grammar, self.new_line
        if self.is_rewritten or not new_line or self.checks_text or self.other_table:
            return b""
        cut = self.text.rfind(new_line, at, min(at + BLOCK, self.limit))
        if cut < 0 or self.n_blank_before:
            return b""
        block = bytes(self.text[at : cut + len(new_line)])
        if not has_one_line_end(block, new_line):
            return b""
        lines = block.split(new_line)
        lines.pop()
        n = self.dialect.width - 1
        if grammar.quote and grammar.quote in block:
            whole = grammar.well_formed_lines(self.dialect.width, new_line)
            if not whole.fullmatch(block):
                return b""
        elif n and any(line.count(grammar.delimiter) != n for line in lines):
            return b""
        if not all(lines) or any(
            block.startswith(mark) or new_line + mark in block for mark in self.marks
        ):
            return b""
        self.longest = max(self.longest, *map(len, lines))
        return block

    def _one_by_one(self, at: int, line: int, stop: int) -> tuple[int, int]:
        """Go on record by record until a position is reached."""
        comment = self.dialect.comment.encode()
        text, match = self.text, self.whole.match
        firsts = {mark[0] for mark in self.marks}
        while at < stop:
            end = line_end(text, at)
            if end - at < 3 and not text[at:end].strip():
                self._leave_out(BLANK, at, end)
                self.n_blank_before += 1
                at, line = end, line + 1
                continue
            if (
                comment
                and text[at : at + len(comment)] == comment
                and not match(text, at)
            ):
                self._leave_out(COMMENT, at, end)
                at, line = end, line + 1
                continue
            is_plain = not (self.checks_text or self.other_table or self.n_blank_before)
            found = match(text, at) if is_plain else None
            if found is None or found.end() != end or text[at] in firsts:
                at, line = self._odd(at, line, end)
            else:
                self._keep(at, end, line, 1, 1)
                at, line = end, line + 1
        return at, line

    def _odd(self, at: int, line: int, end: int) -> tuple[int, int]:
        """Settle a record that is not plainly a row; return where the next one is."""
        is_after_blank, self.n_blank_before = self.n_blank_before > 0, 0
        if self.checks_text and not _is_text(self.text[at:end]):
            self._reject(at, end, line, NOT_UTF8)
            return end, line + 1
        if self.other_table:
            self._reject(at, end, line, self.other_table)
            return end, line + 1
        comment = self.dialect.comment.encode()
        if comment and self.text[at : at + len(comment)] == comment:
            self._reject(at, end, line, f"begins as remarks do ({self.dialect.comment})")
            return end, line + 1
        if self._is_header(at):
            self._leave_out(AGAIN, at, end)
            self.ledger.note(AGAIN, line)
            return end, line + 1
        stop = self._row_end(at)
        names = None
        if is_after_blank or not stop:
            names = self.settler.starts_a_table(at, is_after_blank=is_after_blank)
        if names is not None:
            self._settle_pending(is_end=True)
            shown = ", ".join(names[:5])
            self.other_table = f"belongs to another table, from line {line} on ({shown})"
            self.ledger.note(OTHER_TABLE, line)
            self._reject(at, end, line, self.other_table)
            return end, line + 1
        if stop:
            n = max(1, count_lines(self.text[at:stop]))
            self._keep(at, stop, line, 1, n)
            return stop, line + n
        settled = self.settler.settle(at)
        n = max(1, count_lines(self.text[at : settled.end]))
        if settled.cells is not None and not settled.kind:
            self._settle_pending()
            self._write(line, n, settled)
        else:
            self._wait(at, line, settled, is_after_blank=is_after_blank)
        return settled.end, line + n

    def _row_end(self, at: int) -> int:
        """Return where the record at a position ends if it is in order, else 0."""
        found = self.whole.match(self.text, at)
        if found is None or found.end() > self.limit:
            return 0
        n = count_lines(found[0])
        if n > 4 and self.settler.is_swallowing(at, found.end()):
            return 0
        return int(found.end())

    def _is_header(self, at: int) -> bool:
        if not any(self.text[at : at + len(mark)] == mark for mark in self.marks):
            return False
        found = self.dialect.grammar.record(self.text, at)
        return tuple(cell.strip() for cell in found.values) == self.dialect.header

    def _wait(
        self, at: int, line: int, settled: Settled, *, is_after_blank: bool
    ) -> None:
        """Hold a record back: what ends the file may be a footer."""
        if settled.kind == PADDED and is_after_blank:
            self.pending.append((at, line, replace(settled, kind=FOOTER)))
        else:
            self.pending.append((at, line, settled))
        if len(self.pending) > N_PENDING:
            self._settle_pending()

    def _settle_pending(self, *, is_end: bool = False) -> None:
        waiting, self.pending = self.pending, []
        is_end = is_end and len(waiting) <= N_FOOTER
        for at, line, settled in waiting:
            kind = settled.kind
            if settled.cells is not None and is_end and kind in (PADDED, FOOTER):
                shown = [cell.decode(errors="replace") for cell in settled.cells]
                n_fit, _ = agreement(shown, self.dialect.kinds)
                is_row = kind == PADDED and (n_fit > 0 or not self.settler.n_typed)
                if not is_row:
                    settled = replace(settled, cells=None, reason=FOOTER)  # noqa: PLW2901
                    self.ledger.counts[BELOW] += 1
            elif settled.cells is None and is_end:
                reason = f"{FOOTER}: {settled.reason}"
                settled = replace(settled, reason=reason)  # noqa: PLW2901
                self.ledger.counts[BELOW] += 1
            if settled.cells is None:
                self._reject(at, settled.end, line, settled.reason)
                continue
            self.ledger.repaired(line, PADDED if kind == FOOTER else kind)
            n = max(1, count_lines(self.text[at : settled.end]))
            self._write(line, n, settled)

    def _keep(self, at: int, end: int, line: int, n_rows: int, n_lines: int) -> None:
        """Take records as they stand in the file."""
        if self.pending:
            self._settle_pending()
        self.n_blank_before = 0
        if self.is_rewritten:
            found = self.dialect.grammar.record(self.text, at)
            self._write(line, n_lines, Settled(end, found.values))
            return
        self.ledger.rows(n_rows, line, n_lines)
        if n_rows == 1:
            self.longest = max(self.longest, end - at)
        if self.kept[1] != at:
            self._flush()
            self.kept = (at, at)
        tail = bytes(self.text[max(at, end - 2) : end])
        sign = b"\r\n" if tail == b"\r\n" else tail[-1:].strip(b" \t")
        if sign in (self.new_line, b"") or sign not in LINE_ENDS:
            self.kept = (self.kept[0], end)
            return
        self._begin_copy()
        self.ledger.counts[CHANGED] += 1
        self.kept = (self.kept[0], end - len(sign))
        self._flush()
        self._begin_copy().write(self.target.new_line.encode())
        self.kept = (end, end)

    def _write(self, line: int, n_lines: int, settled: Settled) -> None:
        """Take a record in other words than it has in the file."""
        self.ledger.rows(1, line, n_lines)
        self._begin_copy()
        self._flush()
        written = self.target.grammar.written(settled.cells or [])
        if written == b"\n":
            written = self.target.grammar.quote * 2 + b"\n"
        self.longest = max(self.longest, len(written))
        self._begin_copy().write(written[:-1] + self.target.new_line.encode())
        self.kept = (settled.end, settled.end)

    def _leave_out(self, what: str, at: int, end: int) -> None:
        """Leave a line out that is no record."""
        self.ledger.counts[what] += 1
        if what == BLANK and self.dialect.width > 1 and self.kept[1] == at:
            sign = bytes(self.text[at:end])
            if sign == self.new_line:
                # The engine steps over blank lines too.
                self.kept = (self.kept[0], end)
                return
        self._begin_copy()
        self._flush()
        self.kept = (end, end)

    def _reject(self, at: int, end: int, line: int, reason: str) -> None:
        self.ledger.reject(line, at, bytes(self.text[at:end]), reason)
        self._begin_copy()
        self._flush()
        self.kept = (end, end)

    def _begin_copy(self) -> IO[bytes]:
        if self.out is None:
            self.copy = self.job.scratch(".csv")
            self.out = self.copy.open("wb")
        return self.out

    def _flush(self) -> None:
        """Write to the copy, once there is one, what was kept since the last time."""
        if self.out is None:
            return
        begin, end = self.kept
        while begin < end:
            self.out.write(self.text[begin : min(end, begin + BLOCK)])
            begin = min(end, begin + BLOCK)
        self.kept = (end, end)

    def _end(self) -> None:
        self._settle_pending(is_end=True)
        self._flush()


def has_one_line_end(text: bytes, new_line: bytes) -> bool:
    """Say whether all lines of a text end alike."""
    if new_line == b"\n":
        return b"\r" not in text
    if new_line == b"\r":
        return b"\n" not in text
    return text.count(b"\r") == text.count(b"\n") == text.count(new_line)


def _content(file: IO[bytes]) -> Any:
    size = Path(file.name).stat().st_size
    if size <= IN_MEMORY:
        return file.read()
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _is_text(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _without_footer(text: Any, n_lines: int) -> int:
    """Return where a text ends when its last lines are left out."""
    end = len(text)
    for _ in range(n_lines):
        stop = end - 1 if end and text[end - 1 : end] in (b"\n", b"\r") else end
        if text[stop - 1 : end] == b"\r\n":
            stop -= 1
        cut = max(text.rfind(b"\n", 0, stop), text.rfind(b"\r", 0, stop))
        end = cut + 1
    return end


def _marks(dialect: Dialect) -> tuple[bytes, ...]:
    """Return how lines begin that are no rows although they may look like rows."""
    marks = [dialect.comment.encode()] if dialect.comment else []
    if dialect.header and (dialect.header[0] or dialect.width > 1):
        quote, name = dialect.grammar.quote, dialect.header[0]
        follows = dialect.grammar.delimiter if not dialect.grammar.is_runs else b""
        if dialect.width == 1:
            follows = b""
        marks += [name + follows, quote + name + quote + follows] if quote else []
        marks += [] if quote else [name + follows]
    return tuple(marks)


def _target(dialect: Dialect) -> Dialect:
    """Return the plain dialect that a copy is written in."""
    grammar = dialect.grammar
    if grammar.is_runs or grammar.has_own_escape or grammar.is_spaced:
        is_long = grammar.is_runs or len(grammar.delimiter) > 4
        sign = b"," if is_long else grammar.delimiter
        quote = grammar.quote or b'"'
        grammar = Grammar(sign, quote, quote)
    return replace(
        dialect,
        grammar=grammar,
        new_line=dialect.new_line or "\n",
        start=0,
        skip=0,
        comment="",
        footer=0,
    )
