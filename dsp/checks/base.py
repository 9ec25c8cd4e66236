"""What a check plans, what it may look at, and the words they share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from dsp.engine.relation import Field, Figures, Relation, count_if, literal
from dsp.errors import DspError
from dsp.numbers import agreeing, share
from dsp.semantic.names import name_words

BLANKS = " \t\n\r\v\f\u00a0"
"""Characters that count as white space at the ends of a text."""


_SLOT = re.compile(
    r"\{(?P<which>n|rows|percent)(:(?P<one>[a-z ]+)(\|(?P<many>[a-z ]+))?)?\}"
)


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows that belong together by a key, for what shows only between rows.

    All groups of a run are counted in one scan.

    Attributes
    ----------
    key
        SQL of the key; rows where it is null are left out.
    value
        SQL of what should be the same in all rows of a group. When None, a group should
        be one row: rows that repeat another fail. Otherwise rows that differ from the
        most frequent value of their group fail.
    """

    key: str
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One planned check: what should hold, and how its failing rows are found.

    Attributes
    ----------
    title
        Name of the check for people.
    columns
        Columns it looks at.
    dimension
        completeness, validity, uniqueness, consistency or freshness.
    severity
        info, warning, error or critical; what a failure weighs.
    expectation
        What should hold.
    passed, failed
        One sentence each on what was found, in the form that `filled` takes.
    action
        What dsp does about it.
    predicate
        SQL that is true for a failing row. It must not raise: an error in a query ends
        the transaction of the stage.
    count_sql
        For checks that are not of rows: a query of one number, the failures.
    n_failed
        The failures, where they are known already.
    n_rows
        Rows looked at; all rows when None.
    tolerance
        Share of rows that may fail.
    sample_sql
        Query of `dsp_row_number` of failing rows, where `predicate` is None.
    sample_predicate
        SQL that is true for some failing rows, where `predicate` is None.
    shared
        Title of the one result that stands for all passing plans of the kind; a passing
        plan with no failures is listed on its own when None.
    reason
        Why there is nothing to evaluate.
    error
        Why it cannot be evaluated although it should be; becomes a problem.
    nothing
        The reason, in case no rows are looked at; rules are not evaluated then.
    groups
        Rows that belong together, for failures that show between rows.
    rejects
        SQL of the table of records that could not be read, when they are what fails.
    n_besides
        Failures that are known beside those that groups or windows show.
    window
        SQL with window functions that is true for a failing row.
    """

    title: str
    columns: tuple[str, ...]
    dimension: str
    severity: str
    expectation: str
    passed: str
    failed: str
    action: str
    predicate: str | None = None
    count_sql: str | None = None
    n_failed: int | None = None
    n_rows: int | None = None
    tolerance: float = 0.0
    sample_sql: str | None = None
    sample_predicate: str | None = None
    shared: str | None = None
    reason: str | None = None
    error: str | None = None
    nothing: str | None = None
    groups: Groups | None = None
    rejects: str | None = None
    n_besides: int = 0
    window: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The table under check.

    Attributes
    ----------
    relation
        The table as SQL.
    table
        The table as it was given.
    n_rows
        Its rows.
    heads
        Distinct texts of the first rows, by text column; they may rule a guess out.
    target, time
        Columns with a role.
    today
        The day that nothing may lie after.
    now
        The moment that ages are counted from.
    references
        Tables that rules compare with, by the name that the rules use; in place of one
        that could not be read, why.
    beside
        SQL of the tables ``rejects`` and ``lines`` that were written with the table.
    """

    relation: Relation
    table: Any
    n_rows: int
    heads: dict[str, list[str]]
    target: str | None
    time: str | None
    today: date
    now: datetime
    references: Mapping[str, Relation | DspError] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[Field, ...]:
        """The columns of the table."""
        return self.relation.columns

    def of(self, *families: str) -> list[Field]:
        """Return the columns of some families of types."""
        return [c for c in self.columns if c.family in families]

    def may_match(self, column: Field, pattern: re.Pattern[str], fraction: float) -> bool:
        """Return whether the first texts leave open that a fraction of all match."""
        texts = [t.strip(BLANKS) for t in self.heads.get(column.name, ())]
        texts = [t for t in texts if t]
        n_like = sum(map(bool, map(pattern.fullmatch, texts)))
        return not texts or n_like >= fraction * len(texts)


class Check(Protocol):
    """A kind of check: one file of this room."""

    name: str
    order: int

    def measures(self, subject: Subject) -> Iterable[str]:
        """Return the aggregates that planning needs; all kinds share one scan."""
        ...

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Return the checks that make sense for the table."""
        ...


def trimmed(value: str) -> str:
    """Return the SQL of a text without white space at its ends."""
    return f"trim({value}, {literal(BLANKS)})"


def padded(value: str) -> str:
    """Return SQL that is true for a text with white space at one of its ends.

    Looking at the ends is three times as fast as trimming.
    """
    ends = ", ".join(str(ord(letter)) for letter in BLANKS)
    return (
        f"list_contains([{ends}], unicode({value})) or "
        f"list_contains([{ends}], unicode(right({value}, 1)))"
    )


def blank(value: str) -> str:
    """Return SQL that is true for a text that is empty or all white space."""
    ends = ", ".join(str(ord(letter)) for letter in BLANKS)
    return (
        f"case when list_contains([{ends}], unicode({value})) "
        f"then {trimmed(value)} = '' else {value} = '' end"
    )


def untidy(column: Field) -> str:
    """Return the aggregate that counts texts that are blank or have padding."""
    return count_if(f"{padded(column.sql)} or {column.sql} = ''")


def integer(figures: Figures, sql: str) -> int:
    """Return a count from the figures, 0 when it is not known."""
    found = figures.get(sql)
    return int(found) if isinstance(found, int) else 0


def n_values(figures: Figures, column: Field) -> int:
    """Return the number of values of a column that are not null (measure it first)."""
    return integer(figures, f"count({column.sql})")


def filled(template: str, n: int, n_rows: int) -> str:
    """Return a sentence with its figures and the words that agree with them.

    ``{n}``, ``{rows}`` and ``{percent}`` are the failing and seen rows and their share;
    ``{n:is|are}`` and ``{rows:value}`` are the words for one or for several of them.

    Examples
    --------
    >>> filled("{n} of {rows} {rows:value} {n:is|are} negative ({percent}).", 1, 20)
    '1 of 20 values is negative (5.0%).'
    """
    counts = {"n": n, "rows": n_rows}

    def replaced(found: re.Match[str]) -> str:
        which, one, many = found["which"], found["one"], found["many"]
        if which == "percent":
            return share(n / n_rows if n_rows else 0.0)
        number = counts[which]
        return f"{number:,}" if one is None else agreeing(number, one, many or "")

    return _SLOT.sub(replaced, template)


def label(name: str) -> str:
    """Return a column name for a sentence, cut when it is very long.

    Examples
    --------
    >>> label("fare")
    'fare'
    """
    shown = _SLOT.sub(lambda found: f"({found[0][1:-1]})", name)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"


__all__ = [
    "BLANKS",
    "Check",
    "Field",
    "Figures",
    "Plan",
    "Subject",
    "blank",
    "count_if",
    "filled",
    "integer",
    "label",
    "literal",
    "n_values",
    "name_words",
    "padded",
    "share",
    "trimmed",
    "untidy",
]
