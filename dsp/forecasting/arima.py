"""ARIMA: differences by tests, orders by AICc among a fixed set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from dsp.forecasting.base import Counts, Floats, Forecasts, Histories, blocks
from dsp.forecasting.differences import (
    differenced,
    grows,
    kpss,
    seasons_back,
    summed,
)
from dsp.forecasting.orders import Order, fit, lag_of, projected
from dsp.forecasting.seasons import (
    LONGEST_STATES,
    STRONG,
    strength,
    without_seasons,
)

NEAR = 6.0
KPSS_BOUND = 0.463
"""Five of 100 stationary series are above it (Kwiatkowski et al., 1992, table 1)."""
PLAIN = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (2, 1), (3, 0))
SEASONAL = ((0, 0), (1, 0), (0, 1), (1, 1))
MOST_SEASONAL = 2
"""Plain terms at most beside seasonal ones."""


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


def _forecast(histories: Histories, horizon: int, seasonal: Any, warm: Any) -> Forecasts:
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
    best = np.min([a for _, a in before["fits"].values()], axis=0) if same else None
    for order in orders_of(period, may_have_mean=may_have_mean, is_seasonal=is_seasonal):
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
            theta[:, part], aicc[part] = fit(order, work.rows(part), start)
        fits.append((order, theta, aicc))
        state[order] = (theta, aicc)
    out, notes = _chosen(fits, work, horizon)
    last = some.values
    integrated = summed(out, (differenced(some, period) if is_seasonal else some), d)
    if is_seasonal:
        integrated = seasons_back(integrated, last, some.lengths, period)
    marks = [f"({p},{d},{q}){s}" for p, q, s in notes]
    return integrated, marks, {"names": names, "fits": state}


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
        out[:, rows] = projected(order, theta[:, rows], part, horizon)
        tail = f"({order.p_season},{order.q_season})" if order.period > 1 else ""
        for row in rows:
            notes[row] = (order.p, order.q, tail)
    return out, notes
