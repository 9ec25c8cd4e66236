"""Intervals from errors at earlier origins, with a rank that allows for their number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.forecasting.backtest import mean_of
from dsp.forecasting.base import Floats

DENSE = 400
"""Errors of one step ahead from which its own mean is used, not a curve through all."""
OWN = 1.5
"""Windows that the size of all series' errors counts for in the size of one series'."""
STEEPEST = 1.0
CLUSTER = 3.0
"""Errors of neighbouring times that are worth one."""
FEWEST = 6
"""Errors below which intervals are wide guesses."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Half widths of intervals.

    Attributes
    ----------
    half
        [horizon, series]; NaN where there is nothing to go by.
    coverage
        Share of values inside at origins that were left out [series]; NaN if unknown.
    n
        How many values that share is of [series].
    """

    half: Floats
    coverage: Floats
    n: Floats


def intervals(
    errors: Floats, scale: Floats, backs: Sequence[int], *, level: float
) -> Intervals:
    """Return split-conformal intervals, and how often they would have held.

    Absolute errors are divided by how errors grow with the horizon and by their usual
    size in the series; what remains is pooled over steps, origins and series.

    Parameters
    ----------
    errors
        [origin, horizon, series], NaN where unknown.
    scale
        A size of each series [series], above 0, to compare series by.
    level
        Nominal coverage (0-1).
    backs
        Steps from each origin to the end. Origins whose windows overlap share values:
        they are left out together, and do not count twice.

    References
    ----------
    Vovk, Gammerman and Shafer (2005); Lei et al. (2018), JASA 113, 1094-1111: the rank
    is (n + 1) level of n. Errors of neighbours in time are not exchangeable, so the
    coverage is measured, not promised.
    """
    import numpy as np

    size = np.abs(errors) / scale
    growth = _growth(size)
    relative = size / growth[:, None]
    n_series, horizon = errors.shape[2], errors.shape[1]
    apart = np.abs(np.subtract.outer(backs, backs)) >= horizon
    scores, n_times = _scores(relative, apart), max(backs, default=0)
    inside = np.full(errors.shape, np.nan)
    for k, others in enumerate(apart):
        reach = _rank(scores[others], level, others.sum() * horizon)
        if math.isfinite(reach):
            held = relative[k] <= reach * _usual(relative[others])
            inside[k] = np.where(np.isfinite(relative[k]), held, np.nan)
    reach = _rank(scores, level, n_times)
    half = reach * growth[:, None] * (_usual(relative) * scale)[None, :]
    half = np.where(np.isfinite(half), half, np.nan)
    flat = inside.reshape(-1, n_series)
    return Intervals(half, mean_of(flat, axis=0), np.isfinite(flat).sum(axis=0))


def _growth(size: Floats) -> Floats:
    """Return how errors grow with the horizon, 1 on average and never falling."""
    import numpy as np

    horizon = size.shape[1]
    by_step = size.transpose(1, 0, 2).reshape(horizon, -1)
    mean, count = mean_of(by_step, axis=1), np.isfinite(by_step).sum(axis=1)
    steps = np.arange(1, horizon + 1, dtype=float)
    known = np.isfinite(mean) & (mean > 0)
    if count.min(initial=0) >= DENSE and known.all():
        rising = np.maximum.accumulate(mean)
    elif known.sum() >= 3:
        x, y = np.log(steps[known]), np.log(mean[known])
        weight = np.sqrt(count[known])
        x0 = (weight * x).sum() / weight.sum()
        y0 = (weight * y).sum() / weight.sum()
        slope = (weight * (x - x0) * (y - y0)).sum() / (weight * (x - x0) ** 2).sum()
        rising = steps ** float(np.clip(slope, 0.0, STEEPEST))
    else:
        rising = np.sqrt(steps)
    used = rising[known] if known.any() else rising
    return rising / used.mean()


def _usual(relative: Floats) -> Floats:
    """Return the usual size of errors of each series, drawn to that of all."""
    import numpy as np

    flat = relative.reshape(-1, relative.shape[2])
    own = mean_of(flat, axis=0)
    n = np.isfinite(flat).sum(axis=0) / max(relative.shape[1], 1)
    known = np.isfinite(own)
    everyone = float(np.median(own[known])) if known.any() else 1.0
    everyone = everyone if everyone > 0 else 1.0
    total = np.where(known, own * n, 0.0)
    return (total + OWN * everyone) / (n + OWN)


def _scores(relative: Floats, apart: Any) -> Floats:
    """Return errors beside the usual size that the origins apart from each show."""
    import numpy as np

    if relative.shape[2] < 2 or len(relative) == 0:
        return relative / _usual(relative)
    usual = [_usual(relative[others]) for others in apart]
    return relative / np.array(usual).reshape(len(relative), 1, -1)


def _rank(scores: Floats, level: float, n_times: int) -> float:
    """Return the score that a new one exceeds with a chance of at most 1 - level."""
    import numpy as np

    known = np.sort(scores[np.isfinite(scores)])
    n = len(known)
    if n < FEWEST:
        return math.nan
    independent = max(1.0, min(n, n_times * int(scores.shape[2])) / CLUSTER)
    share: float = level * (1 + 1 / independent)
    if share > 1:
        # Too few errors for the level: beyond the largest by how far it is short.
        return float(known[-1] * share)
    return float(known[min(n - 1, math.ceil(share * n) - 1)])


def spread_of_steps(values: Floats, lengths: Any, season: int, horizon: int) -> Floats:
    """Return a standard error [horizon, series] where no origin could be tested.

    The spread of changes grows with the root of the steps (or of the seasons) ahead.
    """
    import numpy as np

    out = np.full((horizon, values.shape[1]), np.nan)
    steps = np.arange(1, horizon + 1)
    for s in range(values.shape[1]):
        own = values[: lengths[s], s]
        lag = season if len(own) > season + 2 else 1
        if len(own) > lag:
            change = own[lag:] - own[:-lag]
            # A spread of few changes is uncertain itself.
            size = math.sqrt(float((change**2).mean()) * (1 + 2 / len(change)))
            out[:, s] = size * np.sqrt(np.ceil(steps / lag))
    return out
