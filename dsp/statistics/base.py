"""What the files of this room share: columns of a table, results, chunks of SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from dsp.engine.duckdb_engine import DuckEngine, quote
from dsp.records import (
    Association,
    ColumnCollinearity,
    ColumnProfile,
    GroupSummary,
    GroupTest,
    HistogramBin,
    Problem,
    TopValue,
)

T = TypeVar("T")

WIDE = 100
"""Columns above which a table is wide."""

NUMERIC = ("integer", "decimal", "float")
DATED = ("date", "timestamp")

_FAMILIES = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "VARCHAR": "text",
    "JSON": "text",
    "ENUM": "text",
    "BLOB": "binary",
    "BIT": "binary",
    "GEOMETRY": "binary",
    "FLOAT": "float",
    "DOUBLE": "float",
    "TIME": "time",
    "TIME_NS": "time",
    "TIME WITH TIME ZONE": "time",
    "STRUCT": "nested",
    "MAP": "nested",
    "UNION": "nested",
    "VARIANT": "nested",
}
_INTEGERS = {
    sign + name
    for sign in ("", "U")
    for name in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known about each column.

    Attributes
    ----------
    columns
        One row a column, in the order of the table.
    histograms, top_values
        Bins of numbers and dates; frequent values of the rest.
    problems
        What could not be computed.
    """

    columns: tuple[ColumnProfile, ...]
    histograms: tuple[HistogramBin, ...] = ()
    top_values: tuple[TopValue, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Relations:
    """How the columns relate to each other.

    Attributes
    ----------
    associations
        One row a pair of columns and measure.
    problems
        What could not be computed.
    collinearity
        One row a measure: how it follows from the others, its place in a cluster.
    group_tests, group_summaries
        The target compared over the groups of other columns.
    """

    associations: tuple[Association, ...]
    problems: tuple[Problem, ...] = ()
    collinearity: tuple[ColumnCollinearity, ...] = ()
    group_tests: tuple[GroupTest, ...] = ()
    group_summaries: tuple[GroupSummary, ...] = ()

    @property
    def records(self) -> tuple[object, ...]:
        """Every record, in the order of the tables."""
        return (
            *self.associations,
            *self.collinearity,
            *self.group_tests,
            *self.group_summaries,
            *self.problems,
        )


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the engine types it.

    Attributes
    ----------
    name, data_type
        As the engine gives them.
    position
        Order in the table, from 1.
    """

    name: str
    data_type: str
    position: int

    @property
    def family(self) -> str:
        """The family of the type: integer, float, text."""
        return family_of(self.data_type)

    @property
    def sql(self) -> str:
        """The name, quoted."""
        return quote(self.name)

    @property
    def number(self) -> str:
        """SQL of the value as a double, epoch seconds for dates; null if not finite."""
        if self.family in (*DATED, "float"):
            return f"case when isfinite({self.sql}) then {self.as_double(self.sql)} end"
        return self.as_double(self.sql)

    def as_double(self, sql: str) -> str:
        """Return SQL of a value of this column as a double."""
        if self.family in DATED:
            return f"epoch({sql})"
        if self.family == "boolean":
            return f"cast(cast({sql} as integer) as double)"
        return f"cast({sql} as double)"

    @property
    def is_exact(self) -> bool:
        """Whether the engine sums the column in whole numbers without overflow."""
        return self.family == "integer" and "HUGE" not in self.data_type

    @property
    def value(self) -> str:
        """SQL of the value as it is compared: NaN as null, nested as text."""
        if self.family == "float":
            return f"case when not isnan({self.sql}) then {self.sql} end"
        if self.family in ("nested", "binary"):
            return f"cast({self.sql} as varchar)"
        return self.sql

    @property
    def text(self) -> str:
        """SQL of the value as text."""
        return self.sql if self.data_type == "VARCHAR" else f"cast({self.sql} as varchar)"


@cache
def family_of(data_type: str) -> str:
    """Return the family of a DuckDB type name.

    Examples
    --------
    >>> family_of("DECIMAL(9,2)"), family_of("TIMESTAMP WITH TIME ZONE")
    ('decimal', 'timestamp')
    >>> family_of("BIGINT[]"), family_of("UUID")
    ('nested', 'other')
    """
    if data_type.endswith("]"):
        return "nested"
    base = data_type.split("(", 1)[0].strip().upper()
    if base in _INTEGERS:
        return "integer"
    if base == "DECIMAL":
        return "decimal"
    if base.startswith("TIMESTAMP"):
        return "timestamp"
    return _FAMILIES.get(base, "other")


def columns_of(engine: DuckEngine, source: str) -> tuple[Column, ...]:
    """Return the columns of a table or subquery."""
    described = engine.rows(f"describe select * from {source}")
    return tuple(
        Column(name=row[0], data_type=row[1], position=i)
        for i, row in enumerate(described, 1)
    )


def picked(names: Sequence[str], source: str, *, n_columns: int) -> tuple[str, str]:
    """Return what to write before a query with many branches, and what they read.

    Every branch binds every column of what it reads: in a wide table the few that are
    needed are picked once.
    """
    if n_columns <= WIDE:
        return "", source
    listed = ", ".join(quote(name) for name in dict.fromkeys(names))
    return f"with picked as (select {listed} from {source})\n", "picked"


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield slices of at most `size` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
