"""Histograms with readable edges, all columns of a chunk in one scan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from dsp.engine.duckdb_engine import DuckEngine
from dsp.records import HistogramBin
from dsp.statistics.base import DATED, Column, chunks
from dsp.statistics.moments import float_sql
from dsp.statistics.scans import CHUNK, Counts

MOST_BINS = 30
"""A histogram has at most this many bins."""

_DAY = 86_400.0
_MONDAY = 4 * _DAY
_SECONDS = (
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0),
    *(3600.0, 7200.0, 10_800.0, 21_600.0, 43_200.0),
    *(days * _DAY for days in (1, 2, 7, 14, 28, 91, 182, 364, 728, 1820, 3640)),
)


def edges_of(column: Column, counts: Counts, quantiles: Sequence[float]) -> list[float]:
    """Return the edges of the bins of a column, ascending; empty without values.

    Equal widths of 1, 2, 2.5 or 5 times a power of ten (calendar steps for dates), at
    most 30. Whole numbers over a short range get one bin a value, centred on it. Where a
    tail beyond the 0.5th or 99.5th percentile would take more than half of the width,
    the bins end at that percentile and the rows beyond are in no bin.
    """
    low, high = counts.low, counts.high
    if low is None or high is None:
        return []
    if low == high:
        return [low, high]
    whole = counts.n_whole == counts.n_finite
    if whole and high - low < MOST_BINS and column.family not in DATED:
        return [low - 0.5 + i for i in range(int(high - low) + 2)]
    inner_low, inner_high = quantiles[0], quantiles[-1]
    if inner_high > inner_low and (inner_high - inner_low) < (high - low) / 2:
        low, high = max(low, inner_low), min(high, inner_high)
    if column.family in DATED:
        return _calendar(low, high, days=column.family == "date")
    return _nice(low, high, whole=whole)


def histograms(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    edges: dict[str, list[float]],
) -> list[HistogramBin]:
    """Return the bins of every column that has edges."""
    found: list[HistogramBin] = []
    usable = [c for c in columns if len(edges.get(c.name, ())) > 1]
    for part in chunks(usable, CHUNK):
        terms = ", ".join(_term(c, edges[c.name]) for c in part)
        row = engine.rows(f"select {terms} from {source}")[0]
        for column, counted in zip(part, row, strict=True):
            found += _bins(column, edges[column.name], counted or {}, source)
    return found


def _term(column: Column, edges: Sequence[float]) -> str:
    """Return the aggregate that counts values up to each boundary.

    DuckDB's `histogram` includes upper edges; ours belong to the next bin, except the
    last: the boundary is the double just below.
    """
    bounds = [math.nextafter(edge, -math.inf) for edge in edges[:-1]] + [edges[-1]]
    listed = ", ".join(float_sql(bound) for bound in bounds)
    return f"histogram({column.number}, [{listed}])"


def _bins(
    column: Column, edges: Sequence[float], counted: dict[float, int], source: str
) -> list[HistogramBin]:
    last = len(edges) - 1
    bins = []
    for i in range(1, last + 1):
        low, high = edges[i - 1], edges[i]
        bound = high if i == last else math.nextafter(high, -math.inf)
        upper = "<=" if i == last else "<"
        bins.append(
            HistogramBin(
                column_name=column.name,
                bin=i,
                low=low,
                high=high,
                n_rows=counted.get(bound, 0),
                profile_sql=(
                    f"select count(*) as n_rows\nfrom {source}\n"
                    f"where {column.number} >= {float_sql(low)}\n"
                    f"    and {column.number} {upper} {float_sql(high)}"
                ),
            )
        )
    return bins


def _nice(low: float, high: float, *, whole: bool) -> list[float]:
    step = high / MOST_BINS - low / MOST_BINS
    power = 10.0 ** math.floor(math.log10(step)) if step > 1e-300 else 0.0
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0):
        width = factor * power
        if not math.isfinite(width):
            break
        if whole:
            width = float(max(1, math.ceil(width)))
        if width < step or width == 0:
            continue
        first, last = math.floor(low / width), math.ceil(high / width)
        last += last * width <= high and whole
        if last - first > MOST_BINS:
            continue
        edges = [k * width for k in range(first, last + 1)]
        if _are_ascending(edges) and edges[0] <= low and edges[-1] >= high:
            return edges
    shares = [i / MOST_BINS for i in range(MOST_BINS + 1)]
    even = [low * (1 - share) + high * share for share in shares]
    even[0], even[-1] = low, high
    return even if _are_ascending(even) else [low, high]


def _calendar(low: float, high: float, *, days: bool) -> list[float]:
    for width in _SECONDS:
        if days and width < _DAY:
            continue
        start = _MONDAY if width >= 7 * _DAY else 0.0
        first = math.floor((low - start) / width)
        last = math.floor((high - start) / width) + 1
        if last - first <= MOST_BINS:
            return [start + k * width for k in range(first, last + 1)]
    return _nice(low, high, whole=False)


def _are_ascending(edges: Sequence[float]) -> bool:
    return all(math.isfinite(b) and a < b for a, b in pairwise(edges))
