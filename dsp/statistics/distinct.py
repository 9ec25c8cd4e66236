"""Distinct values of columns that have too many to list: counted, or estimated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from dsp.engine.duckdb_engine import DuckEngine
from dsp.statistics.base import Column, rows_of
from dsp.statistics.scans import WEIGHTED, Counts, entropy_of

EXACT_ROWS = 2_000_000
"""Up to here every distinct count is exact."""
SAMPLED_VALUES = 60_000
"""Distinct values, at most about, whose hash is in the sample."""
FEWEST_SAMPLED = 12_000
"""With fewer than these in the sample all values are counted: there are few."""

_Z = 2.1
"""Standard errors that are stated, somewhat more than the 1.96 of 95 %."""


def counted_exactly(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
    *,
    n_columns: int,
) -> dict[str, Counts]:
    """Return the counts with the distinct values, mode and entropy of each column."""
    n_rows = counts[columns[0].name].n_rows if columns else 0
    rows = rows_of(
        engine,
        source,
        dict.fromkeys(columns, _group_query),
        n_columns=n_columns,
        n_rows=n_rows,
    )
    found: dict[str, Counts] = {}
    for column, (n_distinct, n, weighted, most, mode) in rows.items():
        is_mode = most is not None and most > 1
        found[column.name] = replace(
            counts[column.name],
            n_distinct=n_distinct,
            entropy=entropy_of(int(n or 0), weighted),
            mode_value=mode if is_mode else None,
            n_mode=most if is_mode else None,
        )
    return found


def _group_query(column: Column, source: str) -> str:
    value = column.value
    return (
        "select k, total, weighted, -first.n, cast(first.v as varchar) from (select "
        f"count(*) as k, sum(n) as total, {WEIGHTED} as weighted, "
        f"min({{'n': -n, 'v': v}}) as first from (select {value} as v, count(*) as n "
        f"from {source} where {value} is not null group by 1))"
    )


def estimated(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
    drawn: Mapping[Column, int],
    *,
    n_columns: int,
) -> dict[str, Counts]:
    """Return the counts with estimated distinct values and their error.

    The distinct values with a hash of zeros at its end are counted: a sample of values,
    not of rows, so that the count times the inverse share is an unbiased estimate whose
    error is binomial. Columns with few values are counted exactly after all. `drawn` are
    counts in the sample that are known already.
    """
    n_rows = counts[columns[0].name].n_rows if columns else 0
    step = sample_step(n_rows)
    rows = rows_of(
        engine,
        source,
        {
            c: partial(_sample_query, step=step, has_nan=counts[c.name].n_nan > 0)
            for c in columns
            if c not in drawn
        },
        n_columns=n_columns,
        n_rows=n_rows,
    )
    found: dict[str, Counts] = {}
    few: list[Column] = []
    sampled = {**drawn, **{column: row[0] for column, row in rows.items()}}
    for column, n in sampled.items():
        if n < FEWEST_SAMPLED and step > 1:
            few.append(column)
            continue
        known = counts[column.name]
        most = known.n_rows - known.n_null - known.n_nan
        found[column.name] = replace(
            known,
            n_distinct=min(n * step, most),
            distinct_exact=step == 1,
            distinct_error=relative_error(n, step),
        )
    return found | counted_exactly(engine, source, few, counts, n_columns=n_columns)


def sample_step(n_rows: int) -> int:
    """Return the inverse share of values in the sample, a power of two."""
    return 1 << max(0, math.ceil(math.log2(max(1, n_rows) / SAMPLED_VALUES)))


def _sample_query(column: Column, source: str, *, step: int, has_nan: bool) -> str:
    return f"select {sampled_sql(column, step, has_nan=has_nan)} from {source}"


def sampled_sql(column: Column, step: int, *, has_nan: bool) -> str:
    """Return SQL that counts the distinct values in the sample."""
    value = column.sql if column.family == "float" and not has_nan else column.value
    return f"count(distinct {value}) filter (where hash({value}) & {step - 1} = 0)"


def relative_error(n: int, step: int) -> float | None:
    """Return the relative error (95 of 100) of ``n * step``, or None when exact.

    Examples
    --------
    >>> round(relative_error(44_100, 64), 4)
    0.0099
    """
    if step == 1:
        return None
    return _Z * math.sqrt((1 - 1 / step) / max(1, n)) + 1 / max(1, n)
