"""Differences and logarithms: when they are needed, taken and taken back."""

from __future__ import annotations

from typing import Any

from dsp.forecasting.base import Counts, Floats, Histories
from dsp.forecasting.seasons import multiplies


def grows(histories: Histories) -> Any:
    """Return whether a series spreads as it rises, so that logarithms are steadier.

    The spread of blocks of one season (of 5 values without one) must grow with their
    level: with a power above a half, beyond doubt (t above 2).

    References
    ----------
    Guerrero (1993), Journal of Forecasting 12, 37-48, whose power of 0 is meant.
    """
    import numpy as np

    size = max(histories.season, 5)
    n_blocks = len(histories.values) // size
    positive = multiplies(histories)
    if n_blocks < 4:
        return np.zeros(histories.n_series, dtype=bool)
    cut = histories.values[: n_blocks * size].reshape(n_blocks, size, -1)
    whole = (np.arange(1, n_blocks + 1) * size)[:, None] <= histories.lengths
    level, spread = cut.mean(axis=1), cut.std(axis=1)
    whole &= (level > 0) & (spread > 1e-9)
    n = np.maximum(whole.sum(axis=0), 1)
    x, y = (np.log(np.where(whole, v, 1.0)) for v in (level, spread))
    x, y = (np.where(whole, v - v.sum(axis=0) / n, 0.0) for v in (x, y))
    power = np.maximum((x**2).sum(axis=0), 1e-300)
    slope = (x * y).sum(axis=0) / power
    rest = ((np.where(whole, y - slope * x, 0.0)) ** 2).sum(axis=0)
    error = np.sqrt(rest / np.maximum(n - 2, 1) / power)
    return positive & (n >= 4) & (slope > 0.5) & (slope > 2 * error)


def differenced(histories: Histories, lag: int) -> Histories:
    """Return the changes over `lag` steps; a series loses that many values."""
    import numpy as np

    lengths = np.maximum(histories.lengths - lag, 0)
    top = int(lengths.max(initial=0))
    live = np.arange(top)[:, None] < lengths
    steps = histories.values[lag : lag + top] - histories.values[:top]
    return Histories(np.where(live, steps, 0.0), lengths)


def kpss(histories: Histories) -> Floats:
    """Return the statistic of KPSS around a level; 0 for fewer than 10 values.

    References
    ----------
    `statsmodels.tsa.stattools.kpss` with ``nlags = int(3 * sqrt(n) / 13)``, the lags of
    the R package urca.
    """
    import numpy as np

    n, live = np.maximum(histories.lengths, 1), histories.live
    mean = histories.values.sum(axis=0) / n
    x = np.where(live, histories.values - mean, 0.0)
    power = (x**2).sum(axis=0)
    lags = (3 * np.sqrt(n) / 13).astype(int)
    variance = power / n
    for k in range(1, int(lags.max(initial=0)) + 1):
        weight = np.where(k <= lags, 1 - k / (lags + 1), 0.0)
        variance = variance + 2 * weight * (x[k:] * x[: len(x) - k]).sum(axis=0) / n
    sums = np.where(live, np.cumsum(x, axis=0), 0.0)
    is_flat = power <= 1e-20 * np.maximum((histories.values**2).sum(axis=0), 1e-300)
    ratio = (sums**2).sum(axis=0) / n**2 / np.maximum(variance, 1e-300)
    return np.where((histories.lengths >= 10) & ~is_flat, ratio, 0.0)


def summed(steps: Floats, before: Histories, d: int) -> Floats:
    """Return levels from steps ahead."""
    import numpy as np

    if not d:
        return steps
    if d > 1:
        steps = summed(steps, differenced(before, 1), d - 1)
    last = before.tail(np.arange(before.n_series), 1)
    return last + np.cumsum(steps, axis=0)


def seasons_back(changes: Floats, values: Floats, lengths: Counts, period: int) -> Floats:
    """Return levels from changes over a season."""
    import numpy as np

    out, columns = np.empty_like(changes), np.arange(changes.shape[1])
    for h in range(len(changes)):
        before = (
            out[h - period]
            if h >= period
            else values[np.maximum(lengths - period + h, 0), columns]
        )
        out[h] = before + changes[h]
    return out
