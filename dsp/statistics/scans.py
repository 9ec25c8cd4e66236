"""The first look at a table: its size, the ranges of its columns, how many values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine
from dsp.statistics.base import DATED, NUMERIC, Column, chunks, rows_of

CHUNK = 100
"""Columns in one query of plain aggregates."""
HEAD_ROWS = 20_000
"""First rows that are looked at to guess how many values a column has."""
MANY_IN_HEAD = 5_000
"""Distinct values from which on the first rows hold many."""
RANGED = (*NUMERIC, *DATED, "boolean")
"""Families whose values are numbers, or stand for numbers."""


_LOG_UNIT = 1 << 60
WEIGHTED = f"sum(cast(n * log2(n) * {_LOG_UNIT}e0 as hugeint))"
"""Sum over groups of `n` rows that entropy needs; whole, so that no order matters."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of one column.

    Attributes
    ----------
    n_rows, n_null, n_nan, n_infinite, n_empty, n_zero, n_negative
        Rows in all; rows of each kind.
    is_whole
        Whether no finite value has a fraction.
    has_special
        Whether an extreme is NaN or infinite.
    low, high
        Smallest and largest finite number (epoch seconds for dates).
    min_value, max_value
        The same as text.
    length_min, length_mean, length_max
        Lengths of texts in characters.
    total
        Exact sum, of integers of 64 bits or fewer.
    n_nulled
        Values among `n_nan` that a transform has made null.
    n_distinct, distinct_exact, distinct_error
        Distinct values without null and NaN; relative error (95 %) where not exact.
    mode_value, n_mode
        The most frequent value that occurs more than once, and its rows.
    entropy
        Shannon entropy of the values in bits.
    """

    n_rows: int
    n_null: int = 0
    n_nan: int = 0
    n_infinite: int = 0
    n_empty: int = 0
    n_zero: int = 0
    n_negative: int = 0
    is_whole: bool = False
    has_special: bool = False
    low: float | None = None
    high: float | None = None
    min_value: str | None = None
    max_value: str | None = None
    length_min: int | None = None
    length_mean: float | None = None
    length_max: int | None = None
    total: int | None = None
    n_nulled: int = 0
    n_distinct: int = 0
    distinct_exact: bool = True
    distinct_error: float | None = None
    mode_value: str | None = None
    n_mode: int | None = None
    entropy: float | None = None

    @property
    def n_finite(self) -> int:
        """Values that enter the moments."""
        return self.n_rows - self.n_null - self.n_nan - self.n_infinite


def ranges(
    engine: DuckEngine, source: str, columns: Sequence[Column]
) -> dict[str, Counts]:
    """Return the size of the table and the finite range of every column.

    Extremes of stored columns are mostly known without reading them. Only where one is
    NaN or infinite are the finite values looked at.
    """
    n_rows = int(engine.rows(f"select count(*) from {source}")[0][0])
    found = {c.name: Counts(n_rows) for c in columns}
    ranged = [c for c in columns if c.family in (*RANGED, "time")]
    size = {"n_columns": len(columns), "n_rows": n_rows}
    rows = rows_of(engine, source, dict.fromkeys(ranged, _extremes), **size)
    endless = [
        c
        for c, (_, low, _, high) in rows.items()
        if c.family in ("float", *DATED) and not (_is_finite(low) and _is_finite(high))
    ]
    rows |= rows_of(engine, source, dict.fromkeys(endless, _finite_extremes), **size)
    for column, (min_value, low, max_value, high) in rows.items():
        found[column.name] = Counts(
            n_rows,
            min_value=_one_zero(min_value),
            max_value=_one_zero(max_value),
            low=None if low is None else low + 0.0,
            high=None if high is None else high + 0.0,
            has_special=column in endless,
        )
    return found


def _one_zero(text: str | None) -> str | None:
    # Which zero stands for both depends on the order of the rows.
    return "0.0" if text == "-0.0" else text


def _is_finite(value: float | None) -> bool:
    return value is None or math.isfinite(value)


def _extremes(column: Column, source: str, where: str = "") -> str:
    low, high = (_number(column, end) for end in ("a", "b"))
    return (
        f"select cast(a as varchar), {low}, cast(b as varchar), {high} from (select "
        f"min({column.sql}){where} as a, max({column.sql}){where} as b from {source})"
    )


def _finite_extremes(column: Column, source: str) -> str:
    return _extremes(column, source, f" filter (where isfinite({column.sql}))")


def _number(column: Column, value: str) -> str:
    return column.as_double(value) if column.family in RANGED else "null"


@dataclass(frozen=True, slots=True)
class Guess:
    """What the first rows of a column let guess, and what they refute."""

    n_distinct: float
    may_be_whole: bool


def guesses(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
) -> dict[str, Guess]:
    """Return what the first rows say of each column.

    Where they hold many numbers of a small part of the range, as in rows in order of
    time, the rest of the range is taken to hold as many.

    References
    ----------
    Chao 1984, Nonparametric estimation of the number of classes in a population.
    """
    head = f"temp.dsp_head_{id(columns)}"
    found: dict[str, Guess] = {}
    for part in chunks(columns, CHUNK):
        listed = ", ".join(f"{c.value} as v{i}" for i, c in enumerate(part))
        engine.execute(
            f"create temp table {head} as select {listed} from {source} limit {HEAD_ROWS}"
        )
        rows = engine.rows(
            "\nunion all\n".join(
                f"select {i}, count(*), count_if(n = 1), count_if(n = 2), {_whole(c)}, "
                f"{_span(c)} "
                f"from (select v{i} as v, count(*) as n from {head} "
                f"where v{i} is not null group by 1)"
                for i, c in enumerate(part)
            ),
            is_scan=False,
        )
        engine.execute(f"drop table {head}")
        for i, n, once, twice, may_be_whole, span in rows:
            # `count_if` of no rows is null: a column without a value.
            guess = n + once * (once - 1) / (2 * (twice + 1)) if n else 0.0
            if guess >= MANY_IN_HEAD:
                guess /= _share(counts[part[i].name], span)
            found[part[i].name] = Guess(guess, may_be_whole is not False)
    return found


def _span(column: Column) -> str:
    if column.family not in RANGED:
        return "null"
    value = column.as_double("v")
    if column.family in ("float", *DATED):
        value = f"case when isfinite(v) then {value} end"
    return f"max({value}) - min({value})"


def _share(counts: Counts, span: float | None) -> float:
    """Return which part of the range of a column the first rows cover."""
    width = (counts.high or 0.0) - (counts.low or 0.0)
    if not span or not math.isfinite(width) or width <= 0:
        return 1.0
    return min(1.0, span / width)


def _whole(column: Column) -> str:
    if column.family == "float":
        return "bool_and(v = trunc(v)) filter (where isfinite(v))"
    return "bool_and(v = trunc(v))" if column.family == "decimal" else "true"


def entropy_of(n: int, weighted: int | None) -> float | None:
    """Return Shannon's entropy in bits from rows and the sum of `WEIGHTED`, or None."""
    if not n:
        return None
    return max(0.0, math.log2(n) - (weighted or 0) / _LOG_UNIT / n)


def exact_totals(
    engine: DuckEngine, source: str, columns: Sequence[Column]
) -> dict[str, int]:
    """Return the sums of columns of whole numbers that have values."""
    if not columns:
        return {}
    listed = ", ".join(f"sum({c.sql})" for c in columns)
    row = engine.rows(f"select {listed} from {source}")[0]
    return {c.name: int(total) for c, total in zip(columns, row, strict=True)}


def known_by_sum(values: Any, numbers: Any) -> int:
    """Return the exact sum of whole numbers times how often they occur.

    Parameters
    ----------
    values, numbers
        Arrays of int64; `numbers` are not negative and sum up to less than 2^40.

    Examples
    --------
    >>> import numpy as np
    >>> known_by_sum(np.array([2**62, -3]), np.array([10, 2])) == 10 * 2**62 - 6
    True
    """
    import numpy as np

    mask = (1 << 22) - 1
    limbs = (values & mask, (values >> 22) & mask, values >> 44)
    return sum(int(np.dot(limb, numbers)) << 22 * i for i, limb in enumerate(limbs))
