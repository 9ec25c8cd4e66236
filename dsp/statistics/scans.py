"""The scans of a profile: counts and ranges, distinct values, quantiles, moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine, literal
from dsp.statistics.base import DATED, NUMERIC, Column, chunks
from dsp.statistics.moments import Moments, Scale, moments_of, sums_sql

CHUNK = 100
"""Columns in one query of plain aggregates."""
SMALL_CHUNK = 25
"""Columns in one query of nested expressions: DuckDB plans long ones in squared time."""
_BLANK = literal(" \t\n\r\f\v\u00a0")


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
    n_nulled
        Values among `n_nan` that a transform has made null.
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
    n_nulled: int = 0
    n_distinct: int = 0
    distinct_exact: bool = True

    @property
    def n_finite(self) -> int:
        """Values that enter the moments."""
        return self.n_rows - self.n_null - self.n_nan - self.n_infinite


def _terms(column: Column) -> dict[str, str]:
    """Return the aggregates of the first scan for a column, by field of `Counts`."""
    sql, family = column.sql, column.family
    terms = {"n_null": f"count(*) - count({sql})"}
    if family in ("nested", "binary"):
        return terms
    if family == "text":
        text = column.text
        # Only what starts with a blank is trimmed: trim is slow.
        starts = f"{text} < '!' or starts_with({text}, chr(160))"
        is_blank = f"case when {starts} then trim({text}, {_BLANK}) = '' end"
        return terms | {
            "n_empty": f"count_if({is_blank})",
            "min_value": f"min({text})",
            "max_value": f"max({text})",
            "length_min": f"min(length({text}))",
            "length_mean": f"sum(length({text}))",
            "length_max": f"max(length({text}))",
        }
    finite = f" filter (where isfinite({sql}))" if family in (*DATED, "float") else ""
    low, high = f"min({sql}){finite}", f"max({sql}){finite}"
    terms["min_value"] = f"cast({low} as varchar)"
    terms["max_value"] = f"cast({high} as varchar)"
    if family in (*NUMERIC, *DATED, "boolean"):
        terms["low"], terms["high"] = column.as_double(low), column.as_double(high)
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
    """Return counts and ranges of every column, in one scan for each 100 columns."""
    n_rows = int(engine.rows(f"select count(*) from {source}")[0][0])
    found: dict[str, Counts] = {}
    for part in chunks(columns, CHUNK):
        terms = [(c, key, sql) for c in part for key, sql in _terms(c).items()]
        listed = ", ".join(sql for _, _, sql in terms)
        row = engine.rows(f"select {listed} from {source}")[0]
        facts: dict[str, dict[str, Any]] = {c.name: {} for c in part}
        for (column, key, _), value in zip(terms, row, strict=True):
            facts[column.name][key] = value
        for column in part:
            found[column.name] = _counts(n_rows, column, facts[column.name])
    return found


def _counts(n_rows: int, column: Column, facts: dict[str, Any]) -> Counts:
    facts = {k: v or 0 if k.startswith("n_") else v for k, v in facts.items()}
    if facts.get("length_mean") is not None:
        facts["length_mean"] = facts["length_mean"] / (n_rows - facts["n_null"])
    if column.family == "integer":
        facts["n_whole"] = n_rows - facts["n_null"]
    return Counts(n_rows=n_rows, **facts)


def moments(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    scales: dict[str, Scale],
) -> dict[str, Moments]:
    """Return the moments of columns by fixed-point sums, in one scan a chunk."""
    found: dict[str, Moments] = {}
    for part in chunks(columns, SMALL_CHUNK):
        scaled = ", ".join(
            f"{scales[c.name].sql(c.number)} as z{i}" for i, c in enumerate(part)
        )
        squared = ", ".join(f"z{i}, z{i} * z{i} as y{i}" for i in range(len(part)))
        terms = ", ".join(
            term
            for i in range(len(part))
            for term in (f"count(z{i})", *sums_sql(f"z{i}", f"y{i}"))
        )
        row = engine.rows(
            f"select {terms} from (select {squared} from (select {scaled} from {source}))"
        )[0]
        for i, column in enumerate(part):
            n, *sums = row[5 * i : 5 * i + 5]
            found[column.name] = moments_of(n, sums, scales[column.name])
    return found
