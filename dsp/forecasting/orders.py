"""One ARMA model for many series at once: coefficients, errors, fit and forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dsp.forecasting.base import Counts, Floats, Histories
from dsp.forecasting.fitting import least_squares

ROUNDS, WARM_ROUNDS = 10, 4


@dataclass(frozen=True, slots=True)
class Order:
    """Orders of one model, without those of its differences.

    Attributes
    ----------
    p, q, p_season, q_season
        Terms of values and of errors, plain and seasonal.
    has_mean
        Whether the differences have a mean.
    """

    p: int
    q: int
    p_season: int = 0
    q_season: int = 0
    has_mean: bool = False
    period: int = 1

    @property
    def n_parameters(self) -> int:
        """Number of coefficients."""
        return self.p + self.q + self.p_season + self.q_season + self.has_mean


def lag_of(order: Order) -> int:
    """Return how far back the terms of values reach."""
    return order.p + order.p_season * order.period


def polynomials(
    order: Order, theta: Floats
) -> tuple[dict[int, Any], dict[int, Any], Any]:
    """Return coefficients of earlier values and errors by lag, and the mean.

    Parameters
    ----------
    theta
        Parameters without bounds [parameter, …].

    Returns
    -------
    values, errors, mean
        Signs as in w_t - mean = sum of values + e_t + sum of errors.
    """
    import numpy as np

    parts, at = [], 0
    for count in (order.p, order.p_season, order.q, order.q_season):
        parts.append(_stationary(theta[at : at + count]))
        at += count
    mean = theta[at] if order.has_mean else np.zeros(theta.shape[1:])
    values = _product(parts[0], parts[1], order.period, sign=-1)
    errors = _product(parts[2], parts[3], order.period, sign=1)
    return values, errors, mean


def _stationary(x: Any) -> list[Any]:
    """Return coefficients of a stationary process from any numbers."""
    import numpy as np

    partial = 0.98 * np.tanh(x)
    found: list[Any] = []
    for k in range(len(x)):
        r = partial[k]
        found = [a - r * b for a, b in zip(found, found[::-1], strict=True)] + [r]
    return found


def _product(
    plain: list[Any], seasonal: list[Any], period: int, *, sign: int
) -> dict[int, Any]:
    """Return the coefficients of the product of two polynomials by lag."""
    out = {i + 1: c for i, c in enumerate(plain)}
    for j, s in enumerate(seasonal):
        lag = (j + 1) * period
        out[lag] = out.get(lag, 0.0) + s
        for i, c in enumerate(plain):
            both = lag + i + 1
            out[both] = out.get(both, 0.0) + sign * s * c
    return out


def errors_of(order: Order, theta: Floats, values: Floats, live: Any) -> Floats:
    """Return errors of one step [time, variant, series], 0 before there is a history."""
    import numpy as np

    by_value, by_error, mean = polynomials(order, theta)
    centred = values[:, None, :] - mean
    errors = centred.copy()
    for lag, coefficient in by_value.items():
        errors[lag:] -= coefficient * centred[: len(values) - lag]
    errors[: lag_of(order)] = 0.0
    terms = sorted(by_error.items())
    with np.errstate(all="ignore"):
        for t in range(lag_of(order) if terms else len(values), len(values)):
            for lag, coefficient in terms:
                if lag > t:
                    break
                errors[t] -= coefficient * errors[t - lag]
    return np.where(live[:, None, :], errors, 0.0)


def fit(order: Order, work: Histories, before: Any) -> tuple[Floats, Floats]:
    """Return parameters without bounds [parameter, series] and AICc [series].

    Parameters
    ----------
    work
        Series after their differences.
    before
        Parameters to start from, or None.
    """
    import numpy as np

    values, live = work.values, work.live
    if before is None:
        start, rounds = np.zeros((order.n_parameters, work.n_series)), ROUNDS
        start[: order.p] = 0.2
        start[order.p : -1 if order.has_mean else None] = 0.0
        seasonal = order.p + order.p_season + order.q
        start[seasonal : seasonal + order.q_season] = -0.5
        if order.has_mean:
            start[-1] = values.sum(axis=0) / np.maximum(work.lengths, 1)
    else:
        start, rounds = before.copy(), WARM_ROUNDS
    if order.n_parameters == 0:
        cost = (values**2).sum(axis=0)
        return start, _aicc(cost, work.lengths, order)

    def residuals(theta: Floats, rows: Counts) -> Floats:
        return errors_of(order, theta, values[:, rows], live[:, rows])

    theta, cost = least_squares(residuals, start, rounds=rounds)
    return theta, _aicc(cost, work.lengths, order)


def _aicc(cost: Floats, lengths: Counts, order: Order) -> Floats:
    """Return AICc; the sum of squares is brought to the full length first."""
    import numpy as np

    k = order.n_parameters + 1
    used = np.maximum(lengths - lag_of(order), 1)
    spare = lengths - k - 1
    with np.errstate(all="ignore"):
        fit = lengths * np.log(np.maximum(cost / used, 1e-300))
        penalty = 2 * k * (1 + (k + 1) / spare)
    return np.where((spare > 0) & np.isfinite(cost), fit + penalty, np.inf)


def projected(order: Order, theta: Floats, work: Histories, horizon: int) -> Floats:
    """Return forecasts [horizon, series] of parameters [parameter, series]."""
    import numpy as np

    by_value, by_error, mean = polynomials(order, theta)
    errors = errors_of(order, theta[:, None, :], work.values, work.live)[:, 0]
    centred = np.where(work.live, work.values - mean, 0.0)
    n, columns = work.lengths, np.arange(work.n_series)
    out = np.zeros((horizon, work.n_series))

    def past(array: Floats, back: int) -> Any:
        at = n - back
        found = array[np.clip(at, 0, len(array) - 1), columns]
        return np.where(at >= 0, found, 0.0)

    for h in range(horizon):
        for lag, coefficient in by_value.items():
            earlier = out[h - lag] if lag <= h else past(centred, lag - h)
            out[h] += coefficient * earlier
        for lag, coefficient in by_error.items():
            if lag > h:
                out[h] += coefficient * past(errors, lag - h)
    return out + mean
