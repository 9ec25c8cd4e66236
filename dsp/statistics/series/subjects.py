"""What is looked at by period, the rows and measures, and the statistics of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from dsp.inference.series import centred
from dsp.inference.series_autocorrelation import (
    autocorrelations,
    ljung_box,
    partial_autocorrelations,
    white_noise_bound,
)
from dsp.inference.series_changes import change_points, spread_changes
from dsp.inference.series_seasons import decompose
from dsp.inference.series_stationarity import stationarity
from dsp.records import Autocorrelation, ChangePoint, SeriesRow
from dsp.statistics.series.cycles import Cycle, best_cycle, label
from dsp.statistics.series.grids import time_sql, time_text

if TYPE_CHECKING:
    from dsp.inference.series_changes import Change
    from dsp.statistics.series.periods import Periods

LEAST_VALUES = 20
"""Whole periods that statistics need."""
MOST_FILLED = 0.2
"""Share of periods without a value up to which they are filled in."""
MOST_LAGS = 40
CLEAR_GROWTH = 1.25
"""Spread that has changed is so many times what it was, or what it will be."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A series to look at.

    Attributes
    ----------
    name
        Identifier.
    measure, aggregate
        The column, None for rows; ``count``, ``sum`` or ``mean``.
    values
        One a whole period, NaN where there is none, less a constant in a unit of its own:
        the figure is (value + shift) 2^exponent.
    evidence_sql
        Query of the figures.
    """

    name: str
    measure: str | None
    aggregate: str
    values: Any
    evidence_sql: str
    shift: float = 0.0
    exponent: int = 0

    def figures(self, values: Any) -> list[float]:
        """Return values as figures; NaN ones are left out."""
        kept = (v for v in values.tolist() if not math.isnan(v))
        return [_ldexp(v + self.shift, self.exponent) for v in kept]


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of a series."""

    row: SeriesRow
    autocorrelations: tuple[Autocorrelation, ...] = ()
    changes: tuple[ChangePoint, ...] = ()


@dataclass(slots=True)
class _Facts:
    """Figures as they are found."""

    fields: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


def look_at(subject: Subject, periods: Periods, time: str) -> Findings:
    """Return the statistics of a series over its whole periods."""
    import numpy as np

    start = periods.start[periods.whole]
    known = np.isfinite(subject.values)
    n, n_known = len(start), int(known.sum())
    mean, sd = _moments(subject, known)
    row = SeriesRow(
        series_id=subject.name,
        time_column=time,
        measure=subject.measure,
        aggregate=subject.aggregate,
        granularity=periods.grid.name,
        first_period=time_text(int(start[0])),
        last_period=time_text(int(start[-1])),
        n_periods=n,
        n_filled=0,
        n_partial=int(periods.is_partial_first) + int(periods.is_partial_last),
        evidence_sql=subject.evidence_sql,
        mean=mean,
        sd=sd,
    )
    reason = _unfit(subject.values[known], n)
    if reason is not None:
        return Findings(replace(row, reason=reason))
    x = subject.values
    if n_known < n:
        x = np.interp(np.arange(n), np.flatnonzero(known), x[known])
    return _statistics(replace(row, n_filled=n - n_known), subject, x, periods)


def _unfit(known: Any, n: int) -> str | None:
    """Return why a series is not looked at, or None."""
    if n < LEAST_VALUES:
        periods = "period" if n == 1 else "periods"
        return f"{n:,} whole {periods}: {LEAST_VALUES} or more are needed"
    if n - len(known) > MOST_FILLED * n:
        return f"{n - len(known):,} of {n:,} periods have no value"
    if known.min() == known.max():
        return "all periods have the same value"
    return None


def _statistics(row: SeriesRow, subject: Subject, x: Any, periods: Periods) -> Findings:
    n, facts = len(x), _Facts()
    _stationarity(x, facts)
    cycle = best_cycle(x, periods.grid)
    acf = autocorrelations(x, max(2, min(MOST_LAGS, n // 4)))
    listed: tuple[Autocorrelation, ...] = ()
    if acf is not None:
        bound = white_noise_bound(n)
        partial = partial_autocorrelations(acf)
        listed = tuple(
            Autocorrelation(
                series_id=subject.name,
                lag=lag,
                acf=r,
                pacf=p,
                bound=bound,
                is_outside=abs(r) > bound,
            )
            for lag, (r, p) in enumerate(zip(acf, partial, strict=True), 1)
        )
        _relation(acf, n, cycle, facts)
    steady, level = _season(x, cycle, periods, facts)
    changes = change_points(steady)
    spread = shown_changes(subject, spread_changes(steady, changes))
    facts.fields |= {"n_changes": len(changes), "n_spread_changes": len(spread)}
    start = periods.start[periods.whole]
    reason = "; ".join(facts.reasons) or None
    return Findings(
        replace(row, **facts.fields, reason=reason),
        listed,
        (*_changes(subject, changes, level, start), *_spread(subject, spread, start)),
    )


def _moments(subject: Subject, known: Any) -> tuple[float | None, float | None]:
    """Return mean and standard deviation of the figures that are there."""
    values = subject.values[known]
    figures = subject.figures(values)
    if not figures:
        return None, None
    mean = math.fsum(f / len(figures) for f in figures)
    if len(figures) < 2:
        return mean, None
    rest = centred(values)
    spread = math.sqrt(float(rest @ rest) / (len(figures) - 1))
    return mean, _ldexp(spread, subject.exponent)


def _stationarity(x: Any, facts: _Facts) -> None:
    found = stationarity(x)
    if found is None:
        facts.reasons.append(
            "the past explains the series in full: no test of stationarity"
        )
        return
    facts.fields |= {
        "adf_statistic": found.adf.statistic,
        "adf_p_value": found.adf.p_value,
        "adf_lags": found.adf.lags,
        "kpss_statistic": found.kpss.statistic,
        "kpss_p_value": found.kpss.p_value,
        "kpss_lags": found.kpss.lags,
        "adf_trend_statistic": found.adf_trend.statistic,
        "adf_trend_p_value": found.adf_trend.p_value,
        "kpss_trend_statistic": found.kpss_trend.statistic,
        "kpss_trend_p_value": found.kpss_trend.p_value,
        "verdict": found.verdict,
    }


def _relation(acf: Sequence[float], n: int, cycle: Cycle | None, facts: _Facts) -> None:
    """Test the first 10 lags, or those of two clear cycles, but a fifth of the series."""
    most = 2 * cycle.length if cycle is not None and cycle.is_clear else 10
    lags = max(1, min(most, n // 5, len(acf)))
    test = ljung_box(tuple(acf[:lags]), n)
    facts.fields |= {
        "lag_1": acf[0],
        "ljung_box_statistic": test.statistic,
        "ljung_box_lags": lags,
        "ljung_box_p_value": test.p_value,
    }


def _season(
    x: Any, cycle: Cycle | None, periods: Periods, facts: _Facts
) -> tuple[Any, Any]:
    """Return the series less its season, and less the mean season, if that is clear.

    The season of each cycle takes some of the noise with it, the mean one hardly any.
    """
    import numpy as np

    parts = None if cycle is None else decompose(x, cycle.length)
    if cycle is None or parts is None:
        facts.reasons.append(
            "no cycle is there twice: trend and season are not told apart"
        )
        return x, x
    facts.fields |= {
        "cycle": cycle.name,
        "cycle_length": cycle.length,
        "cycle_autocorrelation": cycle.link,
        "trend_strength": parts.trend_strength,
        "seasonal_strength": parts.seasonal_strength,
    }
    if not cycle.is_clear:
        return x, x
    place = np.arange(len(x)) % cycle.length
    means = np.bincount(place, parts.season) / np.bincount(place)
    start = periods.start[periods.whole]
    for name, at in (("peak", int(means.argmax())), ("valley", int(means.argmin()))):
        facts.fields[name] = label(cycle, periods.grid, int(start[at]), at)
    return x - parts.season, x - means[place]


def _changes(
    subject: Subject, changes: Sequence[Change], level: Any, start: Any
) -> tuple[ChangePoint, ...]:
    edges = [0, *(c.index for c in changes), len(start)]
    stretches = [level[a:b] for a, b in pairwise(edges)]
    sd = math.sqrt(sum(float(s.var()) * len(s) for s in stretches) / len(start))
    found = []
    for i, change in enumerate(changes):
        since, until = edges[i], edges[i + 2]
        step = float(stretches[i + 1].mean() - stretches[i].mean())
        before, after = _sides(start, since, change.index, until)
        found.append(
            ChangePoint(
                series_id=subject.name,
                kind="level",
                change=i + 1,
                changed_at=time_text(int(start[change.index])),
                before=_mean(subject.figures(subject.values[since : change.index])),
                after=_mean(subject.figures(subject.values[change.index : until])),
                effect=step / sd if sd > 0 else None,
                gain=change.gain,
                evidence_sql=(
                    f"select avg(value) filter (where {before}) as before,\n"
                    f"    avg(value) filter (where {after}) as after\n"
                    f"from (\n{subject.evidence_sql}\n)"
                ),
            )
        )
    return tuple(found)


def shown_changes(subject: Subject, changes: Sequence[Change]) -> list[Change]:
    """Return changes of spread that the steps between periods show too, by a quarter.

    A season that is smoothed takes more of the noise at the ends of the series.
    """
    import numpy as np

    steps = np.append(np.nan, np.diff(subject.values))
    kept = list(changes)

    def growth(i: int) -> float:
        edges = [0, *(c.index for c in kept), len(steps)]
        low, high = (_sd(steps[a:b]) for a, b in pairwise(edges[i : i + 3]))
        if low is None or high is None:
            return 0.0
        if kept[i].after < kept[i].before:
            low, high = high, low
        return high / low if low > 0 else math.inf

    while kept:
        growths = [growth(i) for i in range(len(kept))]
        weakest = min(range(len(kept)), key=lambda i: growths[i])
        if growths[weakest] >= CLEAR_GROWTH:
            break
        del kept[weakest]
    return kept


def _spread(
    subject: Subject, changes: Sequence[Change], start: Any
) -> tuple[ChangePoint, ...]:
    """Return changes of the spread, by the steps from one period to the next."""
    import numpy as np

    edges = [0, *(c.index for c in changes), len(start)]
    steps = np.append(np.nan, np.diff(subject.values))
    found = []
    for i, change in enumerate(changes):
        since, until = edges[i], edges[i + 2]
        before, after = _sides(start, since, change.index, until)
        low, high = _sd(steps[since : change.index]), _sd(steps[change.index : until])
        found.append(
            ChangePoint(
                series_id=subject.name,
                kind="spread",
                change=i + 1,
                changed_at=time_text(int(start[change.index])),
                before=None if low is None else _ldexp(low, subject.exponent),
                after=None if high is None else _ldexp(high, subject.exponent),
                effect=high / low if low and high is not None else None,
                gain=change.gain,
                evidence_sql=(
                    f"select stddev_samp(step) filter (where {before}) as before,\n"
                    f"    stddev_samp(step) filter (where {after}) as after\n"
                    "from (\n    select period, value - lag(value) over "
                    f"(order by period) as step\n    from (\n{subject.evidence_sql}\n))"
                ),
            )
        )
    return tuple(found)


def _sides(start: Any, since: int, at: int, until: int) -> tuple[str, str]:
    """Return SQL of the periods before and after a change."""
    first, middle, last = (time_sql(int(start[i])) for i in (since, at, until - 1))
    before = f"period >= {first} and period < {middle}"
    return before, f"period >= {middle} and period <= {last}"


def _sd(values: Any) -> float | None:
    """Return the sample standard deviation of the values that are there."""
    import numpy as np

    known = values[np.isfinite(values)]
    if len(known) < 2:
        return None
    rest = centred(known)
    return math.sqrt(float(rest @ rest) / (len(known) - 1))


def _mean(figures: Sequence[float]) -> float | None:
    return math.fsum(f / len(figures) for f in figures) if figures else None


def _ldexp(value: float, exponent: int) -> float:
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        return math.copysign(math.inf, value)
