"""The times of a column: how they follow each other, and what is missing between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dsp.engine.arrays import as_numpy
from dsp.statistics.series.grids import DAY, Grid, month_steps, same_day, time_sql

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.statistics.base import Column

MOST_TIMES = 1_000_000
"""Distinct times that are looked at one by one; more only where the rows are in order."""
FIRST_TIMES = 100_000
"""Rows that propose the step of more times than that."""
MOST_GAPS = 20
"""Gaps that are listed, longest first."""
LEAST_REGULAR = 0.5
"""More than this share of steps must be one and the same for it to be the step."""
FIRST, LAST = "0001-01-01", "9998-12-31"
"""Times outside are taken as no time: what means "never" lies there."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Periods without a row between two times (microseconds since 1970)."""

    since: int
    until: int
    n_missing: int


@dataclass(frozen=True, slots=True)
class Times:
    """The times of a column, ascending, and how they follow each other.

    Attributes
    ----------
    distinct, n
        Distinct times in microseconds since 1970, and rows of each; None when they are
        too many to look at.
    n_dated, n_backward
        Rows with a time; rows with a time before that of the row before.
    first, last
        The ends.
    n_times
        Distinct times; None when they are too many.
    step
        What one time is from the next; None when no step is.
    regularity
        Share of steps that are exactly that, or that are the most frequent one.
    n_missing
        Times that are missing between the ends.
    gaps
        The longest gaps of the step.
    reason
        Why there is no step.
    """

    column: str
    sql: str
    distinct: Any | None
    n: Any | None
    n_dated: int
    n_backward: int
    first: int
    last: int
    n_times: int | None = None
    step: Grid | None = None
    regularity: float | None = None
    n_missing: int | None = None
    gaps: tuple[Gap, ...] = ()
    reason: str | None = None

    @property
    def most_rows(self) -> int | None:
        """Rows of the most frequent time."""
        return None if self.n is None else int(self.n.max())


def gaps_between(times: Any, grid: Grid) -> tuple[Gap, ...]:
    """Return the longest gaps between ascending times, longest first."""
    import numpy as np

    missing = grid.between(times) - 1
    order = np.lexsort((times[:-1], -missing))[:MOST_GAPS]
    return tuple(
        Gap(int(times[i]), int(times[i + 1]), int(missing[i]))
        for i in order
        if missing[i] > 0
    )


def time_of(column: Column) -> str:
    """Return SQL of the time of a row as a timestamp in UTC, null where it has none."""
    value = column.sql
    if "TIME ZONE" in column.data_type.upper() or column.data_type == "TIMESTAMPTZ":
        value = f"timezone('UTC', {value})"
    elif column.data_type != "TIMESTAMP":
        value = f"try_cast({value} as timestamp)"
    return value


def is_time_sql(column: Column) -> str:
    """Return SQL that tells whether a row has a time."""
    if column.data_type == "DATE":
        return f"{column.sql} between date '{FIRST}' and date '{LAST}'"
    return f"{time_of(column)} between timestamp '{FIRST}' and timestamp '{LAST}'"


def read_times(
    engine: DuckEngine, rows: str, column: Column, *, n_distinct: int
) -> Times | None:
    """Read the times of a column and find their step; None without two of them.

    Parameters
    ----------
    rows
        SQL from ``from`` on of the rows that have a time.
    n_distinct
        Distinct times, about.
    """
    time = time_of(column)
    (row,) = engine.rows(
        "select count(*), count_if(moment < since), "
        "epoch_us(min(moment)), epoch_us(max(moment))\n"
        f"from (select {time} as moment, lag({time}) over () as since {rows})"
    )
    n_dated, n_backward, first, last = row
    if not n_dated or first == last:
        return None
    known = None
    if n_distinct <= MOST_TIMES:
        known = engine.sql(
            f"select epoch_us({time}) as moment, count(*) as n {rows}\n"
            "group by 1 order by 1"
        )
    found = Times(
        column=column.name,
        sql=time,
        distinct=None if known is None else as_numpy(known.column("moment")),
        n=None if known is None else as_numpy(known.column("n")),
        n_dated=n_dated,
        n_backward=n_backward,
        first=first,
        last=last,
    )
    if found.distinct is not None:
        return _stepped(found, found.distinct)
    if n_backward:
        return replace(found, reason=f"more than {MOST_TIMES:,} times, not in order")
    return _in_order(engine, rows, found)


def _in_order(engine: DuckEngine, rows: str, times: Times) -> Times:
    """Find the step of times in order by passing over them, the one that most rows keep.

    The first rows propose it, all of them prove it. So many times are no months apart.
    """

    def steps(limit: str = "") -> str:
        return (
            "select epoch_us(moment) - epoch_us(since) as size, since, moment\n"
            f"from (select {times.sql} as moment, lag({times.sql}) over () as since "
            f"{rows}{limit})\nwhere moment > since"
        )

    proposed = engine.rows(
        f"select size from ({steps(f' limit {FIRST_TIMES}')})\n"
        "group by 1 order by count(*) desc, size limit 1"
    )
    size = int(proposed[0][0]) if proposed else 1
    (row,) = engine.rows(
        f"select count(*), count_if(size = {size}), "
        f"cast(sum(greatest(size // {size} - 1, 0)) as bigint)\nfrom ({steps()})"
    )
    n_steps, n_fitting, n_missing = row
    found = replace(times, n_times=n_steps + 1)
    grid, share = Grid.of(size, times.first), n_fitting / n_steps
    if share <= LEAST_REGULAR:
        text = f"irregular: the most frequent step of the first rows, {grid.name}"
        return replace(found, reason=f"{text}, is {share:.1%} of steps")
    gaps = engine.rows(
        f"select epoch_us(since), epoch_us(moment), size // {size} - 1\n"
        f"from ({steps()}) where size >= {2 * size}\n"
        f"order by 3 desc, 1 limit {MOST_GAPS}"
    )
    return replace(
        found,
        step=grid,
        regularity=share,
        n_missing=n_missing,
        gaps=tuple(Gap(*gap) for gap in gaps),
    )


def _stepped(times: Times, u: Any) -> Times:
    times = replace(times, n_times=len(u))
    if len(u) < 3:
        return replace(times, reason="fewer than three distinct times")
    grid, share = find_step(u)
    if share <= LEAST_REGULAR:
        reason = (
            f"irregular: the most frequent step, {grid.name}, is {share:.1%} of steps"
        )
        return replace(times, regularity=share, reason=reason)
    missing = grid.between(u) - 1
    return replace(
        times,
        step=grid,
        regularity=share,
        n_missing=int(missing[missing > 0].sum()),
        gaps=gaps_between(u, grid),
    )


def find_step(u: Any) -> tuple[Grid, float]:
    """Return the step of ascending distinct times and the share of steps that are it.

    The most frequent difference; whole months where as many steps are those, and days of
    business where no time is on a weekend and more steps are those.
    """
    import numpy as np

    sizes, counts = np.unique(np.diff(u), return_counts=True)
    size = int(sizes[counts.argmax()])
    grid, share = Grid.of(size, int(u[0])), float(counts.max()) / (len(u) - 1)
    if ((u // DAY - 4) % 7 < 5).all():
        business = Grid("business", 1)
        fitting = float(business.fits(u).mean())
        if fitting > share:
            grid, share = business, fitting
    months = month_steps(u)[same_day(u)]
    months = months[months > 0]
    if len(months) and size >= 28 * DAY:
        steps, n = np.unique(months, return_counts=True)
        fitting = float(n.max()) / (len(u) - 1)
        if fitting >= share:
            grid, share = Grid("months", int(steps[n.argmax()])), fitting
    return grid, share


def times_sql(times: Times, rows: str) -> str:
    """Return SQL that gives the figures of a time column again."""
    terms = [
        "count(*) as n_times",
        "cast(sum(n_rows) as bigint) - count(*) as n_repeated",
    ]
    if times.step is not None:
        fits = times.step.fits_sql("since", "moment")
        between = times.step.between_sql("since", "moment")
        terms += [
            f"count_if({fits}) / count(since) as regularity",
            f"cast(sum(greatest({between} - 1, 0)) as bigint) as n_missing",
        ]
    listed = ",\n    ".join(terms)
    return f"{_steps_sql(times.sql, rows)}select\n    {listed}\nfrom steps"


def gaps_sql(times: Times, rows: str, gap: Gap, *, grid: Grid, by_period: bool) -> str:
    """Return SQL that gives a gap again."""
    moment = grid.period_sql(times.sql) if by_period else times.sql
    return (
        f"{_steps_sql(moment, rows)}select since as gap_start, moment as gap_end, "
        f"{grid.between_sql('since', 'moment')} - 1 as n_missing\n"
        f"from steps\nwhere since = {time_sql(gap.since)}"
    )


def _steps_sql(moment: str, rows: str) -> str:
    """Return SQL of each distinct time (or period) with the one before."""
    return (
        f"with times as (\n    select {moment} as moment, count(*) as n_rows\n"
        f"    {rows}\n    group by 1\n), steps as (\n"
        "    select lag(moment) over (order by moment) as since, moment, n_rows\n"
        "    from times\n)\n"
    )
