"""Lines for a terminal: measured in cells, cut, folded and painted."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence

import click

from dsp.numbers import printable

PIPED = 120
"""Characters of a line where no terminal reads it."""


def wide(text: str) -> int:
    """Return how many cells of a terminal text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fit(text: str, n: int, *, is_right: bool = False) -> str:
    """Return text cut or padded to exactly `n` cells of a terminal."""
    short = cut(text, n)
    blank = " " * (n - wide(short))
    return blank + short if is_right else short + blank


def cut(text: str, n: int) -> str:
    """Return text of at most `n` cells of a terminal, with an ellipsis where cut."""
    if wide(text) <= n:
        return text
    from rich.cells import set_cell_size

    return f"{set_cell_size(text, n - 1).rstrip()}…"


def flat(text: str) -> str:
    """Return text of the data on one line, without characters that steer a terminal."""
    return printable(" ".join(text.split()) if "\n" in text else text)


def folded(parts: Sequence[str], width: int, gap: str) -> Iterable[str]:
    """Yield parts joined by `gap`, with a new line where one would be too wide."""
    line = ""
    for part in parts:
        if line and wide(line) + wide(gap) + wide(part) > width:
            yield line
            line = part
        else:
            line = f"{line}{gap}{part}" if line else part
    yield line


def width_of(narrowest: int, widest: int) -> int:
    """Return the characters of a line: those of the terminal, within limits."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        return PIPED
    return max(narrowest, min(widest, shutil.get_terminal_size().columns))


def painter() -> Callable[..., str]:
    """Return what styles text: nothing where colours are not wanted."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return lambda text, **_: text
    return click.style
