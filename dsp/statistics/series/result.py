"""Time series of a table: its column of times, and its rows and measures by period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsp.events import Tick, no_tick
from dsp.records import (
    Autocorrelation,
    ChangePoint,
    ColumnProfile,
    SeriesRow,
    TimeColumn,
    TimeGap,
)
from dsp.statistics.base import DATED, NUMERIC, Column
from dsp.statistics.series.entities import Entity, find_entity
from dsp.statistics.series.grids import time_text
from dsp.statistics.series.periods import (
    Measure,
    Periods,
    read_periods,
    series_sql,
)
from dsp.statistics.series.subjects import Findings, Subject, look_at
from dsp.statistics.series.times import (
    Times,
    gaps_between,
    gaps_sql,
    is_time_sql,
    read_times,
    times_sql,
)

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

MOST_MEASURES = 6
"""Measures that are aggregated by period; the target comes first."""


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """What is known of a table over time; empty without a column of times.

    Attributes
    ----------
    time_columns, time_gaps
        The column of times, and its longest gaps.
    series, autocorrelations, change_points
        The rows and measures by period.
    """

    time_columns: tuple[TimeColumn, ...] = ()
    time_gaps: tuple[TimeGap, ...] = ()
    series: tuple[SeriesRow, ...] = ()
    autocorrelations: tuple[Autocorrelation, ...] = ()
    change_points: tuple[ChangePoint, ...] = ()

    @property
    def records(self) -> tuple[object, ...]:
        """All rows of the result tables."""
        return (
            *self.time_columns,
            *self.time_gaps,
            *self.series,
            *self.autocorrelations,
            *self.change_points,
        )


def series_of(
    engine: DuckEngine,
    source: str,
    profiles: Sequence[ColumnProfile],
    *,
    time: str | None,
    target: str | None,
    tick: Tick = no_tick,
) -> SeriesResult:
    """Return the times of a table, and its rows and measures by period of time.

    Parameters
    ----------
    source
        SQL that can stand after ``from``.
    profiles
        The profile of its columns.
    time
        The column of times; when None the one of that role. Without one there is nothing.
    target
        The number that is looked at first; six measures are.
    tick
        Told before every series.
    """
    profile = _time_column(profiles, time)
    if profile is None or profile.n_rows == 0:
        return SeriesResult()
    column = Column(profile.column_name, profile.data_type, profile.position)
    rows = f"from {source} where {is_time_sql(column)}"
    times = read_times(engine, rows, column, n_distinct=profile.n_distinct)
    if times is None:
        return SeriesResult((_undated(engine, profile, rows),))
    usable = _measures(profiles, target)
    measures = usable[:MOST_MEASURES]
    periods = read_periods(engine, rows, times, measures)
    found: list[Findings] = []
    if periods is not None and periods.whole.stop > periods.whole.start:
        subjects = _subjects(measures, periods, times, rows)
        for i, subject in enumerate(subjects):
            tick(i, len(subjects), unit="series", message="series")
            found.append(look_at(subject, periods, profile.column_name))
    reasons = [times.reason] if times.reason else []
    if periods is None:
        reasons.append("the times are too far apart: not half of the years have rows")
    if len(measures) < len(usable):
        reasons.append(f"series of {len(measures)} of {len(usable):,} measures")
    entity = find_entity(engine, rows, times, profiles)
    return SeriesResult(
        (_dated(profile, times, periods, entity, rows=rows, reasons=reasons),),
        tuple(_gaps(times, periods, rows)),
        tuple(f.row for f in found),
        tuple(a for f in found for a in f.autocorrelations),
        tuple(c for f in found for c in f.changes),
    )


def _time_column(
    profiles: Sequence[ColumnProfile], name: str | None
) -> ColumnProfile | None:
    dated = [p for p in profiles if p.family in DATED]
    named = next((p for p in dated if p.column_name == name), None)
    return named or next((p for p in dated if p.role == "time"), None)


def _dated(
    profile: ColumnProfile,
    times: Times,
    periods: Periods | None,
    entity: Entity | None,
    *,
    rows: str,
    reasons: Sequence[str],
) -> TimeColumn:
    n_times = times.n_times
    return TimeColumn(
        column_name=profile.column_name,
        n_rows=profile.n_rows,
        n_dated=times.n_dated,
        n_backward=times.n_backward,
        is_sorted=times.n_backward == 0,
        first_time=time_text(times.first),
        last_time=time_text(times.last),
        n_times=n_times,
        n_repeated=None if n_times is None else times.n_dated - n_times,
        step=None if times.step is None else times.step.name,
        regularity=times.regularity,
        n_missing=times.n_missing,
        entity_column=entity.column if entity else None,
        entity_regularity=entity.regularity if entity else None,
        granularity=periods.grid.name if periods else None,
        n_periods=len(periods.n) if periods else None,
        reason="; ".join(reasons) or None,
        evidence_sql=times_sql(times, rows),
    )


def _undated(engine: DuckEngine, profile: ColumnProfile, rows: str) -> TimeColumn:
    """Return the row of a column with one time at most."""
    column = Column(profile.column_name, profile.data_type, profile.position)
    text = (
        f"select count(distinct {column.sql}) as n_times,\n"
        f"    count(*) - count(distinct {column.sql}) as n_repeated\n"
        f"{rows}"
    )
    ((n_times, n_repeated),) = engine.rows(text)
    return TimeColumn(
        column_name=profile.column_name,
        n_rows=profile.n_rows,
        n_dated=n_times + n_repeated,
        n_backward=0,
        is_sorted=True,
        first_time=profile.min_value if n_times else None,
        last_time=profile.max_value if n_times else None,
        n_times=n_times,
        n_repeated=n_repeated,
        reason="fewer than two distinct times",
        evidence_sql=text,
    )


def _measures(profiles: Sequence[ColumnProfile], target: str | None) -> list[Measure]:
    """Return the numbers to aggregate, the target first."""
    usable = [
        p
        for p in profiles
        if p.family in NUMERIC
        and p.min_number is not None
        and p.semantic_type != "category"
        and (p.role == "measure" or p.column_name == target)
    ]
    usable.sort(key=lambda p: (p.column_name != target, p.position))
    return [Measure.of(p, Column(p.column_name, p.data_type, p.position)) for p in usable]


def _subjects(
    measures: Sequence[Measure],
    periods: Periods,
    times: Times,
    rows: str,
) -> list[Subject]:
    """Return the rows, and the mean and sum of each measure.

    A sum is only looked at where it tells more than the mean: where periods have several
    values, and not all as many.
    """
    whole = periods.whole

    def evidence(value: str, *, zero: bool) -> str:
        return series_sql(periods, times, rows, value, zero=zero)

    found = [
        Subject(
            "rows",
            None,
            "count",
            periods.n[whole],
            evidence("count(*)", zero=True),
        )
    ]
    for i, measure in enumerate(measures):
        name, scale = measure.profile.column_name, measure.scale
        position = measure.profile.position
        found.append(
            Subject(
                f"mean_{position}",
                name,
                "mean",
                periods.means(i)[whole],
                evidence(measure.average_sql(), zero=False),
                scale.shift,
                scale.exponent,
            )
        )
        count = periods.sums[i][0][whole]
        if count.max() <= 1 or count.min() == count.max():
            continue
        found.append(
            Subject(
                f"sum_{position}",
                name,
                "sum",
                periods.totals(i, scale)[whole],
                evidence(f"sum({measure.column.number})", zero=True),
                exponent=scale.exponent,
            )
        )
    return found


def _gaps(times: Times, periods: Periods | None, rows: str) -> list[TimeGap]:
    """Return gaps of the step of the times, or periods without a row where none is."""
    grid, gaps = times.step, times.gaps
    by_period = grid is None
    if periods is not None and by_period:
        grid = periods.grid
        gaps = gaps_between(periods.start[periods.n > 0], grid)
    if grid is None:
        return []
    return [
        TimeGap(
            column_name=times.column,
            rank=rank,
            gap_start=time_text(gap.since),
            gap_end=time_text(gap.until),
            unit=grid.name,
            n_missing=gap.n_missing,
            seconds=(gap.until - gap.since) / 1e6,
            evidence_sql=gaps_sql(times, rows, gap, grid=grid, by_period=by_period),
        )
        for rank, gap in enumerate(gaps, 1)
    ]
