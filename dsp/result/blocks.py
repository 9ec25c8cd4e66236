"""What an object of a run shows, as blocks: one source for text, Markdown and HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dsp.numbers import printable

MAX_ROWS = 60
MAX_CODE = 4_000
ROWS, OBJECT, INSIGHT = 20, 150_000, 60_000
"""Rows of a result that a notebook shows; bytes of HTML of an object, of an insight."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title; the first one is that of the object."""

    text: str
    level: int = 3


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence or more; quiet ones are notes."""

    text: str
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with their values, all as text."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of equal weight: a list."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; its first rows are shown and the others counted."""

    headings: Sequence[str]
    rows: Sequence[Sequence[object]]
    noun: str = "row"
    n_rows: int | None = None

    @property
    def shown(self) -> Sequence[Sequence[object]]:
        """The rows that are shown."""
        return self.rows[:MAX_ROWS]

    @property
    def n_left(self) -> int:
        """How many rows are not shown."""
        return (len(self.rows) if self.n_rows is None else self.n_rows) - len(self.shown)

    def halved(self) -> Grid:
        """Return the table with half of the rows that are shown, all of them counted."""
        kept = self.shown[: len(self.shown) // 2]
        return replace(self, rows=kept, n_rows=len(self.shown) + self.n_left)


@dataclass(frozen=True, slots=True)
class Code:
    """A query, as it can be run; a long one is cut."""

    text: str

    @property
    def shown(self) -> str:
        """The query, or its beginning with a word on the rest."""
        text = printable(self.text[:MAX_CODE].expandtabs(4))
        if len(self.text) <= MAX_CODE:
            return text
        return f"{text}\n-- … {len(self.text):,} characters: see .sql"


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that is made when it is asked for.

    Attributes
    ----------
    draw
        Gives static HTML.
    text
        What stands for it where only text is shown; nothing when empty.
    """

    draw: Callable[[], str]
    text: str = ""


Block = Heading | Words | Facts | Lines | Grid | Code | Picture


def shorten(value: object, limit: int = 120) -> str:
    """Return a value as text of at most `limit` characters."""
    text = "–" if value is None else str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def cell(value: object) -> str:
    """Return a value as text; missing is an en dash."""
    return f"{value:,}" if isinstance(value, int) else shorten(value)
