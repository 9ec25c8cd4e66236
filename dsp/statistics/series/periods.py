"""A table by period: rows, and the sum and mean of each measure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsp.engine.arrays import as_numpy
from dsp.statistics.moments import ONE, Scale, float_sql
from dsp.statistics.series.grids import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    WEEK,
    Grid,
    time_sql,
)

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.records import ColumnProfile
    from dsp.statistics.base import Column
    from dsp.statistics.series.times import Times

MOST_PERIODS = 5_000
LEAST_PERIODS = 30
WELL_FILLED = 0.9
"""Share of periods with rows that is enough to take no longer ones."""
HALF_FILLED = 0.5
"""Share of periods with rows that there must be."""
ON_EDGE = 0.05
"""Share of a period that may lack rows at an end of the data, without a regular step."""
_LENGTHS = (SECOND, MINUTE, HOUR, DAY, WEEK)
_MONTHS = (1, 3, 12)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that is summed by period, scaled so that sums are exact.

    Attributes
    ----------
    profile, column
        The column.
    scale
        Makes z in [-1, 1] of its values.
    """

    profile: ColumnProfile
    column: Column
    scale: Scale

    @classmethod
    def of(cls, profile: ColumnProfile, column: Column) -> Measure:
        """Return a measure around its median."""
        low, high = profile.min_number or 0.0, profile.max_number or 0.0
        centre = low / 2 + high / 2 if profile.q50 is None else profile.q50
        return cls(profile, column, Scale.of(low, high, min(high, max(low, centre))))

    @property
    def has_gaps(self) -> bool:
        """Whether some rows have no finite value."""
        profile = self.profile
        return profile.n_null + profile.n_nan + profile.n_infinite > 0

    def average_sql(self) -> str:
        """Return SQL of the mean, from the middle where the values lie far from zero."""
        profile, number = self.profile, self.column.number
        if profile.mean and profile.sd and abs(profile.mean) > 100 * profile.sd:
            middle = float_sql(profile.mean)
            return f"{middle} + avg({number} - {middle})"
        return f"avg({number})"


@dataclass(frozen=True, slots=True)
class Periods:
    """All periods from the first time to the last, one entry each.

    Attributes
    ----------
    grid
        Their length.
    start
        Microseconds since 1970.
    n
        Rows.
    sums
        Of each measure: values, and the sum of z.
    is_partial_first, is_partial_last
        Whether the data begins or ends within the period, not with it.
    """

    grid: Grid
    start: Any
    n: Any
    sums: Sequence[tuple[Any, Any]]
    is_partial_first: bool
    is_partial_last: bool

    @property
    def whole(self) -> slice:
        """The periods that are not partial."""
        return slice(int(self.is_partial_first), len(self.n) - int(self.is_partial_last))

    def means(self, i: int) -> Any:
        """Return the means of z of a measure, NaN where a period has no value."""
        import numpy as np

        count, total = self.sums[i]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(count > 0, total / count, np.nan)

    def totals(self, i: int, scale: Scale) -> Any:
        """Return the sums of a measure in units of its scale, 0 without rows.

        NaN where there are rows but no value.
        """
        import numpy as np

        count, total = self.sums[i]
        lacks = (count == 0) & (self.n > 0)
        return np.where(lacks, np.nan, total + count * scale.shift)


def choose_grids(times: Times) -> list[Grid]:
    """Return grids to aggregate by, best first; empty when none gives few periods.

    The step of the times itself where it gives at most 5,000 periods, half with rows.
    Else the shortest on the calendar with 30 to 5,000 periods, 9 of 10 with rows; else
    the fullest of those, and where not even half have rows, fewer and longer periods.
    """
    step, known = times.step, times.distinct
    if (
        step is not None
        and _count(step, times) <= MOST_PERIODS
        and (known is None or _filled(step, times, known) >= HALF_FILLED)
    ):
        return [step]
    shortest = times.step.size if times.step and times.step.kind == "fixed" else 0
    grids = [Grid.of(size) for size in _LENGTHS if size > shortest]
    grids += [Grid("months", size) for size in _MONTHS]
    fitting = [g for g in grids if _count(g, times) <= MOST_PERIODS]
    long_ = [g for g in fitting if _count(g, times) >= LEAST_PERIODS]
    if times.distinct is None:
        return long_ or fitting[:1]
    shares = {g: _filled(g, times, times.distinct) for g in fitting}
    full = [g for g in long_ if shares[g] >= WELL_FILLED]
    half = [g for g in long_ if shares[g] >= HALF_FILLED]
    if full or half:
        return full[:1] or [max(half, key=lambda g: shares[g])]
    return [g for g in fitting if shares[g] >= HALF_FILLED][:1]


def _count(grid: Grid, times: Times) -> int:
    ends = grid.index([times.first, times.last])
    return int(ends[1] - ends[0]) + 1


def _filled(grid: Grid, times: Times, distinct: Any) -> float:
    import numpy as np

    index = grid.index(distinct)
    return (int(np.count_nonzero(np.diff(index))) + 1) / _count(grid, times)


def read_periods(
    engine: DuckEngine,
    rows: str,
    times: Times,
    measures: Sequence[Measure],
) -> Periods | None:
    """Aggregate by the first grid whose periods are well filled, in one scan.

    Parameters
    ----------
    rows
        SQL from ``from`` on of the rows that have a time.
    """
    best: Periods | None = None
    grids = choose_grids(times)
    for grid in grids:
        found = _read(engine, rows, times, grid, measures)
        if len(grids) == 1 or (found.n > 0).mean() >= WELL_FILLED:
            return found
        if best is None or (found.n > 0).mean() > (best.n > 0).mean():
            best = found
    return best


def _read(
    engine: DuckEngine, rows: str, times: Times, grid: Grid, measures: Sequence[Measure]
) -> Periods:
    import numpy as np

    scaled = [m.scale.sql(m.column.number) for m in measures]
    listed = "".join(f", {sql} as z{i}" for i, sql in enumerate(scaled))
    terms = [f"epoch_us({grid.period_sql('moment')}) as start", "count(*) as n"]
    for i, measure in enumerate(measures):
        if measure.has_gaps:
            terms.append(f"count(z{i}) as n{i}")
        total = f"cast(sum(cast(z{i} * {ONE}e0 as bigint)) as double)"
        terms.append(f"coalesce({total}, 0e0) as s{i}")
    table = engine.sql(
        f"select {', '.join(terms)}\nfrom (select {times.sql} as moment{listed} {rows})\n"
        "group by 1 order by 1"
    )
    index = grid.index(as_numpy(table.column("start")))
    place = index - index[0]
    length = int(place[-1]) + 1

    def whole(name: str) -> Any:
        # Days of business: what lies on a weekend is counted with Friday.
        filled = np.zeros(length)
        np.add.at(filled, place, as_numpy(table.column(name)))
        return filled

    n = whole("n")
    start = grid.start(index[0] + np.arange(length))
    return Periods(
        grid=grid,
        start=start,
        n=n,
        sums=[
            (whole(f"n{i}") if m.has_gaps else n, whole(f"s{i}") / ONE)
            for i, m in enumerate(measures)
        ],
        is_partial_first=_begins_late(grid, times, int(start[0])),
        is_partial_last=_ends_early(grid, times, int(start[-1])),
    )


def _begins_late(grid: Grid, times: Times, start: int) -> bool:
    """Tell whether a first step, or a twentieth of the period, is without rows."""
    if grid == times.step:
        return False
    return times.first - start >= _spare(grid, times)


def _ends_early(grid: Grid, times: Times, start: int) -> bool:
    if grid == times.step:
        return False
    end = int(grid.start(grid.index([start])[0] + 1))
    spare = _spare(grid, times)
    # The last time stands for a step of its own.
    step = spare if times.step is not None else 0
    return end - times.last - step >= spare


def _spare(grid: Grid, times: Times) -> int:
    step = times.step
    if step is not None and step.kind == "fixed":
        return step.size
    if step is not None:
        return DAY
    length = grid.size if grid.kind == "fixed" else grid.size * 30 * DAY
    return max(1, math.ceil(ON_EDGE * length))


def series_sql(
    periods: Periods, times: Times, rows: str, value: str, *, zero: bool
) -> str:
    """Return SQL of a series: one row a whole period, its start and its figure.

    Parameters
    ----------
    rows
        SQL from ``from`` on of the rows that have a time.
    value
        SQL of the aggregate.
    zero
        Whether a period without rows has the value 0, not none.
    """
    whole = periods.start[periods.whole]
    ends = f"{time_sql(int(whole[0]))}, {time_sql(int(whole[-1]))}"
    days = "\nwhere isodow(period) < 6" if periods.grid.kind == "business" else ""
    shown = "case when n_rows is null then 0 else value end as value" if zero else "value"
    return (
        f"select period, {shown}\nfrom (\n    select unnest(generate_series({ends}, "
        f"{periods.grid.step_sql})) as period\n)\nleft join (\n"
        f"    select {periods.grid.period_sql(times.sql)} as period, "
        f"count(*) as n_rows, {value} as value\n    {rows}\n    group by 1\n"
        f") using (period){days}\norder by period"
    )
