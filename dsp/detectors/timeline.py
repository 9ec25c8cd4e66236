"""Means by period, and statistics of them that survive wandering levels."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from dsp.detectors.frame import Clock, Frame

MIN_POINTS = 12
CLEARLY = 3.0
"""Standard errors from which blocks go together more than chance makes them."""


class Series(NamedTuple):
    """A column by period: mean scores of a measure, or rows.

    Attributes
    ----------
    name
        The measure; None for the number of rows.
    x, dates
        Position of each period in days, and its first day.
    value, n
        Mean score (number of rows) and rows behind it.
    """

    name: str | None
    clock: Clock
    x: Any
    dates: Any
    value: Any
    n: Any

    @property
    def is_daily(self) -> bool:
        """Whether periods are days, nearly without gaps."""
        return self.clock.is_daily


def all_series(frame: Frame) -> list[Series]:
    """Return every measure by period, and the rows by day where there are no gaps."""
    if frame.clock is None:
        return []
    found = [series_of(frame, name, m.z, m.has) for name, m in frame.measures.items()]
    counts = _rows(frame, frame.clock)
    return [s for s in [*found, counts] if s is not None and _varies(s)]


def series_of(frame: Frame, name: str, scores: Any, has: Any) -> Series | None:
    """Return mean scores by period, over the periods that have any."""
    import numpy as np

    clock = frame.clock
    if clock is None:
        return None
    use = has & (clock.step >= 0)
    step, periods = clock.step[use], len(clock.dates)
    n = np.bincount(step, minlength=periods)
    kept = n > 0
    if int(kept.sum()) < MIN_POINTS:
        return None
    total = np.bincount(step, weights=scores[use], minlength=periods)
    dates = np.array(clock.dates)
    return Series(name, clock, clock.x[kept], dates[kept], total[kept] / n[kept], n[kept])


def _rows(frame: Frame, clock: Clock) -> Series | None:
    import numpy as np

    n = np.bincount(clock.step[clock.step >= 0], minlength=len(clock.dates))
    if not clock.is_daily or len(n) < MIN_POINTS or n.max() <= 1:
        return None
    return Series(None, clock, clock.x, np.array(clock.dates), n.astype(float), n)


def _varies(series: Series) -> bool:
    return float(series.value.max()) > float(series.value.min())


class Step(NamedTuple):
    """A level that changes once.

    Attributes
    ----------
    at
        Place of the first period of the new level.
    jump
        New level less old one.
    statistic, p_value
        Largest distance of the bridge, in standard errors, and its p value with the
        search over all dates in it (Kolmogorov's distribution).
    """

    at: int
    jump: float
    statistic: float
    p_value: float


def best_step(value: Any, weight: Any) -> Step | None:
    """Return the step that explains most of a series.

    Parameters
    ----------
    value, weight
        Level of each period, and what it weighs (1 / variance up to a factor).
    """
    import numpy as np
    from scipy.special import kolmogorov

    n, total = len(value), float(weight.sum())
    if n < 2 * MIN_POINTS or total <= 0:
        return None
    y = value - float(weight @ value) / total
    bridge = np.cumsum(weight * y)[:-1]
    before = np.cumsum(weight)[:-1]
    share = before / total
    place = np.arange(1, n)
    edge = max(3, n // 25)
    inside = (place >= edge) & (place <= n - edge) & (share > 0.02) & (share < 0.98)
    if not inside.any():
        return None
    gain = np.where(inside, np.abs(bridge) / np.sqrt(share * (1 - share) * total), 0.0)
    at = int(np.argmax(gain)) + 1
    old = float(weight[:at] @ y[:at]) / float(before[at - 1])
    new = float(weight[at:] @ y[at:]) / (total - float(before[at - 1]))
    rest = (y - np.where(np.arange(n) < at, old, new)) * np.sqrt(weight)
    variance, _ = long_run_variance(rest)
    if variance <= 0:
        return None
    statistic = float(np.abs(bridge[inside]).max()) / math.sqrt(total * variance)
    return Step(at, new - old, statistic, float(kolmogorov(statistic)))


class Line(NamedTuple):
    """A straight line through a series with a robust test of its slope."""

    start: float
    end: float
    slope: float
    t: float
    df: float
    share: float


def fit_line(x: Any, y: Any, *, season: Any = None) -> Line | None:
    """Fit y on x by least squares; the test allows for wandering means.

    Parameters
    ----------
    season
        Values to take from `y` before testing (a weekly pattern); the line itself is
        that of `y`.
    """
    import numpy as np

    dx = x - x.mean()
    sxx = float((dx * dx).sum())
    if len(x) < MIN_POINTS or sxx <= 0:
        return None
    slope = float((dx * (y - y.mean())).sum() / sxx)
    clean = y if season is None else y - season
    tested = float((dx * (clean - clean.mean())).sum() / sxx)
    rest = clean - clean.mean() - tested * dx
    total = float(((clean - clean.mean()) ** 2).sum())
    variance, df = long_run_variance(rest)
    if variance <= 0 or total <= 0:
        return None
    t = tested / math.sqrt(variance / sxx)
    level = float(y.mean())
    return Line(
        start=level + slope * float(dx[0]),
        end=level + slope * float(dx[-1]),
        slope=slope,
        t=t,
        df=df,
        share=1 - float((rest * rest).sum()) / total if np.isfinite(total) else 0.0,
    )


def long_run_variance(rest: Any) -> tuple[float, float]:
    """Return the variance of residuals as means of them feel it, and its freedom.

    Blocks of several lengths are tried, each with an AR(1) allowance for what links
    neighbouring blocks. Where any of them shows more than chance would, the largest
    figure counts; white noise gives its variance.
    """
    n = len(rest)
    tried = []
    is_wandering = False
    for length in sorted({1, 3, 7, max(1, n // 40), max(1, n // 20)}):
        k = n // length
        if k < MIN_POINTS:
            continue
        block = rest[: k * length].reshape(k, length).mean(axis=1)
        block = block - block.mean()
        power = float((block * block).sum())
        if power <= 0:
            continue
        rho = float((block[1:] * block[:-1]).sum()) / power
        is_linked = rho > CLEARLY / math.sqrt(k)
        # Kendall's correction of the bias of a fitted correlation.
        rho = min(0.99, max(0.0, rho + (1 + 4 * rho) / k if is_linked else 0.0))
        factor = (1 + rho) / (1 - rho)
        variance = length * power / (k - 2) * factor
        tried.append((variance, max(2.0, k / factor - 2)))
        limit = tried[0][0] * (1 + CLEARLY * math.sqrt(2 / k))
        is_wandering = is_wandering or is_linked or variance > limit
    if not tried:
        return 0.0, 1.0
    return max(tried) if is_wandering else tried[0]


def weekly_pattern(series: Series) -> Any:
    """Return the mean of each weekday less the overall mean, one value a bucket."""
    import numpy as np

    day = np.array([d.weekday() for d in series.dates])
    pattern = np.zeros(len(day))
    for weekday in range(7):
        at = day == weekday
        if at.any():
            pattern[at] = series.value[at].mean()
    return pattern - pattern.mean()


def rolling_median(values: Any, half: int = 7) -> Any:
    """Return medians over 2 half + 1 neighbours, fewer at the ends."""
    import numpy as np

    n, width = len(values), 2 * half + 1
    ends = [i for i in range(n) if i < half or i >= n - half]
    medians = np.empty(n)
    if n >= width:
        windows = np.lib.stride_tricks.sliding_window_view(values, width)
        medians[half : n - half] = np.median(windows, axis=1)
    for i in ends:
        medians[i] = np.median(values[max(0, i - half) : i + half + 1])
    return medians
