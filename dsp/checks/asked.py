"""A rule as its kind plans it, and the words and tests that kinds share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dsp.checks.base import Field, Figures, Subject, label
from dsp.checks.rule import Rule
from dsp.engine.relation import Relation
from dsp.errors import DspError, RuleError


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A rule of a kind as it is written, a table that keeps it and one that does not.

    Attributes
    ----------
    toml
        Lines of a rules file.
    passing, failing
        Columns with their values.
    n_failed
        Failing rows of the failing table, counted by hand.
    types
        DuckDB types of columns whose values do not say it.
    references
        Tables that the rule names, by that name.
    """

    toml: str
    passing: Mapping[str, Sequence[Any]]
    failing: Mapping[str, Sequence[Any]]
    n_failed: int = 1
    types: Mapping[str, str] | None = None
    references: Mapping[str, Mapping[str, Sequence[Any]]] | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """Another table that a rule compares with.

    Attributes
    ----------
    source
        As the rule names it: a path, ``database.db::table``, or a table in memory.
    columns
        The columns that are needed; none where only its rows are counted.
    is_distinct
        Whether distinct rows will do.
    """

    source: Any
    columns: tuple[str, ...] = ()
    is_distinct: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule as its kind plans it: its columns found, its condition made safe.

    Attributes
    ----------
    rule
        The rule.
    subject
        The table under check.
    columns
        The columns of the rule.
    where
        SQL of its condition, which never raises; None when all rows count.
    """

    rule: Rule
    subject: Subject
    columns: tuple[Field, ...]
    where: str | None = None
    defaults: Mapping[str, Any] | None = None

    @property
    def column(self) -> Field:
        """The first column."""
        return self.columns[0]

    def __getitem__(self, name: str) -> Any:
        """Return a parameter as it was given, or its default."""
        return self.rule.parameters.get(name, (self.defaults or {}).get(name))

    @property
    def labels(self) -> list[str]:
        """The columns as sentences name them."""
        return [label(column.name) for column in self.columns]

    @property
    def names(self) -> str:
        """The columns in words."""
        return listed(self.labels)

    def among(self, predicate: str) -> str:
        """Return a predicate that holds only where the condition does too."""
        return f"({self.where}) and ({predicate})" if self.where else predicate

    def filtered(self, aggregate: str, predicate: str = "") -> str:
        """Return an aggregate of the rows that count and meet a predicate."""
        parts = [f"({text})" for text in (self.where, predicate) if text]
        return f"{aggregate} filter (where {' and '.join(parts)})" if parts else aggregate

    def seen(self, columns: Sequence[Field] | None = None) -> str:
        """Return the aggregate that counts rows that have a value in all the columns."""
        chosen = self.columns if columns is None else tuple(columns)
        if len(chosen) == 1 and not self.where:
            return f"count({chosen[0].sql})"
        return self.filtered("count(*)", present(chosen))

    def reference(self, source: Any) -> Relation:
        """Return another table that the rule names.

        Raises
        ------
        RuleError
            Nobody has read it.
        """
        found = self.subject.references.get(reference_name(source))
        if isinstance(found, DspError):
            raise RuleError(found.message, hint=found.hint) from found
        if found is None:
            raise RuleError(
                f"{label(reference_name(source))} has not been read",
                hint="use dsp.validate, or give DataValidator its references",
            )
        return found

    def find(self, name: str) -> Field:
        """Return another column of the table.

        Raises
        ------
        ColumnNotFoundError
            There is none of the name.
        """
        return self.subject.relation.find(name)


def reference_name(source: Any) -> str:
    """Return the name of another table: its path, or what tells it from others."""
    return source if isinstance(source, str) else f"table {id(source):x}"


def present(columns: Sequence[Field]) -> str:
    """Return the predicate that all the columns have a value."""
    return " and ".join(f"{column.sql} is not null" for column in columns)


def listed(words: Sequence[str], *, last: str = "and") -> str:
    """Return words as a list in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def in_words(values: Sequence[Any], *, most: int = 8) -> str:
    """Return values for a sentence, the first few of many.

    Examples
    --------
    >>> in_words(["a", "b"]), in_words([1, 2, 3], most=2)
    ('a or b', '1, 2 or one of 1 more')
    """
    shown = [label(str(value)) for value in values[:most]]
    if len(values) > most:
        shown.append(f"one of {len(values) - most} more")
    return listed(shown, last="or")


def known(figures: Figures, sql: str) -> int:
    """Return a count that was asked for.

    Raises
    ------
    RuleError
        The engine refused it.
    """
    refused(figures, sql)
    return int(figures.get(sql) or 0)


def refused(figures: Figures, *aggregates: str) -> None:
    """Raise what the engine said when it refused one of the aggregates."""
    for sql in aggregates:
        if sql in figures.refused:
            raise RuleError(figures.refused[sql])


def nothing(asked: Asked) -> str:
    """Return why there may be nothing to look at."""
    if not asked.subject.n_rows:
        return "the table has no rows"
    if asked.where and not asked.columns:
        return "no row meets the condition"
    if asked.where:
        return f"no row that meets the condition has a value in {asked.names}"
    return f"no row has a value in {asked.names}" if asked.columns else "no rows"


def wrong_type(kind: str, column: Field, families: Sequence[str]) -> RuleError:
    """Return the error of a rule on a column of a type that it cannot look at."""
    words = list(dict.fromkeys(_FAMILIES.get(family, family) for family in families))
    return RuleError(
        f"{label(column.name)} holds {column.data_type}, and {kind} looks at "
        f"{listed(words, last='or')}",
        column=column.name,
    )


_FAMILIES = {
    "integer": "numbers",
    "decimal": "numbers",
    "float": "numbers",
    "date": "dates",
    "timestamp": "dates",
    "time": "times",
    "enum": "text",
}


def plain(value: Any) -> str:
    """Return a value for a sentence."""
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:,}" if isinstance(value, int) else str(value)
