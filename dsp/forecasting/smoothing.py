"""Exponential smoothing of many series and variants at once: the recursions.

Both kinds of errors update the states alike, by the plain error of one step; they differ
in what is minimised. A form is a pair of letters: trend (N, A or D for damped) and season
(N, A or M), with the kind of error (A or M) in front: ``AAN``, ``MDM``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dsp.forecasting.base import Counts, Floats

LEAST = 1e-6
"""The smallest level and factor where seasons multiply."""
DAMPED = (0.8, 0.98)
_ALPHA = (1e-4, 0.9999)


@dataclass(frozen=True, slots=True)
class Form:
    """One member of the family.

    Attributes
    ----------
    error, trend, season
        Letters, see above.
    period
        Steps of the season; 1 when there is none.
    """

    error: str
    trend: str
    season: str
    period: int = 1

    @property
    def name(self) -> str:
        """The letters as papers write them: ``MAdM``."""
        return self.error + self.trend.replace("D", "Ad") + self.season

    @property
    def n_parameters(self) -> int:
        """Parameters of smoothing and start, with the spread of the errors."""
        n_trend = {"N": 0, "A": 2, "D": 3}[self.trend]
        return 3 + n_trend + (self.period if self.season != "N" else 0)


@dataclass(slots=True)
class Weights:
    """Smoothing parameters [variant, series]."""

    alpha: Any
    beta: Any
    gamma: Any
    phi: Any


def weights_of(form: Form, theta: Floats) -> tuple[Weights, Any, Any, Any]:
    """Return weights, level, slope and season of parameters without bounds.

    Parameters
    ----------
    theta
        [parameter, variant, series]: alpha, then beta, phi and gamma where the form has
        them, all as logits within their bounds; level, slope, and all but one place of
        the season.

    Returns
    -------
    weights, level, slope, season
        The season is [place, variant, series]: its places sum to 0, or have the mean 1.
    """
    import numpy as np

    rows = iter(range(len(theta)))
    low, high = _ALPHA
    alpha = low + (high - low) * _logistic(theta[next(rows)])
    beta: Any = 0.0
    phi: Any = 1.0
    gamma: Any = 0.0
    if form.trend != "N":
        beta = alpha * _logistic(theta[next(rows)])
    if form.trend == "D":
        phi = DAMPED[0] + (DAMPED[1] - DAMPED[0]) * _logistic(theta[next(rows)])
    if form.season != "N":
        gamma = (1 - alpha) * _logistic(theta[next(rows)])
    level = theta[next(rows)]
    slope = theta[next(rows)] if form.trend != "N" else np.zeros_like(level)
    season = None
    if form.season != "N":
        first = theta[next(rows) :]
        rest = (form.period if form.season == "M" else 0.0) - first.sum(axis=0)
        season = np.concatenate([first, rest[None]])
    return Weights(alpha, beta, gamma, phi), level, slope, season


def theta_of(form: Form, weights: Weights, states: tuple[Any, Any, Any]) -> Floats:
    """Return parameters without bounds [parameter, …]: the inverse of `weights_of`."""
    import numpy as np

    level, slope, season = states
    low, high = _ALPHA
    rows = [_logit((weights.alpha - low) / (high - low))]
    if form.trend != "N":
        rows.append(_logit(weights.beta / weights.alpha))
    if form.trend == "D":
        rows.append(_logit((weights.phi - DAMPED[0]) / (DAMPED[1] - DAMPED[0])))
    if form.season != "N":
        rows.append(_logit(weights.gamma / (1 - weights.alpha)))
    rows.append(level)
    if form.trend != "N":
        rows.append(slope)
    if form.season != "N":
        rows.extend(season[:-1])
    return np.stack(np.broadcast_arrays(*rows))


def errors_of(form: Form, theta: Floats, values: Floats, live: Any) -> Floats:
    """Return what is minimised: errors of one step [time, variant, series].

    Their sum of squares is a monotone function of the likelihood: relative errors are
    multiplied by the geometric mean of the fits. Values beyond the end count 0.

    References
    ----------
    Hyndman, Koehler, Ord and Snyder (2008), Forecasting with Exponential Smoothing,
    sections 2.5 and 5.1; agrees with `statsmodels.tsa.exponential_smoothing.ets` but
    where seasons multiply: there statsmodels moves them by the level after the value.
    """
    import numpy as np

    weights, level, slope, season = weights_of(form, theta)
    n, shape = len(values), theta.shape[1:]
    errors = np.empty((n, *shape))
    fits = np.empty((n, *shape))
    state = [level, slope, None if season is None else np.array(season)]
    with np.errstate(all="ignore"):
        for t in range(n):
            errors[t], fits[t] = _advance(form, weights, state, values[t], t)
        if form.error == "A":
            return np.where(live[:, None, :], errors, 0.0)
        known = live[:, None, :]
        is_low = known & (fits < LEAST)
        logs = np.where(known, np.log(np.maximum(fits, LEAST)), 0.0)
        scale = np.exp(logs.sum(axis=0) / np.maximum(live.sum(axis=0), 1))
        relative = np.where(known, errors / fits, 0.0) * scale
    # A fit that is no positive number has no likelihood.
    return np.where(is_low.any(axis=0), np.inf, relative)


def _advance(
    form: Form, weights: Weights, state: list[Any], value: Any, t: int
) -> tuple[Any, Any]:
    """Move the states over one value and return its error and its fit."""
    import numpy as np

    level, slope, season = state
    base = level if form.trend == "N" else level + weights.phi * slope
    at = t % form.period
    if form.season == "N":
        fit = base
        error = share = value - fit
    elif form.season == "A":
        fit = base + season[at]
        error = share = value - fit
        season[at] += weights.gamma * error
    else:
        factor = np.maximum(season[at], LEAST)
        fit = base * factor
        error = value - fit
        share = error / factor
        season[at] = factor + weights.gamma * error / np.maximum(base, LEAST)
    state[0] = base + weights.alpha * share
    if form.trend != "N":
        state[1] = weights.phi * slope + weights.beta * share
    return error, fit


def projected(
    form: Form, theta: Floats, values: Floats, lengths: Counts, horizon: int
) -> Floats:
    """Return forecasts [horizon, series] of parameters [parameter, series]."""
    import numpy as np

    weights, level, slope, season = weights_of(form, theta[:, None, :])
    state = [level, slope, None if season is None else np.array(season)]
    n_series = values.shape[1]
    ends: list[Any] = [np.zeros(n_series), np.zeros(n_series), None]
    if season is not None:
        ends[2] = np.zeros((form.period, n_series))
    order = np.bincount(lengths, minlength=len(values) + 1)
    with np.errstate(all="ignore"):
        for t in range(len(values)):
            if order[t]:
                _note(ends, state, lengths == t)
            _advance(form, weights, state, values[t], t)
        _note(ends, state, lengths == len(values))
    phi = np.broadcast_to(weights.phi, level.shape)[0]
    reach, out = np.zeros(n_series), np.empty((horizon, n_series))
    columns, power = np.arange(n_series), np.ones(n_series)
    for h in range(horizon):
        power = power * phi
        reach = reach + power
        out[h] = ends[0] + (0.0 if form.trend == "N" else reach * ends[1])
        if form.season != "N":
            factor = ends[2][(lengths + h) % form.period, columns]
            out[h] = out[h] + factor if form.season == "A" else out[h] * factor
    return out


def _note(ends: list[Any], state: list[Any], which: Any) -> None:
    for end, now in zip(ends, state, strict=True):
        if end is not None:
            end[..., which] = now[..., 0, which]


def _logistic(x: Any) -> Any:
    import numpy as np

    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


def _logit(share: Any) -> Any:
    import numpy as np

    inside = np.clip(share, 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))
