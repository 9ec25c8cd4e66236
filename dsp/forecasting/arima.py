"""ARIMA: differences by tests, orders by AICc among a fixed set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from dsp.forecasting.base import Counts, Floats, Forecasts, Histories, blocks
from dsp.forecasting.fitting import least_squares
from dsp.forecasting.seasons import (
    LONGEST_STATES,
    STRONG,
    multiplies,
    strength,
    without_seasons,
)

ROUNDS, WARM_ROUNDS = 10, 4
NEAR = 6.0
KPSS_BOUND = 0.463
"""Five of 100 stationary series are above it (Kwiatkowski et al., 1992, table 1)."""
PLAIN = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (2, 1), (3, 0))
SEASONAL = ((0, 0), (1, 0), (0, 1), (1, 1))
MOST_SEASONAL = 2
"""Plain terms at most beside seasonal ones."""


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


class Arima:
    """Differences until KPSS accepts, then the model with the least AICc.

    Seasonal differences where the season is strong. Coefficients minimise the conditional
    sum of squares, kept stationary and invertible by partial autocorrelations. Seasons of
    more than 24 steps, and several of them, are taken off before.

    References
    ----------
    Hyndman and Khandakar (2008), Journal of Statistical Software 27(3); Box and Jenkins,
    section 7.1 (conditional sum of squares); Barndorff-Nielsen and Schou (1973).
    """

    name = "arima"
    label = "ARIMA"
    is_baseline = False
    is_global = False

    def forecast(
        self, histories: Histories, horizon: int, *, warm: Any = None
    ) -> Forecasts:
        """Return forecasts of the model with the least AICc for each series."""
        import numpy as np

        season = histories.season
        if len(histories.periods) > 1 or season > LONGEST_STATES:
            strong = np.max(
                [strength(histories, round(p)) for p in histories.periods], axis=0
            )
            parts = without_seasons(
                histories,
                histories.periods,
                horizon,
                wanted=strong > 0.1,
                is_product=np.zeros(histories.n_series, dtype=bool),
            )
            found = self.forecast(parts.adjusted, horizon, warm=warm)
            return Forecasts(parts.back(found.values), found.warm, found.notes)
        if season > 1:
            seasonal = (strength(histories, season) > STRONG) & (
                histories.lengths >= 2 * season + 5
            )
        else:
            seasonal = np.zeros(histories.n_series, dtype=bool)
        return _forecast(histories, horizon, seasonal, warm)


plugin = Arima()


def _forecast(
    histories: Histories, horizon: int, seasonal: Any, warm: Any
) -> Forecasts:
    import numpy as np

    is_log = grows(histories)
    logged = replace(
        histories,
        values=np.where(
            is_log & histories.live,
            np.log(np.maximum(histories.values, 1e-300)),
            histories.values,
        ),
    )
    out = np.full((horizon, histories.n_series), np.nan)
    notes = np.full(histories.n_series, "", dtype=object)
    kept: dict[Any, Any] = {}
    for is_seasonal in (False, True):
        group = np.flatnonzero(seasonal == is_seasonal)
        if len(group) == 0:
            continue
        some = logged.rows(group)
        once = differenced(some, histories.season) if is_seasonal else some
        moves = (kpss(once) > KPSS_BOUND).astype(int)
        if not is_seasonal:
            again = kpss(differenced(once, 1)) > KPSS_BOUND
            moves += (moves == 1) & again
        for d in (0, 1, 2):
            rows = np.flatnonzero(moves == d)
            if len(rows) == 0:
                continue
            key = (is_seasonal, d)
            before = None if warm is None else warm.get(key)
            where = (some.rows(rows), d, is_seasonal, histories.season)
            found, models, state = _group(where, horizon, group[rows], before)
            out[:, group[rows]], notes[group[rows]] = found, models
            kept[key] = state
    with np.errstate(over="ignore"):
        out = np.where(is_log, np.exp(out), out)
    marks = (f"log {x}" if log else x for x, log in zip(notes, is_log, strict=True))
    return Forecasts(out, kept, tuple(marks))


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


def orders_of(period: int, *, may_have_mean: bool, is_seasonal: bool) -> Iterator[Order]:
    """Yield the models that are tried.

    Parameters
    ----------
    period
        Steps of the season; 1 for none.
    is_seasonal
        Whether seasonal differences were taken, so that one seasonal term is likely.
    """
    means = (True, False) if may_have_mean else (False,)
    for has_mean, (p, q) in product(means, PLAIN):
        yield Order(p, q, 0, 0, has_mean, period)
        if period == 1 or p + q > MOST_SEASONAL:
            continue
        for ps, qs in SEASONAL[1:]:
            if is_seasonal and (ps, qs) == (1, 0) and p + q > 1:
                continue
            yield Order(p, q, ps, qs, has_mean, period)


def _group(
    where: tuple[Histories, int, bool, int], horizon: int, names: Counts, before: Any
) -> tuple[Floats, Any, Any]:
    """Fit and forecast series with the same differences."""
    import numpy as np

    some, d, is_seasonal, period = where
    work = differenced(some, period) if is_seasonal else some
    for _ in range(d):
        work = differenced(work, 1)
    # With two differences a mean would be a slope that changes.
    may_have_mean = d + is_seasonal < 2
    fits, state = [], {}
    same = before is not None and np.array_equal(before["names"], names)
    best = (
        np.min([a for _, a in before["fits"].values()], axis=0) if same else None
    )
    for order in orders_of(
        period, may_have_mean=may_have_mean, is_seasonal=is_seasonal
    ):
        old = before["fits"][order] if same else None
        theta = np.zeros((order.n_parameters, work.n_series))
        aicc = np.full(work.n_series, np.inf)
        enough = work.lengths > max(order.n_parameters + 3, lag_of(order) + 3)
        if old is not None and best is not None:
            enough &= ~(old[1] > best + NEAR)
        rows = np.flatnonzero(enough)
        for block in blocks(len(rows), len(work.values) * (order.n_parameters + 3)):
            part = rows[block]
            start = None if old is None else old[0][:, part]
            theta[:, part], aicc[part] = _fit(order, work.rows(part), start)
        fits.append((order, theta, aicc))
        state[order] = (theta, aicc)
    out, notes = _chosen(fits, work, horizon)
    last = some.values
    integrated = _summed(out, (differenced(some, period) if is_seasonal else some), d)
    if is_seasonal:
        integrated = _seasons_back(integrated, last, some.lengths, period)
    marks = [f"({p},{d},{q}){s}" for p, q, s in notes]
    return integrated, marks, {"names": names, "fits": state}


def _summed(steps: Floats, before: Histories, d: int) -> Floats:
    """Return levels from steps ahead."""
    import numpy as np

    if not d:
        return steps
    if d > 1:
        steps = _summed(steps, differenced(before, 1), d - 1)
    last = before.tail(np.arange(before.n_series), 1)
    return last + np.cumsum(steps, axis=0)


def _seasons_back(
    changes: Floats, values: Floats, lengths: Counts, period: int
) -> Floats:
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


def lag_of(order: Order) -> int:
    """Return how far back the terms of values reach."""
    return order.p + order.p_season * order.period


def polynomials(order: Order, theta: Floats) -> tuple[dict[int, Any], dict[int, Any], Any]:
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


def _fit(order: Order, work: Histories, before: Any) -> tuple[Floats, Floats]:
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


def _chosen(fits: list[Any], work: Histories, horizon: int) -> tuple[Floats, list[Any]]:
    import numpy as np

    scores = np.stack([aicc for _, _, aicc in fits])
    best = np.argmin(scores, axis=0)
    out = np.zeros((horizon, work.n_series))
    notes: list[Any] = [(0, 0, "")] * work.n_series
    for i, (order, theta, aicc) in enumerate(fits):
        rows = np.flatnonzero((best == i) & np.isfinite(aicc))
        if len(rows) == 0:
            continue
        part = work.rows(rows)
        out[:, rows] = _projected(order, theta[:, rows], part, horizon)
        tail = f"({order.p_season},{order.q_season})" if order.period > 1 else ""
        for row in rows:
            notes[row] = (order.p, order.q, tail)
    return out, notes


def _projected(order: Order, theta: Floats, work: Histories, horizon: int) -> Floats:
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
