"""Decides how a CSV file is written from a bounded sample of its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dsp.sources.csv_grammar import Grammar
from dsp.sources.dialect_cells import NOTHING, WORD, are_words
from dsp.sources.dialect_layout import (
    COMMENTS,
    Layout,
    Line,
    find_comment,
    find_layout,
    table_width,
)
from dsp.sources.dialect_options import Asked
from dsp.sources.dialect_signs import (
    find_signs,
    has_stray,
    named_otherwise,
    records,
)

N_BYTES = 1 << 18
N_BYTES_OPEN = 1 << 24
N_SHOWN = 5
MARK = b"\xef\xbb\xbf"
_HINT = re.compile(rb"\"?sep=(.|\\t)\"?\r?\n")


@dataclass(frozen=True, slots=True)
class Dialect:
    r"""How a file is written.

    Attributes
    ----------
    grammar
        The signs that divide records into cells.
    new_line
        What ends a line: ``\n``, ``\r\n``, ``\r``, or nothing where that changes.
    names
        Column names as written; empty ones where there is no header.
    n_header
        Lines of the file that hold the names, as records.
    start, line
        Byte (from 0) and line (from 1) of the first record of data.
    kinds
        Shape of each column: number, date, word or nothing.
    skip
        Records before the first one of data, as the engine counts them: a header with a
        line break in quotes once. None where it would count otherwise.
    header
        Cells of the line above the data, by which the same line is known further down;
        `header_line` is that line as it is written.
    comment
        Sign that begins lines of remarks.
    footer
        Lines at the end that are left out because the user says so.
    """

    grammar: Grammar
    new_line: str
    names: tuple[str, ...]
    n_header: int
    start: int
    line: int
    kinds: tuple[str, ...]
    skip: int | None = 0
    header: tuple[bytes, ...] = ()
    header_line: bytes = b""
    comment: str = ""
    footer: int = 0
    null: tuple[str, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict, compare=False)
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @property
    def width(self) -> int:
        """Return how many cells a record has."""
        return len(self.names)

    @property
    def is_plain(self) -> bool:
        """Say whether DuckDB can read such a file as it is."""
        return (
            bool(self.new_line)
            and not self.comment
            and not self.footer
            and not self.grammar.is_runs
            and not self.grammar.has_own_escape
            and len(self.grammar.delimiter) <= 4 - self.grammar.is_spaced
        )

    def facts(self) -> dict[str, Any]:
        """Return what was decided, for people."""
        grammar = self.grammar
        return {
            "delimiter": grammar.delimiter.decode() + " " * grammar.is_spaced,
            "quote": grammar.quote.decode(),
            "escape": grammar.escape.decode(),
            "header": bool(self.n_header),
            **self.notes,
        }


def sample_of(path: str) -> bytes:
    """Return the first part of a UTF-8 file, cut at a line end.

    It grows while a quote seems to be open at its end: the cell may be a long one.
    """
    n = N_BYTES
    with Path(path).open("rb") as file:
        head = file.read(n + 1)
        while len(head) > n < N_BYTES_OPEN and head.count(b'"') % 2:
            n *= 4
            head += file.read(n + 1 - len(head))
    if len(head) <= n:
        return head
    cut = max(head.rfind(b"\n"), head.rfind(b"\r", 0, n)) + 1
    return head[:cut] if cut > 0 else head


def decide(sample: bytes, asked: Asked) -> Dialect:
    """Return the dialect of a sample; what the user asks for wins over what it shows."""
    begin = len(MARK) if sample.startswith(MARK) else 0
    text = sample[begin:]
    hinted = _HINT.match(text)
    skipped = hinted.end() if hinted else 0
    for _ in range(asked.skip):
        skipped = _next_line(text, skipped)
    sign = asked.delimiter
    if sign is None and hinted:
        sign = hinted[1].replace(b"\\t", b"\t")
    body = text[skipped:]
    grammar = find_signs(
        _without_remarks(body), delimiter=sign, quote=asked.quote, escape=asked.escape
    )
    first_line = 1 + count_lines(text[:skipped])
    lines = _lines(body, grammar, first_line, begin + skipped)
    comment = asked.comment
    if comment is None:
        plain = [line for line in lines if not line.text.startswith(COMMENTS)]
        comment = find_comment(lines, asked.columns or table_width(plain or lines))
    layout = find_layout(
        lines, comment=comment, width=asked.columns, n_header=asked.header
    )
    lines, layout = _with_mended_header(lines, layout, grammar, comment, asked)
    names = layout.names[: layout.width]
    at = _data_start(lines, layout, begin + len(text))
    return Dialect(
        grammar=grammar,
        new_line=_new_line(text),
        names=tuple(name.strip() for name in names),
        n_header=len(layout.header),
        start=at[0],
        line=at[1],
        kinds=layout.kinds,
        skip=_skip(lines, at[0], text[:skipped]),
        header=_header_cells(layout),
        header_line=_header_line(layout),
        comment=comment,
        footer=asked.footer,
        null=asked.null,
        notes=_notes(lines, layout, comment, text[:skipped], asked)
        | {"first_line": at[1]},
        warnings=_warnings(layout, asked),
    )


def count_lines(text: bytes) -> int:
    """Return how many line ends a text has, of whatever kind."""
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def _next_line(text: bytes, start: int) -> int:
    found = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)").match(text, start)
    return found.end() if found else len(text)


def _without_remarks(text: bytes) -> bytes:
    """Drop lines that begin as remarks do: they would hide the signs of the records."""
    if not text.lstrip().startswith((b"#", b"//")) and b"\n#" not in text:
        return text
    kept = [x for x in text.splitlines(keepends=True) if not x.startswith((b"#", b"//"))]
    return b"".join(kept) if len(kept) > 1 else text


def _lines(text: bytes, grammar: Grammar, number: int, offset: int) -> list[Line]:
    lines: list[Line] = []
    start = 0
    for found in records(text, grammar, n_bytes=N_BYTES):
        shown = text[start : found.end]
        cells = tuple(value.decode(errors="replace") for value in found.values)
        lines.append(
            Line(
                number=number,
                start=offset + start,
                end=offset + found.end,
                text=shown.decode(errors="replace"),
                cells=cells,
                is_odd=bool(found.fault) or has_stray(found, grammar),
            )
        )
        number += count_lines(shown)
        start = found.end
    return lines


def _with_mended_header(
    lines: list[Line], layout: Layout, grammar: Grammar, comment: str, asked: Asked
) -> tuple[list[Line], Layout]:
    """Read a top line with stray quotes or another delimiter as the rest needs it."""
    width = layout.width
    mended = list(lines)
    full = next((i for i, x in enumerate(lines) if len(x.cells) == width), 0)
    for i, line in enumerate(lines[: max(full, layout.first) + 1]):
        raw = line.text.encode()
        cells: list[bytes] | None = None
        if line.is_odd and grammar.record(raw, 0).fault:
            cells = grammar.mended(raw, width)
        elif i == full - 1 and width > 2 and not are_words(lines[full].cells):
            cells = named_otherwise(raw, grammar, width)
        if cells is not None:
            shown = tuple(cell.decode(errors="replace") for cell in cells)
            mended[i] = replace(line, cells=shown)
    if mended == lines:
        return lines, layout
    again = find_layout(
        mended, comment=comment, width=asked.columns, n_header=asked.header
    )
    return mended, again


def _data_start(lines: Sequence[Line], layout: Layout, end: int) -> tuple[int, int]:
    if layout.first < len(lines):
        return lines[layout.first].start, lines[layout.first].number
    if not lines:
        return end, 1
    return lines[-1].end, lines[-1].number + count_lines(lines[-1].text.encode())


def _skip(lines: Sequence[Line], start: int, skipped: bytes) -> int | None:
    """Return how many records stand above the data, if all engines count them alike."""
    above = [line for line in lines if line.start < start]
    if any(line.is_odd for line in above) or b'"' in skipped or b"'" in skipped:
        return None
    return len(above) + count_lines(skipped)


def _header_cells(layout: Layout) -> tuple[bytes, ...]:
    if not layout.header or (layout.width == 1 and layout.kinds[0] in (WORD, NOTHING)):
        return ()
    cells = layout.header[-1].cells
    if not any(cell.strip() for cell in cells):
        return ()
    return tuple(cell.strip().encode() for cell in cells)


def _header_line(layout: Layout) -> bytes:
    if not _header_cells(layout):
        return b""
    return layout.header[-1].text.rstrip("\r\n").encode()


def _new_line(text: bytes) -> str:
    """Return what ends the lines of a sample; nothing when that changes."""
    n_both, n_feeds, n_returns = text.count(b"\r\n"), text.count(b"\n"), text.count(b"\r")
    if not n_feeds:
        return "\r" if n_returns else "\n"
    if not n_returns:
        return "\n"
    return "\r\n" if n_both == n_feeds == n_returns else ""


def _notes(
    lines: Sequence[Line],
    layout: Layout,
    comment: str,
    skipped: bytes,
    asked: Asked,
) -> dict[str, Any]:
    """Say what stands above the data: remarks, several lines of names, units."""
    notes: dict[str, Any] = {}
    n_header = sum(
        count_lines(line.text.rstrip("\r\n").encode()) + 1 for line in layout.header
    )
    others = {line.number: what for what, line in layout.others}
    known = {line.number for line in layout.header} | set(others)
    above = [
        line
        for line in lines[: layout.first]
        if line.number not in known
        and not line.is_blank
        and not (comment and line.text.startswith(comment))
    ]
    first = layout.header[0].number if layout.header else None
    if first is None:
        first = lines[layout.first].number if layout.first < len(lines) else 1
    notes["lines_skipped"] = first - 1
    if n_header > 1:
        notes["header_lines"] = n_header
    if asked.footer:
        notes["footer_left_out"] = asked.footer
    if above:
        notes["preamble"] = [line.text.strip()[:200] for line in above[:N_SHOWN]]
    if skipped and not asked.skip:
        notes["preamble"] = [skipped.decode(errors="replace").strip()]
    for what, line in layout.others:
        cells = [cell.strip() for cell in line.cells]
        if what in ("units", "types"):
            named = zip(layout.names, cells, strict=False)
            key = "units" if what == "units" else "declared_types"
            notes[key] = {name.strip(): cell for name, cell in named if cell}
        else:
            notes["names_again"] = [*notes.get("names_again", []), line.number]
    if not _new_line(b"".join(line.text.encode() for line in lines)):
        notes["line_ends"] = "mixed"
    if comment:
        notes["comment"] = comment
    return notes


def _warnings(layout: Layout, asked: Asked) -> tuple[str, ...]:
    said = []
    for what, line in layout.others:
        if what in ("units", "types"):
            said.append(
                f"line {line.number} holds {what}, not data: it is left out; "
                "header=1 keeps it"
            )
    if len(layout.header) > 1 and asked.header is None:
        shown = f"{layout.header[0].number} to {layout.header[-1].number}"
        said.append(f"the names come from lines {shown}; header=1 takes one")
    return tuple(said)
