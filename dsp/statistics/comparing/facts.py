"""Counts and ranges of every column of a table, in one scan a hundred columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsp.engine.relation import Field, Relation
from dsp.statistics.comparing.sides import NESTED

CHUNK = 100
CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a column of one table.

    Attributes
    ----------
    n_rows, n_null, n_nan
        Rows; of them without a value, and with NaN.
    n_values
        Values that are compared: no null, no NaN, no moment without end.
    n_distinct
        About how many distinct values; 0 where they are not counted.
    low, high
        Smallest and largest value as text.
    """

    n_rows: int
    n_null: int
    n_nan: int
    n_values: int
    n_distinct: int
    low: str | None
    high: str | None

    @property
    def n_missing(self) -> int:
        """Rows without a value."""
        return self.n_null + self.n_nan


def facts_of(table: Relation, columns: Sequence[Field]) -> dict[str, Facts]:
    """Return the facts of columns by name."""
    found: dict[str, Facts] = {}
    for start in range(0, len(columns), CHUNK):
        part = columns[start : start + CHUNK]
        listed = ", ".join(term for column in part for term in terms(column))
        n_rows, *cells = table.engine.rows(
            f"select count(*), {listed} from {table.sql} as t"
        )[0]
        for i, column in enumerate(part):
            found[column.name] = Facts(n_rows, *cells[6 * i : 6 * i + 6])
    return found


def terms(column: Field) -> tuple[str, ...]:
    """Return the aggregates of a column, in the order of `Facts`."""
    sql = column.sql
    n_null = f"count(*) - count({sql})"
    if column.family in NESTED:
        return n_null, "0", f"count({sql})", "0", "null::varchar", "null::varchar"
    n_nan = f"count(*) filter (where isnan({sql}))" if column.family == "float" else "0"
    n_values = f"count({sql})"
    only = ""
    if column.family == "float":
        n_values += f" filter (where not isnan({sql}))"
    if column.is_temporal:
        n_values += f" filter (where isfinite({sql}))"
    if column.is_temporal or column.family == "float":
        only = f" filter (where isfinite({sql}))"
    return (
        n_null,
        n_nan,
        n_values,
        # Of the column itself: of its values as doubles the estimate is a quarter off.
        f"least(approx_count_distinct({sql}), {n_values})",
        f"left(cast(min({sql}){only} as varchar), {CHARACTERS})",
        f"left(cast(max({sql}){only} as varchar), {CHARACTERS})",
    )


def evidence(table: Relation, column: Field, side: str) -> str:
    """Return the query that gives the facts of a column again."""
    n_null, n_nan, n_values, _, low, high = terms(column)
    return (
        f"select '{side}' as side, {n_values} as n_values, "
        f"{n_null} + {n_nan} as n_missing, {low} as low, {high} as high "
        f"from {table.sql} as t"
    )
