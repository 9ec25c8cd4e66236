"""Weekly and yearly cycles, tested on whole weeks and years."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dsp.detectors import evidence_sql as evidence
from dsp.detectors import significance as tests
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.relations import NEAR
from dsp.detectors.terms import YEAR, Term
from dsp.detectors.time_words import say_cycle, time_columns, time_facts
from dsp.detectors.timeline import (
    Series,
    all_series,
    long_run_variance,
    weekly_pattern,
)
from dsp.inference.tails import f_tail

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_WEEKS = 4
MIN_YEARS = 2
MIN_SPAN = 400
"""Days from which a wave of a year is told from a line."""
MIN_CHANGE = 0.05
MIN_SD = 0.015


class Seasonality:
    """Weekly and yearly cycles."""

    name = "seasonality"

    def detect(self, scene: Scene) -> Found:
        """Compare weekdays within whole weeks, and months within whole years."""
        listed: list[Candidate | None] = []
        for series in all_series(scene.frame):
            if series.is_daily:
                listed.append(_cycle(scene, series, "weekly", _weeks(series)))
            if series.name is not None and series.clock.bucket in ("day", "month"):
                years = _years(series)
                listed.append(_cycle(scene, series, "yearly", years))
                listed.append(_wave(scene, series))
        near = [c for c in listed if c is not None and (c.p_value or 0.0) < NEAR]
        return found(near, len(listed))


def _cycle(scene: Scene, series: Series, period: str, matrix: Any) -> Candidate | None:
    if matrix is None:
        return None
    outcome = spherical(matrix) if period == "weekly" else linked(matrix)
    if outcome is None:
        return None
    clock = series.clock
    if series.name is None:
        usual = matrix.mean(axis=0)
        level = abs(float(series.value.mean()))
        is_large = float(usual.max() - usual.min()) >= MIN_CHANGE * level
    else:
        is_large = _spread(series, period) >= MIN_SD
    return Candidate(
        kind="seasonality",
        columns=time_columns(scene, series),
        target=series.name,
        period=period,
        effect_name="partial_eta_squared",
        effect=outcome.effect,
        n_rows=int(series.n.sum()),
        impact=outcome.effect,
        test="F over days of whole weeks"
        if period == "weekly"
        else "F over months of whole years",
        unit="day" if period == "weekly" else "month",
        statistic=outcome.statistic,
        p_value=outcome.p_value,
        is_large=is_large,
        evidence_sql=evidence.cycle_bars(scene, clock.column, series.name, period),
        shape="bars",
        response=series.name,
        term=Term(form=period),
        say=say_cycle,
        facts=time_facts(scene, series),
    )


def _wave(scene: Scene, series: Series) -> Candidate | None:
    """Return the candidate of one smooth wave a year beside a line, where it fits."""
    import numpy as np

    if float(series.x[-1] - series.x[0]) < MIN_SPAN:
        return None
    y = series.value - (weekly_pattern(series) if series.is_daily else 0.0)
    weight = series.n.astype(float)
    angle = 2 * np.pi * series.x / YEAR
    line = np.column_stack([np.ones(len(y)), series.x / YEAR])
    full = np.column_stack([line, np.cos(angle), np.sin(angle)])
    root = np.sqrt(weight)
    flat, *_ = np.linalg.lstsq(line * root[:, None], y * root, rcond=None)
    factors, *_ = np.linalg.lstsq(full * root[:, None], y * root, rcond=None)
    straight = (y - line @ flat) * root
    rest = (y - full @ factors) * root
    variance, df = long_run_variance(rest)
    gain = float(straight @ straight) - float(rest @ rest)
    if variance <= 0 or gain <= 0:
        return None
    f = gain / 2 / variance
    size = float(np.hypot(factors[2], factors[3])) / 2**0.5
    phase = float(np.arctan2(factors[3], factors[2]) / (2 * np.pi) * YEAR) % YEAR
    clock = series.clock
    return Candidate(
        kind="seasonality",
        columns=time_columns(scene, series),
        target=series.name,
        period="yearly",
        effect_name="rank_r",
        effect=size,
        n_rows=int(series.n.sum()),
        impact=size * size,
        test="F of a wave of a year beside a line, long-run variance",
        unit=clock.bucket,
        statistic=f,
        p_value=f_tail(f, 2, df),
        is_large=size >= MIN_SD,
        evidence_sql=evidence.cycle_bars(scene, clock.column, series.name, "yearly"),
        shape="bars",
        response=series.name,
        term=Term(form="wave", phase=phase),
        say=say_cycle,
        facts=time_facts(scene, series),
    )


def _spread(series: Series, period: str) -> float:
    """Return the standard deviation of the cycle's means, in that of single rows."""
    import numpy as np

    place = np.array(
        [d.weekday() if period == "weekly" else d.month - 1 for d in series.dates]
    )
    n = np.maximum(np.bincount(place, weights=series.n), 1e-9)
    mean = np.bincount(place, weights=series.n * series.value) / n
    grand = float((n * mean).sum() / n.sum())
    return float(np.sqrt((n * (mean - grand) ** 2).sum() / n.sum()))


def _weeks(series: Series) -> Any:
    """Return values by whole week (rows) and weekday (columns, Monday first), or None."""
    import numpy as np

    by_day = dict(zip(series.dates, series.value, strict=True))
    first = series.dates[0]
    day = first + timedelta(days=-first.weekday() % 7)
    rows = []
    while day <= series.dates[-1]:
        week = [by_day.get(day + timedelta(days=i)) for i in range(7)]
        if None not in week:
            rows.append(week)
        day += timedelta(days=7)
    return np.array(rows, dtype=float) if len(rows) >= MIN_WEEKS else None


def _years(series: Series) -> Any:
    """Return monthly means by whole year (rows, from the first month) or None."""
    import numpy as np

    months: dict[int, list[float]] = {}
    for date, value in zip(series.dates, series.value, strict=True):
        months.setdefault(date.year * 12 + date.month - 1, []).append(float(value))
    start = min(months)
    rows = []
    while start + 11 <= max(months):
        year = [months.get(start + i) for i in range(12)]
        if all(year):
            values = [float(np.mean(m)) for m in year if m]
            shift = start % 12
            rows.append(values[-shift:] + values[:-shift] if shift else values)
        start += 12
    return np.array(rows) if len(rows) >= MIN_YEARS else None


def spherical(matrix: Any) -> tests.Outcome | None:
    """Test equal columns within rows by F with the Greenhouse-Geisser allowance.

    What links the days of a week (a wandering level) lowers the degrees of freedom; with
    fewer than ten weeks the lowest possible ones are taken.
    """
    import numpy as np

    rows, k = matrix.shape
    centred = matrix - matrix.mean(axis=1, keepdims=True)
    column = centred.mean(axis=0)
    rest = centred - column
    between, within = rows * float((column**2).sum()), float((rest**2).sum())
    if within <= 0 or not np.isfinite(between + within):
        return None
    cov = rest.T @ rest / (rows - 1)
    epsilon = float(np.trace(cov) ** 2 / ((k - 1) * (cov * cov).sum()))
    epsilon = max(1 / (k - 1), min(1.0, epsilon)) if rows >= 10 else 1 / (k - 1)
    f = between * (rows - 1) / within
    p = f_tail(f, (k - 1) * epsilon, (k - 1) * (rows - 1) * epsilon)
    return tests.Outcome(f, p, between / (between + within))


def linked(matrix: Any) -> tests.Outcome | None:
    """Test equal columns within rows by F, with an allowance for linked neighbours."""
    import numpy as np

    rows, k = matrix.shape
    steps = np.arange(rows * k)
    flat = matrix.reshape(-1)
    slope, level = np.polyfit(steps, flat, 1)
    straight = (flat - slope * steps - level).reshape(rows, k)
    column = straight.mean(axis=0) - straight.mean()
    rest = straight - straight.mean(axis=1, keepdims=True) - column
    between, within = rows * float((column**2).sum()), float((rest**2).sum())
    if within <= 0 or not np.isfinite(between + within):
        return None
    line = rest.reshape(-1)
    rho = float((line[1:] * line[:-1]).sum() / (line * line).sum())
    rho = min(0.95, max(0.0, rho + (1 + 4 * rho) / (rows * k)))
    factor = (1 - rho) / (1 + rho)
    df = max((rows - 1) * (k - 1) * factor, 1.0)
    noise = within / ((rows - 1) * (k - 1)) / factor
    f = between / (k - 1) / noise
    angle = 2 * np.pi * np.arange(k) / k
    power = float((column @ np.cos(angle)) ** 2 + (column @ np.sin(angle)) ** 2)
    wave = rows * 2 / k * power / 2
    # One smooth wave a year is a sharper question than twelve free months; both count.
    p = min(f_tail(f, k - 1, df), f_tail(wave / noise, 2, df))
    return tests.Outcome(f, min(1.0, 2 * p), between / (between + within))


plugin = Seasonality()
