"""Trend, season and rest of a series by loess, and how strong each is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dsp.inference.series import centred

SEASONAL = 7
"""Cycles that the smoother of the season sees."""
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A series as trend + season + rest, arrays of one value a period.

    Attributes
    ----------
    trend_strength, seasonal_strength
        1 less the share of variance that the rest has beside the trend, and beside the
        season; 0 to 1, None where there is nothing to share.
    """

    trend: Any
    season: Any
    rest: Any
    trend_strength: float | None
    seasonal_strength: float | None


def decompose(values: Any, period: int) -> Decomposition | None:
    """Split a series into trend, season and rest by STL.

    Parameters
    ----------
    values
        Finite numbers, one a period, in order and without gaps.
    period
        Values in a cycle (2 or more).

    Returns
    -------
    Decomposition or None
        None when fewer than two cycles are there, or `period` is below 2.

    References
    ----------
    Cleveland, Cleveland, McRae and Terpenning (1990), Journal of Official Statistics 6,
    3-73; agrees with `statsmodels.tsa.seasonal.STL` with its defaults (no robust
    rounds). Strengths: Hyndman and Athanasopoulos, Forecasting, section 4.3.
    """
    import numpy as np

    n = len(values)
    if period < 2 or n < 2 * period:
        return None
    y = centred(values)
    level = float(np.asarray(values, dtype=float)[0] - y[0])
    span = math.ceil(1.5 * period / (1 - 1.5 / SEASONAL))
    span += span % 2 == 0
    low = period + 1 + (period % 2)
    trend = np.zeros(n)
    season = np.zeros(n)
    by_place = [_loess(n // period + extra, SEASONAL) for extra in (0, 1)]
    by_cycle, by_trend = _loess(n, low), _loess(n, span)
    for _ in range(_ROUNDS):
        cycle = _cycles(y - trend, period, by_place)
        passed = _average(_average(_average(cycle, period), period), 3)
        season = cycle[period : period + n] - by_cycle(passed)
        trend = by_trend(y - season)
    rest = y - season - trend
    return Decomposition(
        trend=trend + level,
        season=season,
        rest=rest,
        trend_strength=_strength(rest, trend + rest),
        seasonal_strength=_strength(rest, season + rest),
    )


def _strength(rest: Any, both: Any) -> float | None:
    whole = float(both.var())
    return max(0.0, 1 - float(rest.var()) / whole) if whole > 0 else None


def _cycles(y: Any, period: int, smoothers: Sequence[_Loess]) -> Any:
    """Smooth the values at each place of the cycle over the cycles, one beyond each end.

    The values of a place are a row; places beyond the last full cycle have one more.
    """
    import numpy as np

    n = len(y)
    out = np.zeros(n + 2 * period)
    more = n % period
    groups = (np.arange(more, period), np.arange(more))
    for smooth_by, places in zip(smoothers, groups, strict=True):
        if len(places) == 0:
            continue
        count = smooth_by.n
        at = places[:, None] + period * np.arange(count)
        grid = y[at]
        smooth = np.empty((len(places), count + 2))
        smooth[:, 1:-1] = smooth_by(grid)
        width = min(SEASONAL, count)
        before = _weights(count, SEASONAL, 0, 1, width)
        after = _weights(count, SEASONAL, count + 1, max(1, count - SEASONAL + 1), count)
        smooth[:, 0] = grid[:, :width] @ before
        smooth[:, -1] = grid[:, count - len(after) :] @ after
        out[places[:, None] + period * np.arange(count + 2)] = smooth
    return out


def _average(x: Any, length: int) -> Any:
    """Return the means of `length` neighbours."""
    import numpy as np

    sums = np.concatenate([[0.0], np.cumsum(x)])
    return (sums[length:] - sums[:-length]) / length


class _Loess:
    """Smooths `n` values, by lines fitted to `length` neighbours each.

    Away from the ends all points have the same weights, which makes a convolution; the
    weights of the ends are kept, for the smoother runs many times.
    """

    def __init__(self, n: int, length: int) -> None:
        self.n, self.length = n, length
        self.half = (length + 2) // 2
        width = min(length, n)
        ends = range(n) if length >= n else (*range(self.half - 1), *self._last())
        self._ends = []
        for i in ends if n > 1 else ():
            left = 0 if i < self.half or length >= n else n - length
            weights = _weights(n, length, i + 1, left + 1, left + width)
            self._ends.append((i, left, weights))
        self._kernel = None if length >= n else _weights(n, length, self.half, 1, length)

    def _last(self) -> range:
        return range(self.n - self.length + self.half, self.n)

    def __call__(self, y: Any) -> Any:
        """Return values smoothed, along the rows where there are several."""
        import numpy as np

        if self.n < 2:
            return y.copy()
        out = np.empty(y.shape)
        for i, left, weights in self._ends:
            out[..., i] = y[..., left : left + len(weights)] @ weights
        if self._kernel is None:
            return out
        n_inner = self.n - self.length + 1
        if y.ndim == 1:
            inner = np.convolve(y, self._kernel[::-1], "valid")
        else:
            pairs = enumerate(self._kernel.tolist())
            inner = sum(w * y[:, j : j + n_inner] for j, w in pairs)
        out[..., self.half - 1 : self.half - 1 + n_inner] = inner
        return out


@lru_cache(maxsize=8)
def _loess(n: int, length: int) -> _Loess:
    """Return a smoother; the series of a table, all as long, share it."""
    return _Loess(n, length)


def _weights(n: int, length: int, at: int, left: int, right: int) -> Any:
    """Return the weights that make the fitted line at `at` of the values left to right.

    Places count from 1, as in the paper.
    """
    import numpy as np

    reach = float(max(at - left, right - at))
    if length > n:
        reach += (length - n) // 2
    place = np.arange(left, right + 1, dtype=float)
    away = np.abs(place - at)
    near = np.where(
        away <= 0.001 * reach, 1.0, (1 - (away / max(reach, 1e-300)) ** 3) ** 3
    )
    weights = np.where(away <= 0.999 * reach, near, 0.0)
    if reach == 0:
        weights = np.ones(len(place))
    weights = weights / weights.sum()
    middle = float(weights @ place)
    spread = float(weights @ (place - middle) ** 2)
    if reach > 0 and math.sqrt(spread) > 0.001 * (n - 1):
        weights = weights * ((at - middle) / spread * (place - middle) + 1)
    return weights
