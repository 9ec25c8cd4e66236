"""The profile of all rows that a state describes, from its tables alone."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from dsp.engine.duckdb_engine import literal
from dsp.records import ColumnProfile, HistogramBin
from dsp.statistics.base import DATED, NUMERIC, Column, Profile
from dsp.statistics.histograms import edges_of
from dsp.statistics.moments import Moments, float_sql
from dsp.statistics.ordered import Values
from dsp.statistics.roles import is_unique, role, semantic_type, time_column
from dsp.statistics.scans import Counts
from dsp.statistics.state_bins import (
    BINS,
    BITS,
    ERROR,
    LEAST,
    REST,
    moments_of_bins,
    moments_of_numbers,
)
from dsp.statistics.state_bins import edges_of as ends_of
from dsp.statistics.state_frequencies import top_values, with_frequencies
from dsp.statistics.states import SAMPLED, State

FRACTIONS = (0.005, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.995)
"""Quantiles; the outermost two only bound histograms."""
DISTINCT_ERROR = 1.96 / math.sqrt(SAMPLED - 2)
"""Relative error of distinct counts from hashes, that holds in 95 of 100 cases."""
SAMPLE = 500
_QUANTILES = ("q01", "q05", "q25", "q50", "q75", "q95", "q99")


@dataclass(frozen=True, slots=True)
class Spread:
    """Numbers of a column in order, each in a short range with its count.

    Attributes
    ----------
    lows, highs
        Ends of the ranges, equal where the number itself is known.
    counts
        Rows in each.
    """

    lows: tuple[float, ...]
    highs: tuple[float, ...]
    counts: tuple[int, ...]

    def quantiles(self, fractions: Sequence[float]) -> list[float]:
        """Return continuous quantiles: exact where every range is one number."""
        upto = list(accumulate(self.counts))
        if not upto:
            return []
        last = upto[-1] - 1
        found = []
        for fraction in fractions:
            part, first = math.modf(last * fraction)
            low = self._at(int(first), upto)
            high = self._at(min(int(first) + 1, last), upto)
            found.append(low + (high - low) * part)
        return found

    def _at(self, rank: int, upto: Sequence[int]) -> float:
        i = bisect_right(upto, rank)
        low, high = self.lows[i], self.highs[i]
        if low == high:
            return low
        inside = rank - (upto[i] - self.counts[i])
        return low + (high - low) * ((inside + 0.5) / self.counts[i])

    def between(self, edges: Sequence[float]) -> list[int]:
        """Return the rows between neighbouring edges, by the middle of each range."""
        found = [0] * (len(edges) - 1)
        for low, high, n in zip(self.lows, self.highs, self.counts, strict=True):
            middle = low + (high - low) / 2
            place = min(bisect_right(edges, middle) - 1, len(found) - 1)
            if place >= 0 and middle <= edges[-1]:
                found[place] += n
        return found


def profile_of(
    state: State,
    *,
    target: str | None = None,
    time: str | None = None,
    is_brief: bool = False,
) -> Profile:
    """Return the profile of all rows of a state.

    Figures of columns with few distinct values are exact, moments always. Quantiles of
    the others come from bins (`quantiles_exact` is false, the error in `reason`), their
    distinct count from hashes, and they have no frequent values.

    Parameters
    ----------
    state
        The state.
    target, time
        Named columns; the time column is looked for when not given.
    is_brief
        Only what roles and ranges need: no moments, bins and frequent values.
    """
    columns = state.columns()
    counts = {column.name: _counts(state, column) for column in columns}
    found_time = time or time_column([c for c in columns if c.name != target], counts)
    rows, bins, top = [], [], []
    for column in columns:
        known = counts[column.name]
        if not is_brief:
            known = with_frequencies(state, column, known)
        spread = _spread(state, column, known)
        quantiles = spread.quantiles(FRACTIONS) if spread else []
        if spread and quantiles and not is_brief:
            bins += _histogram(column, known, spread, quantiles)
        top += [] if is_brief else top_values(state, column, known)
        meaning = semantic_type(column, known, _samples(state, column))
        purpose = "time" if column.name == found_time else role(column, known, meaning)
        rows.append(
            _profile(
                column,
                known,
                Moments(0) if is_brief else _moments(state, column, known),
                quantiles,
                mad=None if is_brief else _mad(column, known, spread),
                meaning=meaning,
                role="target" if column.name == target else purpose,
            )
        )
    return Profile(tuple(rows), tuple(bins), tuple(top))


def _counts(state: State, column: Column) -> Counts:
    where = f"where column_name = {literal(column.name)}"
    row = state.engine.rows(
        "select n_rows, n_null, n_nan, n_infinite, n_empty, n_zero, n_negative, n_whole, "
        "min_number, max_number, min_value, max_value, length_min, length_sum, "
        f"length_max, is_complete from {state.table('state_columns')} {where}"
    )[0]
    n_values, last = state.engine.rows(
        f"select count(*), max(hash) from {state.table('state_values')} {where}"
    )[0]
    n_rows, n_null, n_nan = row[:3]
    most = n_rows - n_null - n_nan
    n_distinct = n_values
    if not row[15]:
        n_distinct = min(most, round((n_values - 1) / ((last + 1) / 2.0**64)))
    names = ("n_rows", "n_null", "n_nan", "n_infinite", "n_empty", "n_zero", "n_negative")
    return Counts(
        **dict(zip(names, row[:7], strict=True)),
        is_whole=row[7] == n_rows - sum(row[i] for i in (1, 2, 3)),
        low=row[8],
        high=row[9],
        min_value=row[10],
        max_value=row[11],
        length_min=row[12],
        length_mean=None if row[13] is None else int(row[13]) / (n_rows - n_null),
        length_max=row[14],
        n_distinct=n_distinct,
        distinct_exact=bool(row[15]),
    )


def _spread(state: State, column: Column, counts: Counts) -> Spread | None:
    if column.family not in (*NUMERIC, *DATED) or counts.low is None:
        return None
    where = f"where column_name = {literal(column.name)}"
    if counts.distinct_exact:
        rows = state.engine.rows(
            f"select number, sum(n_rows) from {state.table('state_values')} {where} "
            "and number is not null group by 1 order by 1"
        )
        numbers = tuple(row[0] for row in rows)
        return Spread(numbers, numbers, tuple(int(row[1]) for row in rows))
    rows = state.engine.rows(
        f"select bin, n_rows from {state.table('state_bins')} {where} order by bin"
    )
    ends = [ends_of(row[0]) for row in rows]
    # No range reaches beyond the smallest and the largest number that were seen.
    low, high = counts.low, counts.high or 0.0
    return Spread(
        tuple(max(low, end[0]) for end in ends),
        tuple(min(high, end[1]) for end in ends),
        tuple(row[1] for row in rows),
    )


def _moments(state: State, column: Column, counts: Counts) -> Moments:
    if column.family not in (*NUMERIC, "boolean") or counts.low is None:
        return Moments(0)
    where = f"where column_name = {literal(column.name)}"
    if counts.distinct_exact:
        rows = state.engine.rows(
            f"select number, n_rows from {state.table('state_values')} {where} "
            "and number is not null"
        )
        return moments_of_numbers(rows)
    listed = ", ".join(list(BINS)[1:])
    return moments_of_bins(
        state.engine.rows(f"select {listed} from {state.table('state_bins')} {where}")
    )


def _samples(state: State, column: Column) -> list[str]:
    """Return some texts of a text column: those of the smallest hashes."""
    if column.family != "text":
        return []
    rows = state.engine.rows(
        f"select value from {state.table('state_values')} "
        f"where column_name = {literal(column.name)} order by hash limit {SAMPLE}"
    )
    return [row[0] for row in rows]


def _mad(column: Column, counts: Counts, spread: Spread | None) -> float | None:
    import numpy as np

    if spread is None or not counts.distinct_exact or column.family not in NUMERIC:
        return None
    return Values.of(np.array(spread.lows), np.array(spread.counts)).mad()


def _histogram(
    column: Column, counts: Counts, spread: Spread, quantiles: Sequence[float]
) -> list[HistogramBin]:
    edges = edges_of(column, counts, quantiles[0], quantiles[-1]).get("width", [])
    if len(edges) < 2:
        return []
    heights = spread.between(edges)
    middle = "number" if counts.distinct_exact else _middle(counts)
    table = "state_values" if counts.distinct_exact else "state_bins"
    found = []
    for i, n in enumerate(heights, 1):
        low, high = edges[i - 1], edges[i]
        upper = "<=" if i == len(heights) else "<"
        query = (
            f"select coalesce(sum(n_rows), 0) as n_rows\nfrom {table}\n"
            f"where column_name = {literal(column.name)}\n"
            f"    and {middle} >= {float_sql(low)}\n"
            f"    and {middle} {upper} {float_sql(high)}"
        )
        found.append(
            HistogramBin(
                column_name=column.name,
                bin=i,
                low=low,
                high=high,
                n_rows=n,
                profile_sql=query,
            )
        )
    return found


_SIGN = "(case when bin < 0 then -1e0 else 1e0 end)"
_UNIT = f"pow(2e0, (abs(bin) - 1) // 256 + {LEAST - BITS})"
_FIRST = "((abs(bin) - 1) % 256)"


def _middle(counts: Counts) -> str:
    """Return SQL of the middle of a bin, within the range of the column."""
    ends = (f"{_SIGN} * {_FIRST} * {_UNIT}", f"{_SIGN} * ({_FIRST} + 1) * {_UNIT}")
    low, high = float_sql(counts.low or 0.0), float_sql(counts.high or 0.0)
    kept = [f"greatest({low}, least({high}, {end}))" for end in ends]
    return f"({kept[0]} / 2 + {kept[1]} / 2)"


def _profile(
    column: Column,
    counts: Counts,
    moments: Moments,
    quantiles: Sequence[float],
    *,
    mad: float | None,
    meaning: str,
    role: str,
) -> ColumnProfile:
    exact = counts.distinct_exact
    copied = (
        *("n_rows", "n_null", "n_nan", "n_infinite", "n_empty", "n_zero", "n_negative"),
        *("n_distinct", "distinct_exact", "min_value", "max_value"),
        *("length_min", "length_mean", "length_max", "mode_value", "n_mode", "entropy"),
    )
    facts: dict[str, Any] = {name: getattr(counts, name) for name in copied}
    for name in ("total", "mean", "sd", "skewness", "kurtosis"):
        facts[name] = getattr(moments, name)
    facts |= dict(zip(_QUANTILES, quantiles[1:-1], strict=False))
    return ColumnProfile(
        column_name=column.name,
        position=column.position,
        source_name=column.name,
        data_type=column.data_type,
        family=column.family,
        semantic_type=meaning,
        role=role,
        **facts,
        distinct_error=None if exact else DISTINCT_ERROR,
        min_number=counts.low,
        max_number=counts.high,
        quantiles_exact=exact,
        mad=mad,
        is_unique=is_unique(counts),
        is_constant=counts.n_distinct <= 1,
        reason=_reason(column, counts),
        profile_sql=_query(column, counts, moments),
    )


def _reason(column: Column, counts: Counts) -> str | None:
    if counts.distinct_exact:
        return None
    parts = ["more distinct values than a state counts one by one: no frequent values"]
    if column.family in (*NUMERIC, *DATED):
        parts.append(f"quantiles from bins, within {ERROR:.1%} of their size")
    return "; ".join(parts)


def _query(column: Column, counts: Counts, moments: Moments) -> str:
    """Return SQL that gives the figures again in the database of the state."""
    where = f"where column_name = {literal(column.name)}"
    distinct = f"(select count(*) from state_values {where})"
    if not counts.distinct_exact:
        distinct = (
            "(select cast(round((count(*) - 1) / ((max(hash) + 1e0) / pow(2e0, 64))) "
            f"as bigint) from state_values {where})"
        )
        distinct = f"least(n_rows - n_null - n_nan, {distinct})"
    terms = ["n_rows", "n_null", f"{distinct} as n_distinct", "min_value", "max_value"]
    if moments.mean is not None and moments.sd is not None:
        terms += _spread_sql(where, counts, moments.mean)
    listed = ",\n    ".join(terms)
    return f"select\n    {listed}\nfrom state_columns\n{where}"


def _spread_sql(where: str, counts: Counts, mean: float) -> list[str]:
    """Return terms for mean and sd: deviations from the mean, so nothing cancels."""
    reach = max(abs(counts.low or 0.0), abs(counts.high or 0.0))
    # Squares of larger numbers would overflow.
    factor = 1e-300 if reach > 1e100 else 1.0
    middle, scale = float_sql(mean), float_sql(factor)
    if counts.distinct_exact:
        source = f"from state_values {where} and number is not null"
        deviation = f"((number - {middle}) * {scale})"
        first, second = f"{deviation} * n_rows", f"{deviation} * {deviation} * n_rows"
    else:
        source = f"from state_bins {where}"
        start = f"(({_SIGN} * {_FIRST} * {_UNIT} - {middle}) * {scale})"
        unit = f"({_SIGN} * {_UNIT} * {float_sql(2.0**-REST * factor)})"
        first = f"{start} * n_rows + {unit} * s1"
        second = (
            f"{start} * {start} * n_rows + 2 * {start} * {unit} * s1 "
            f"+ {unit} * {unit} * s2"
        )
    return [
        f"(select {middle} + sum({first}) / sum(n_rows) / {scale} {source}) as mean",
        f"(select sqrt(sum({second}) / (sum(n_rows) - 1)) / {scale} {source}) as sd",
    ]
