"""What every transform declares, and the expressions they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from dsp.engine.relation import Field, Figures, literal

BLANKS = " \t\n\r\v\f\u00a0"
"""Characters that count as white space at the ends of a text."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of one column that a transform proposes.

    Attributes
    ----------
    column
        Name of the column.
    template
        SQL of the new value over ``{value}``, the value as the steps before left it.
    reason
        Why, one sentence.
    n_changed
        Values that are changed.
    """

    column: str
    template: str
    reason: str
    n_changed: int


class Transform(Protocol):
    """A kind of cleaning: one file of this room.

    `order` says when it is applied: a transform sees the values that those of a lower
    order leave. A column gets at most one transform with `is_cast`, the first that fits.
    """

    name: str
    order: int
    is_cast: bool

    def measures(self, column: Field, head: list[str] | None) -> Iterable[str]:
        """Return the aggregates on the raw column that the decision needs.

        `head` holds distinct texts of the first rows (None for columns that are not
        text, empty where the first rows are null); it may rule the transform out.
        """
        ...

    def propose(
        self, column: Field, head: list[str] | None, figures: Figures
    ) -> Proposal | None:
        """Return the change of the column, or None to leave it as it is."""
        ...


def trimmed(value: str) -> str:
    """Return the SQL of a text without white space at its ends."""
    return f"trim({value}, {literal(BLANKS)})"


def bare(column: Field) -> str:
    """Return the SQL of a text as blank_to_null and trim leave it."""
    return f"nullif({trimmed(column.sql)}, '')"


def bare_head(head: Iterable[str]) -> list[str]:
    """Return the texts without white space at their ends, blank ones left out."""
    return [text for text in (item.strip(BLANKS) for item in head) if text]


def templated(sql: str, value: str) -> str:
    """Return a template with its ``{value}`` filled in."""
    return sql.replace("{value}", value)


def number_of(figures: Mapping[str, object] | Figures, sql: str) -> int:
    """Return a count from the figures, 0 when it is not known."""
    found = figures.get(sql)
    return int(found) if isinstance(found, int) else 0
