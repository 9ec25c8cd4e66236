"""The scans of a profile: counts and ranges, distinct values, quantiles, moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine
from dsp.statistics.base import DATED, NUMERIC, Column, chunks
from dsp.statistics.moments import Moments, Scale, moments_of, sums_sql

CHUNK = 200
"""Columns in one aggregate query."""
EXACT_DISTINCT_ROWS = 2_000_000
"""Up to here every distinct count is exact."""
EXACT_DISTINCT_VALUES = 20_000
"""Above that, columns with about this many values or fewer are still counted exactly."""
DISTINCT_ERROR = 0.1
"""Relative error of DuckDB's HyperLogLog that is stated for the rest."""
FRACTIONS = (0.005, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.995)
"""Quantiles that are computed; the outermost two bound histograms."""

_BLANK = " \t\n\r\f\v\u00a0"


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts and ranges of one column from the first scan.

    Attributes
    ----------
    n_rows, n_null, n_nan, n_infinite, n_empty, n_zero, n_negative, n_whole
        Rows in all; rows of each kind; finite values without a fraction.
    low, high
        Smallest and largest finite number (epoch seconds for dates).
    min_value, max_value
        The same as text.
    length_min, length_mean, length_max
        Lengths of texts in characters.
    total
        Exact sum, of integers of 64 bits or fewer.
    n_distinct, distinct_exact
        Distinct values without null and NaN.
    """

    n_rows: int
    n_null: int
    n_nan: int = 0
    n_infinite: int = 0
    n_empty: int = 0
    n_zero: int = 0
    n_negative: int = 0
    n_whole: int = 0
    low: float | None = None
    high: float | None = None
    min_value: str | None = None
    max_value: str | None = None
    length_min: int | None = None
    length_mean: float | None = None
    length_max: int | None = None
    total: int | None = None
    n_distinct: int = 0
    distinct_exact: bool = True

    @property
    def n_finite(self) -> int:
        """Values that enter the moments."""
        return self.n_rows - self.n_null - self.n_nan - self.n_infinite


def _terms(column: Column, distinct: str) -> dict[str, str]:
    """Return the aggregates of the first scan for a column, by field of `Counts`."""
    sql, family = column.sql, column.family
    terms = {"n_null": f"count(*) - count({sql})"}
    if family in ("nested", "binary"):
        return terms | {"n_distinct": distinct.format(f"cast({sql} as varchar)")}
    terms["n_distinct"] = distinct.format(column.value)
    if family == "text":
        text = column.text
        blank = f"case when {text} < '!' then trim({text}, $blank) = '' end"
        high = f"{text} >= chr(160) and {text} < chr(161) and trim({text}, $blank) = ''"
        return terms | {
            "n_empty": f"count_if({blank}) + count_if({high})",
            "min_value": f"min({text})",
            "max_value": f"max({text})",
            "length_min": f"min(length({text}))",
            "length_mean": f"sum(length({text}))",
            "length_max": f"max(length({text}))",
        }
    finite = f" filter (where isfinite({sql}))" if family in (*DATED, "float") else ""
    terms["min_value"] = f"cast(min({sql}){finite} as varchar)"
    terms["max_value"] = f"cast(max({sql}){finite} as varchar)"
    if family in (*NUMERIC, *DATED, "boolean"):
        terms["low"] = f"min({column.number})"
        terms["high"] = f"max({column.number})"
    if family in NUMERIC:
        terms["n_zero"] = f"count_if({sql} = 0)"
        terms["n_negative"] = f"count_if({sql} < 0)"
    if column.is_exact:
        terms["total"] = f"sum({sql})"
    if family == "float":
        terms["n_nan"] = f"count_if(isnan({sql}))"
        terms["n_infinite"] = f"count_if(isinf({sql}))"
        terms["n_whole"] = f"count_if(isfinite({sql}) and {sql} = trunc({sql}))"
    elif family == "decimal":
        terms["n_whole"] = f"count_if({sql} = trunc({sql}))"
    elif family in DATED:
        terms["n_infinite"] = f"count_if(isinf({sql}))"
    return terms


def count(
    engine: DuckEngine, source: str, columns: Sequence[Column]
) -> dict[str, Counts]:
    """Return counts and ranges of every column, in one scan for each 200 columns."""
    n_rows = int(engine.rows(f"select count(*) from {source}")[0][0])
    exact = n_rows <= EXACT_DISTINCT_ROWS
    distinct = "count(distinct {})" if exact else "approx_count_distinct({})"
    found: dict[str, Counts] = {}
    for part in chunks(columns, CHUNK):
        terms = [(c, key, sql) for c in part for key, sql in _terms(c, distinct).items()]
        listed = ", ".join(sql for _, _, sql in terms)
        params = {"blank": _BLANK} if "$blank" in listed else None
        row = engine.rows(f"select {listed} from {source}", params)[0]
        facts: dict[str, dict[str, Any]] = {c.name: {} for c in part}
        for (column, key, _), value in zip(terms, row, strict=True):
            facts[column.name][key] = value
        for column in part:
            found[column.name] = _counts(n_rows, column, facts[column.name], exact=exact)
    return found if exact else _refined(engine, source, columns, found)


def _counts(n_rows: int, column: Column, facts: dict[str, Any], *, exact: bool) -> Counts:
    facts = {k: v or 0 if k.startswith("n_") else v for k, v in facts.items()}
    facts["n_distinct"] = min(facts["n_distinct"], n_rows - facts["n_null"])
    if facts.get("length_mean") is not None:
        facts["length_mean"] = facts["length_mean"] / (n_rows - facts["n_null"])
    if column.family == "integer":
        facts["n_whole"] = n_rows - facts["n_null"]
    return Counts(n_rows=n_rows, distinct_exact=exact, **facts)


def _refined(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    found: dict[str, Counts],
) -> dict[str, Counts]:
    """Count the columns exactly that have few values by the estimate."""
    from dataclasses import replace

    few = [c for c in columns if found[c.name].n_distinct <= EXACT_DISTINCT_VALUES]
    for part in chunks(few, CHUNK):
        listed = " union all ".join(
            f"select {i}, count(*) from (select distinct {c.value} as v from {source}) "
            "where v is not null"
            for i, c in enumerate(part)
        )
        for i, n in engine.rows(listed):
            name = part[i].name
            found[name] = replace(found[name], n_distinct=n, distinct_exact=True)
    return found


def quantiles(
    engine: DuckEngine, source: str, columns: Sequence[Column]
) -> dict[str, list[float]]:
    """Return the quantiles at `FRACTIONS` of the finite values of columns that have any.

    Continuous definition (linear between order statistics), exact.
    """
    found: dict[str, list[float]] = {}
    listed = ", ".join(str(fraction) for fraction in FRACTIONS)
    for part in chunks(columns, CHUNK):
        terms = ", ".join(f"quantile_cont({c.number}, [{listed}])" for c in part)
        row = engine.rows(f"select {terms} from {source}")[0]
        found.update((c.name, list(q)) for c, q in zip(part, row, strict=True))
    return found


def moments(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    scales: dict[str, Scale],
) -> dict[str, Moments]:
    """Return the moments of columns by fixed-point sums, in one scan a chunk."""
    found: dict[str, Moments] = {}
    for part in chunks(columns, CHUNK):
        scaled = ", ".join(
            f"{scales[c.name].sql(c.number)} as z{i}" for i, c in enumerate(part)
        )
        terms = [
            term
            for i in range(len(part))
            for term in (f"count(z{i})", *sums_sql(f"z{i}"))
        ]
        row = engine.rows(
            f"select {', '.join(terms)} from (select {scaled} from {source})"
        )[0]
        for i, column in enumerate(part):
            n, *sums = row[5 * i : 5 * i + 5]
            found[column.name] = moments_of(n, sums, scales[column.name])
    return found
