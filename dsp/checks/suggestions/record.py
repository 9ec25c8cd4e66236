"""What is proposed, and what it was learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from dsp.checks.base import Field
from dsp.checks.rule import Rule
from dsp.checks.suggestions.summaries import Blocks, Split
from dsp.checks.suggestions.words import Words
from dsp.engine.relation import Figures, Relation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule that is proposed, with its evidence.

    Attributes
    ----------
    rule
        The rule.
    evidence
        What speaks for it, one sentence.
    n_tests, n_held
        Held-out parts that what was learned from the rest was tested on, and held on;
        0 for what has nothing to learn.
    """

    rule: Rule
    evidence: str
    n_tests: int = 0
    n_held: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A table with all that was counted for suggestions.

    Attributes
    ----------
    relation
        The table.
    n_rows
        Its rows.
    figures
        Aggregates of all rows.
    blocks
        Summaries of numbers, lengths and differences by blocks of rows.
    words
        Counts of values and of shapes of texts by blocks of rows.
    sample
        Some rows from all over the table, by column; they may refute a guess.
    today
        The day of the proposal.
    """

    relation: Relation
    n_rows: int
    figures: Figures
    blocks: Blocks
    words: Words
    sample: Mapping[str, Sequence[Any]]
    today: date

    @property
    def columns(self) -> tuple[Field, ...]:
        """The columns of the table."""
        return self.relation.columns

    def count(self, aggregate: str) -> int:
        """Return a count of all rows, 0 when it is not known."""
        return int(self.figures.get(aggregate) or 0)

    def n_values(self, column: Field) -> int:
        """Return the rows that have a value in a column."""
        return self.count(f"count({column.sql})")


def held(
    splits: Sequence[Split], test: Callable[[Split], bool | None]
) -> tuple[int, int]:
    """Return on how many splits something held, and on how many it could be tested."""
    outcomes = [found for split in splits if (found := test(split)) is not None]
    return sum(outcomes), len(outcomes)


def tested(n_held: int, n_tests: int) -> str:
    """Return the words for held-out tests."""
    return f"learned from the rest, it held on {n_held} of {n_tests} held-out blocks"
