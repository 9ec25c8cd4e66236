"""Blocks as plain text and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dsp.numbers import counted, printable
from dsp.result.blocks import (
    Block,
    Code,
    Facts,
    Grid,
    Heading,
    Lines,
    Picture,
    Words,
    cell,
    shorten,
)

CELL, ACROSS = 40, 12
"""Characters of a cell, and columns, of a table in plain text."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&=^:@-])")


def text_of(blocks: Iterable[Block]) -> str:
    """Return blocks as plain text, without a character that steers a terminal."""
    return "\n\n".join(part for block in blocks if (part := _text(block)))


def markdown_of(blocks: Iterable[Block]) -> str:
    """Return blocks as Markdown in which nothing of the data is markup."""
    return "\n\n".join(part for block in blocks if (part := _markdown(block)))


def line(text: object, limit: int = 400) -> str:
    """Return text of the data on one line, cut, without control characters."""
    return shorten(printable(" ".join(str(text).split())), limit)


def escaped(text: object, limit: int = 400) -> str:
    r"""Return text that Markdown shows as it is, on one line.

    Examples
    --------
    >>> print(escaped("<b> *a* | [x](y)"))
    \<b\> \*a\* \| \[x\]\(y\)
    """
    return _SPECIAL.sub(r"\\\1", line(text, limit))


def _text(block: Block) -> str:
    match block:
        case Heading(text):
            return line(text)
        case Words(text):
            return f"  {line(text, 1_000)}"
        case Facts(pairs):
            width = max((len(line(label, CELL)) for label, _ in pairs), default=0)
            return "\n".join(f"  {line(k, CELL):<{width}}  {line(v)}" for k, v in pairs)
        case Lines(items):
            return "\n".join(f"  {line(item)}" for item in items)
        case Code():
            return "\n".join(f"  {text}" for text in block.shown.splitlines())
        case Picture(_, text):
            return f"  {line(text)}" if text else ""
        case Grid():
            return "\n".join(_columns(block))


def _columns(grid: Grid) -> Iterator[str]:
    heads = [line(heading, CELL) for heading in grid.headings[:ACROSS]]
    rows = [[line(cell(v), CELL) for v in row[:ACROSS]] for row in grid.shown]
    table = [heads, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(heads))]
    for row in table:
        yield (
            "  "
            + "  ".join(f"{v:<{w}}" for v, w in zip(row, widths, strict=True)).rstrip()
        )
    if grid.n_left > 0:
        yield f"  … {counted(grid.n_left, f'more {grid.noun}')}"
    if len(grid.headings) > ACROSS:
        yield f"  … {counted(len(grid.headings) - ACROSS, 'more column')}"


def _markdown(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {escaped(text)}"
        case Words(text):
            return escaped(text, 1_000)
        case Facts(pairs):
            return "\n".join(f"- {escaped(k)}: **{escaped(v)}**" for k, v in pairs)
        case Lines(items):
            return "\n".join(f"- {escaped(item)}" for item in items)
        case Code():
            return _fenced(block.shown)
        case Picture():
            return ""
        case Grid():
            return "\n".join(_table(block))


def _table(grid: Grid) -> Iterator[str]:
    yield _row(grid.headings)
    yield _row(["---"] * len(grid.headings), is_rule=True)
    for row in grid.shown:
        yield _row([cell(value) for value in row])
    if grid.n_left > 0:
        yield f"\n… {counted(grid.n_left, f'more {grid.noun}')}"


def _row(values: Sequence[str], *, is_rule: bool = False) -> str:
    cells = values if is_rule else [escaped(v, 120) for v in values]
    return f"| {' | '.join(cells)} |"


def _fenced(code: str) -> str:
    """Return code in a fence that is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sql\n{code}\n{fence}"
