"""What the files of this room share: columns of a table, results, chunks of SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from dsp.engine.arrays import as_numpy
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

SMALL_CHUNK = 25
"""Columns in one query of nested expressions: DuckDB plans long ones in squared time."""
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
        return self.as_text(self.sql)

    def as_text(self, sql: str) -> str:
        """Return SQL of a value of this column as text."""
        return sql if self.data_type == "VARCHAR" else f"cast({sql} as varchar)"


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


TOGETHER_ROWS = 100_000
"""Up to here queries of several columns are sent as one."""


def rows_of(
    engine: DuckEngine,
    source: str,
    queries: Mapping[Column, Callable[[Column, str], str]],
    *,
    n_columns: int,
    n_rows: int,
) -> dict[Column, Sequence[Any]]:
    """Return the one row of a query for each of some columns.

    Parameters
    ----------
    queries
        Gives, for a column and what stands after ``from``, the query.
    n_columns, n_rows
        Size of the table.

    Notes
    -----
    Small tables answer the queries of 25 columns at once. DuckDB 1.5 waits for ever when
    more big group-bys than it has threads are joined by ``union all``, so that big
    tables, where it does not matter, are asked one by one.
    """
    if n_rows > TOGETHER_ROWS:
        return {c: engine.rows(make(c, source))[0] for c, make in queries.items()}
    found: dict[Column, Sequence[Any]] = {}
    for part in chunks(list(queries), SMALL_CHUNK):
        first, origin = picked([c.name for c in part], source, n_columns=n_columns)
        text = "\nunion all\n".join(
            f"select {i}, * from ({queries[c](c, origin)})" for i, c in enumerate(part)
        )
        found |= {part[row[0]]: row[1:] for row in engine.rows(first + text)}
    return found


def arrays_of(
    engine: DuckEngine,
    source: str,
    queries: Mapping[Column, Callable[[Column, str], str]],
    *,
    n_columns: int,
    n_rows: int,
) -> dict[Column, dict[str, Any]]:
    """Return the rows of a query for each of some columns, as arrays by name.

    Texts come as lists. See `rows_of`.
    """
    if n_rows > TOGETHER_ROWS:
        return {c: _arrays(engine.sql(make(c, source))) for c, make in queries.items()}
    found: dict[Column, dict[str, Any]] = {}
    for part in chunks(list(queries), SMALL_CHUNK):
        first, origin = picked([c.name for c in part], source, n_columns=n_columns)
        text = "\nunion all\n".join(
            f"select {i} as which, * from ({queries[c](c, origin)})"
            for i, c in enumerate(part)
        )
        found |= dict(zip(part, _split(engine.sql(first + text), len(part)), strict=True))
    return found


def _arrays(table: Any) -> dict[str, Any]:
    return {
        name: table.column(name).to_pylist()
        if str(table.schema.field(name).type) == "string"
        else as_numpy(table.column(name))
        for name in table.column_names
    }


def _split(table: Any, n: int) -> list[dict[str, Any]]:
    """Return the rows of a result by their number."""
    import numpy as np

    arrays = _arrays(table)
    which = arrays.pop("which")
    order = np.argsort(which, kind="stable")
    bounds = np.searchsorted(which[order], np.arange(n + 1))
    places = [order[bounds[i] : bounds[i + 1]] for i in range(n)]
    return [{name: chosen(array, at) for name, array in arrays.items()} for at in places]


def chosen(array: Any, places: Any) -> Any:
    """Return the items of an array or of a list at some places."""
    return [array[i] for i in places] if isinstance(array, list) else array[places]


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield slices of at most `size` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
