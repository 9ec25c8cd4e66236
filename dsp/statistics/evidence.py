"""The query that gives the figures of a column again, written to be read."""

from __future__ import annotations

from dsp.statistics.base import NUMERIC, Column
from dsp.statistics.distinct import sample_step, sampled_sql
from dsp.statistics.exact import Moved
from dsp.statistics.moments import Moments, enlarged, float_sql
from dsp.statistics.scans import Counts


def profile_sql(
    column: Column, counts: Counts, moments: Moments | None, source: str
) -> str:
    """Return SQL whose columns are named as the fields of `ColumnProfile`."""
    terms = ["count(*) as n_rows", _nulls(column, counts)]
    value = column.value
    if column.family not in ("nested", "binary"):
        terms += _range(column, counts)
    if counts.distinct_exact:
        terms.append(f"count(distinct {value}) as n_distinct")
    else:
        step = sample_step(counts.n_rows)
        sampled = sampled_sql(column, step, has_nan=counts.n_nan > 0)
        estimate = f"least({step} * {sampled}, count({value}))"
        terms.append(f"{estimate} as n_distinct")
    if moments is not None and moments.n:
        terms += _moments(column, counts, moments)
    listed = ",\n    ".join(terms)
    return f"select\n    {listed}\nfrom {source}"


def _nulls(column: Column, counts: Counts) -> str:
    # NaN that a transform has made null is counted as NaN, not as null.
    less = f" - {counts.n_nulled}" if counts.n_nulled else ""
    return f"count(*) - count({column.sql}){less} as n_null"


def _range(column: Column, counts: Counts) -> list[str]:
    if column.family == "text":
        return [f"min({column.text}) as min_value", f"max({column.text}) as max_value"]
    where = (
        f" filter (where isfinite({column.sql}))"
        if column.family in ("float", "date", "timestamp")
        else ""
    )
    # Else either zero could stand for both.
    plus = " + 0" if column.family == "float" and 0 in (counts.low, counts.high) else ""
    return [
        f"cast(min({column.sql}){where}{plus} as varchar) as min_value",
        f"cast(max({column.sql}){where}{plus} as varchar) as max_value",
    ]


def _moments(column: Column, counts: Counts, moments: Moments) -> list[str]:
    """Return terms for mean and sd.

    Plain `avg` and `stddev` where doubles can hold them; from the middle where the
    values lie far from zero, and in a larger unit where squares would overflow.
    """
    number = column.number
    if column.family not in (*NUMERIC, "boolean"):
        return []
    reach = max(abs(counts.low or 0.0), abs(counts.high or 0.0))
    mean, sd = f"avg({number})", f"stddev_samp({number})"
    if reach > 1e100:
        mean = f"avg({number} * 1e-300) * 1e300"
        sd = f"stddev_samp({number} * 1e-300) * 1e300"
    elif (factor := enlarged(reach)) > 1:
        sd = f"stddev_samp({number} * {float_sql(factor)}) / {float_sql(factor)}"
    elif moments.mean is not None and moments.sd and abs(moments.mean) > 100 * moments.sd:
        middle, away = float_sql(moments.mean), f"{number} - {float_sql(moments.mean)}"
        if column.family == "decimal":
            moved = Moved.of(column, counts.min_value, counts.max_value, moments.mean)
            middle, away = float_sql(float(moved.centre)), moved.distance
        mean = f"{middle} + avg({away})"
        sd = f"stddev_samp({away})"
    if column.is_exact:
        mean = f"avg({column.sql})"
    return [f"{mean} as mean", f"{sd} as sd"]
