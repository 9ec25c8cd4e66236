"""The dynamic optimised theta method, on series without their season."""

from __future__ import annotations

from typing import Any

from dsp.forecasting.base import Counts, Floats, Forecasts, Histories, blocks
from dsp.forecasting.fitting import least_squares
from dsp.forecasting.seasons import multiplies, shows, without_seasons

ROUNDS = 14
ALPHAS, THETAS = (0.1, 0.5, 0.9), (1.0, 2.0, 4.0)
LOW, HIGH = 0.01, 0.99
MOST = 40.0
"""Curves further from the line than this differ no more."""


class Theta:
    """A line and a curve of theta times its curvature, both brought forward.

    Seasons are taken off by classical decomposition where the values one season apart go
    together; they multiply where all values are above zero.

    References
    ----------
    Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler (2016), International Journal
    of Forecasting 32, 1151-1161 (DOTM).
    """

    name = "theta"
    label = "theta"
    is_baseline = False
    is_global = False

    def forecast(
        self, histories: Histories, horizon: int, *, warm: Any = None
    ) -> Forecasts:
        """Return forecasts of all series."""
        import numpy as np

        product = multiplies(histories)
        wanted = np.zeros(histories.n_series, dtype=bool)
        for period in histories.periods:
            wanted |= shows(histories, period)
        parts = without_seasons(
            histories, histories.periods, horizon, wanted=wanted, is_product=product
        )
        out = np.empty((horizon, histories.n_series))
        for rows in blocks(histories.n_series, 6 * len(histories.values)):
            out[:, rows] = _forecast(parts.adjusted.rows(rows), horizon)
        return Forecasts(parts.back(out))


plugin = Theta()


def _forecast(histories: Histories, horizon: int) -> Floats:
    import numpy as np

    values, live = histories.values, histories.live
    lines = running_lines(values)

    def residuals(theta: Floats, rows: Counts) -> Floats:
        fits = fitted(theta, values[:, rows], tuple(x[:, rows] for x in lines))
        # The first value has no history but the start itself.
        return np.where(live[:, None, rows], values[:, None, rows] - fits, 0.0)

    start = np.stack(
        [
            theta_of(alpha, theta, values[:1] if len(values) else values)
            for alpha in ALPHAS
            for theta in THETAS
        ],
        axis=1,
    )
    everything = np.arange(histories.n_series)
    errors = residuals(start, everything)
    cost = np.nan_to_num(np.einsum("tgs,tgs->gs", errors, errors), nan=np.inf)
    first = start[:, np.argmin(cost, axis=0), everything]
    found, _ = least_squares(residuals, first, rounds=ROUNDS)
    return projected(found, histories, horizon)


def theta_of(alpha: float, theta: float, first: Floats) -> Floats:
    """Return parameters without bounds [3, series]; the level is the first value."""
    import numpy as np

    a = (alpha - LOW) / (HIGH - LOW)
    b = np.clip((theta - 1) / (MOST - 1), 1e-4, 1 - 1e-4)
    shape = first.shape[1]
    return np.stack(
        [
            np.full(shape, np.log(a / (1 - a))),
            np.full(shape, np.log(b / (1 - b))),
            first[0],
        ]
    )


def parameters_of(found: Floats) -> tuple[Floats, Floats, Floats]:
    """Return alpha, theta and the first level."""
    import numpy as np

    a, b = (1 / (1 + np.exp(-np.clip(x, -30, 30))) for x in found[:2])
    return LOW + (HIGH - LOW) * a, 1 + (MOST - 1) * b, found[2]


def running_lines(values: Floats) -> tuple[Floats, Floats]:
    """Return intercept and slope of the line through the values up to each time.

    Arrays [time, series]; times count from 1, the line of one value is flat.
    """
    import numpy as np

    n = np.arange(1, len(values) + 1)[:, None]
    mean = np.cumsum(values, axis=0) / n
    weighted = np.cumsum(n * values, axis=0)
    power = n * (n.astype(float) ** 2 - 1) / 12
    slope = (weighted - mean * n * (n + 1) / 2) / np.maximum(power, 1e-300)
    slope[:1] = 0.0
    return mean - slope * (n + 1) / 2, slope


def fitted(found: Floats, values: Floats, lines: tuple[Floats, Floats]) -> Floats:
    """Return fits of one step [time, variant, series] of the dynamic model.

    Parameters
    ----------
    found
        Parameters without bounds [3, variant, series].
    lines
        From `running_lines`: what is known before each value counts.
    """
    import numpy as np

    alpha, theta, level = parameters_of(found)
    share = 1 - 1 / theta
    out = np.empty((len(values), *alpha.shape))
    decay = np.ones_like(alpha)
    for t in range(len(values)):
        if t == 0:
            out[0] = level
        else:
            a, b = lines[0][t - 1], lines[1][t - 1]
            out[t] = level + share * (decay * a + (1 - decay * (1 - alpha)) / alpha * b)
        level = level + alpha * (values[t] - level)
        decay = decay * (1 - alpha)
    return out


def projected(found: Floats, histories: Histories, horizon: int) -> Floats:
    """Return forecasts [horizon, series]: the line and the level go on from the end."""
    import numpy as np

    alpha, theta, level = parameters_of(found)
    values, lengths, live = histories.values, histories.lengths, histories.live
    for t in range(len(values)):
        level = np.where(live[t], level + alpha * (values[t] - level), level)
    n = lengths.astype(float)
    total = values.sum(axis=0)
    steps = np.arange(1, len(values) + 1)[:, None]
    weighted = (steps * values).sum(axis=0)
    share, out = 1 - 1 / theta, np.empty((horizon, histories.n_series))
    for h in range(horizon):
        slope = (weighted - total * (n + 1) / 2) / np.maximum(n * (n**2 - 1) / 12, 1e-300)
        slope = np.where(n > 1, slope, 0.0)
        start = total / np.maximum(n, 1) - slope * (n + 1) / 2
        decay = (1 - alpha) ** n
        out[h] = level + share * (
            decay * start + (1 - decay * (1 - alpha)) / alpha * slope
        )
        level = level + alpha * (out[h] - level)
        n = n + 1
        total, weighted = total + out[h], weighted + n * out[h]
    return out
