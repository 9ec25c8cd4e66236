"""Exact quantiles: by sorting, or in big tables by bracketing each one first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dsp.engine.duckdb_engine import DuckEngine
from dsp.statistics.base import Column, chunks, picked
from dsp.statistics.moments import float_sql
from dsp.statistics.scans import SMALL_CHUNK, Counts

FRACTIONS = (0.005, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.995)
"""Quantiles that are computed; the outermost two bound histograms."""
SORT_ROWS = 250_000
"""Up to here whole columns are sorted."""
SAMPLE_ROWS = 40_000
"""Rows, about, of the sample that brackets the quantiles."""

Bracket = tuple[float, float]


def quantiles(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
) -> dict[str, list[float]]:
    """Return the quantiles at `FRACTIONS` of the finite values of columns that have any.

    Continuous definition (linear between order statistics), exact. In big tables a
    sample only says where to look: the ranks of both ends of a bracket are counted, and
    the values inside are sorted. A bracket that misses sends its column to the sort.

    References
    ----------
    `numpy.quantile` with ``method="linear"``.
    """
    found: dict[str, list[float]] = {}
    n_rows = counts[columns[0].name].n_rows if columns else 0
    if n_rows > SORT_ROWS:
        for part in chunks(columns, SMALL_CHUNK):
            found |= _bracketed(engine, source, part, counts)
    rest = [c for c in columns if c.name not in found]
    listed = ", ".join(str(fraction) for fraction in FRACTIONS)
    for part in chunks(rest, SMALL_CHUNK):
        # One branch a column: aggregates of one query are finished one after another.
        first, origin = picked([c.name for c in part], source, n_columns=len(columns))
        rows = engine.rows(
            first
            + " union all ".join(
                f"select {i}, quantile_cont({c.number}, [{listed}]) from {origin}"
                for i, c in enumerate(part)
            )
        )
        found |= {part[i].name: list(values) for i, values in rows}
    return found


def _bracketed(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
) -> dict[str, list[float]]:
    brackets = _brackets(engine, source, columns, counts)
    bounds = {
        name: sorted({b for low, high in pairs for b in (_below(low), high)})
        for name, pairs in brackets.items()
    }
    up_to = _counted_up_to(engine, source, columns, bounds)
    found = {}
    for column in columns:
        n, name = counts[column.name].n_finite, column.name
        values = _values(
            engine, source, column, brackets=brackets[name], up_to=up_to[name], n=n
        )
        if values is not None:
            found[name] = values
    return found


def _brackets(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
) -> dict[str, list[Bracket]]:
    """Return an interval for each quantile that is all but sure to hold it."""
    n_rows = counts[columns[0].name].n_rows
    percent = 100 * SAMPLE_ROWS / n_rows
    ends: list[tuple[float, float]] = []
    for fraction in FRACTIONS:
        margin = 5 * math.sqrt(fraction * (1 - fraction) / SAMPLE_ROWS) + 5 / SAMPLE_ROWS
        ends.append((fraction - margin, fraction + margin))
    listed = ", ".join(str(min(1.0, max(0.0, e))) for pair in ends for e in pair)
    numbers = ", ".join(f"{c.number} as x{i}" for i, c in enumerate(columns))
    terms = ", ".join(f"quantile_disc(x{i}, [{listed}])" for i in range(len(columns)))
    row = engine.rows(
        f"select {terms} from (select {numbers} from {source}) "
        f"using sample {percent} percent (bernoulli, 1)"
    )[0]
    found: dict[str, list[Bracket]] = {}
    for column, drawn in zip(columns, row, strict=True):
        known = counts[column.name]
        lowest, highest = known.low or 0.0, known.high or 0.0
        values = drawn or [lowest, highest] * len(FRACTIONS)
        found[column.name] = [
            (
                lowest if low <= 0 else values[2 * i],
                highest if high >= 1 else values[2 * i + 1],
            )
            for i, (low, high) in enumerate(ends)
        ]
    return found


def _counted_up_to(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    bounds: Mapping[str, Sequence[float]],
) -> dict[str, dict[float, int]]:
    """Return how many values of each column are at or below each bound."""
    terms = ", ".join(
        f"histogram({c.number}, [{', '.join(map(float_sql, bounds[c.name]))}])"
        for c in columns
    )
    row = engine.rows(f"select {terms} from {source}")[0]
    found: dict[str, dict[float, int]] = {}
    for column, counted in zip(columns, row, strict=True):
        total, found[column.name] = 0, {}
        for bound in bounds[column.name]:
            total += counted[bound]
            found[column.name][bound] = total
    return found


def _values(
    engine: DuckEngine,
    source: str,
    column: Column,
    *,
    brackets: Sequence[Bracket],
    up_to: Mapping[float, int],
    n: int,
) -> list[float] | None:
    """Return the quantiles of a column, or None when a bracket misses one."""
    ranks: list[tuple[int, int]] = []
    for fraction, (low, high) in zip(FRACTIONS, brackets, strict=True):
        first = math.floor((n - 1) * fraction)
        second = min(first + 1, n - 1)
        if first < up_to[_below(low)] or second >= up_to[high]:
            return None
        ranks.append((first, second))
    # A bracket of one value needs no search; the others are joined where they overlap.
    joined = _joined([bracket for bracket in brackets if bracket[0] < bracket[1]])
    places: dict[int, int] = {}
    inside = 0
    for low, high in joined:
        before, after = up_to[_below(low)], up_to[high]
        wanted = {rank for pair in ranks for rank in pair if before <= rank < after}
        places |= {rank: inside + rank - before for rank in wanted}
        inside += after - before
    values = _order_statistics(
        engine, source, column, intervals=joined, places=places, inside=inside
    )
    found = []
    for fraction, bracket, (first, second) in zip(
        FRACTIONS, brackets, ranks, strict=True
    ):
        low, high = values.get(first, bracket[0]), values.get(second, bracket[0])
        found.append(low + (high - low) * math.modf((n - 1) * fraction)[0])
    return found


def _joined(brackets: Sequence[Bracket]) -> list[Bracket]:
    joined: list[Bracket] = []
    for low, high in sorted(brackets):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _order_statistics(
    engine: DuckEngine,
    source: str,
    column: Column,
    *,
    intervals: Sequence[Bracket],
    places: Mapping[int, int],
    inside: int,
) -> dict[int, float]:
    """Return the values at places (from 0) among the sorted values inside intervals."""
    if not places:
        return {}
    where = " or ".join(
        f"x between {float_sql(low)} and {float_sql(high)}" for low, high in intervals
    )
    # Half a step above the place: no rounding of the share can reach another value.
    shares = ", ".join(repr((place + 0.5) / inside) for place in places.values())
    values = engine.rows(
        f"select quantile_disc(x, [{shares}]) "
        f"from (select {column.number} as x from {source}) where {where}"
    )[0][0]
    return dict(zip(places, values, strict=True))


def _below(value: float) -> float:
    return math.nextafter(value, -math.inf)
