"""Histograms with readable edges: of equal width, of equal shares, and by magnitude."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from dsp.records import HistogramBin
from dsp.statistics.base import DATED, NUMERIC, Column
from dsp.statistics.moments import float_sql
from dsp.statistics.ordered import Ordered, quantile
from dsp.statistics.scans import Counts

MOST_BINS = 30
"""A histogram has at most this many bins."""

LOG_RANGE = 1_000.0
"""How many times the least of positive numbers the largest is, for bins by magnitude."""

_DAY = 86_400.0
_MONDAY = 4 * _DAY
_SECONDS = (
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0),
    *(3600.0, 7200.0, 10_800.0, 21_600.0, 43_200.0),
    *(days * _DAY for days in (1, 2, 7, 14, 28, 91, 182, 364, 728, 1820, 3640)),
)


def edges_of(
    column: Column, counts: Counts, inner_low: float, inner_high: float
) -> dict[str, list[float]]:
    """Return the edges of the bins of a column by kind, ascending; empty without values.

    Parameters
    ----------
    column, counts
        The column and its counts.
    inner_low, inner_high
        Its 0.5th and 99.5th percentile, about.

    Notes
    -----
    ``width``: equal widths of 1, 2, 2.5 or 5 times a power of ten (calendar steps for
    dates), at most 30. Whole numbers over a short range get one bin a value, centred on
    it. Where a tail beyond an inner percentile would take more than half of the width,
    the bins end at that percentile and the rows beyond are in no bin. ``log``: 1, 2 and
    5 times the powers of ten, of positive numbers that range over `LOG_RANGE` or more.
    """
    low, high = counts.low, counts.high
    if low is None or high is None:
        return {}
    inner = (inner_low, inner_high)
    found = {"width": _equal_widths(column, counts, (low, high), inner)}
    if column.family in NUMERIC and low > 0 and high / low >= LOG_RANGE:
        found["log"] = _decades(low, high)
    return found


def _equal_widths(
    column: Column,
    counts: Counts,
    ends: tuple[float, float],
    inner: tuple[float, float],
) -> list[float]:
    (low, high), (inner_low, inner_high) = ends, inner
    if low == high:
        return [low, high]
    whole = counts.is_whole
    if whole and high - low < MOST_BINS and column.family not in DATED:
        return [low - 0.5 + i for i in range(int(high - low) + 2)]
    if inner_high > inner_low and (inner_high - inner_low) < (high - low) / 2:
        low, high = max(low, inner_low), min(high, inner_high)
    if column.family in DATED:
        return _calendar(low, high, days=column.family == "date")
    return _nice(low, high, whole=whole)


def _decades(low: float, high: float) -> list[float]:
    """Return edges of equal steps of magnitude that cover a range of positive numbers."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, math.ceil((last - first) / MOST_BINS))
    factors = (1, 2, 5) if 3 * (last - first) <= MOST_BINS else (1,)
    edges = [
        float(f"{factor}e{power}")
        for power in range(first, last + every, every)
        for factor in factors
    ]
    edges = [edge for edge in edges if math.isfinite(edge) and edge > 0]
    start = max((i for i, edge in enumerate(edges) if edge <= low), default=0)
    end = min((i for i, edge in enumerate(edges) if edge >= high), default=len(edges) - 1)
    kept = edges[start : end + 1]
    return kept if kept and kept[0] <= low and kept[-1] >= high else []


def histograms(
    column: Column, values: Ordered, edges: Mapping[str, Sequence[float]], source: str
) -> list[HistogramBin]:
    """Return the bins of a column of every kind that has edges.

    Bins include their lower edge; the last one of a kind its upper edge too. ``quantile``
    are tenths of the values, fewer where values are tied.
    """
    if not values.n:
        return []
    tenths = sorted({quantile(values, i / 10) or 0.0 for i in range(11)})
    found: list[HistogramBin] = []
    for kind, listed in {**edges, "quantile": tenths}.items():
        if len(listed) < 2 or (kind == "quantile" and len(listed) < 3):
            continue
        below = [values.below(edge) for edge in listed[:-1]]
        below.append(values.below(math.nextafter(listed[-1], math.inf)))
        found += [
            HistogramBin(
                column_name=column.name,
                bin=i,
                low=listed[i - 1],
                high=listed[i],
                n_rows=below[i] - below[i - 1],
                profile_sql=_bin_sql(column, listed, i, source),
                kind=kind,
            )
            for i in range(1, len(listed))
        ]
    return found


def _bin_sql(column: Column, edges: Sequence[float], i: int, source: str) -> str:
    upper = "<=" if i == len(edges) - 1 else "<"
    return (
        f"select count(*) as n_rows\nfrom {source}\n"
        f"where {column.number} >= {float_sql(edges[i - 1])}\n"
        f"    and {column.number} {upper} {float_sql(edges[i])}"
    )


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
    return all(map(math.isfinite, edges)) and all(a < b for a, b in pairwise(edges))
