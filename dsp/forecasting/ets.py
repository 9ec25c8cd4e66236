"""Exponential smoothing: the member of the family with the least AICc."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dsp.forecasting.base import Counts, Floats, Forecasts, Histories, blocks
from dsp.forecasting.fitting import least_squares
from dsp.forecasting.seasons import (
    LONGEST_STATES,
    moving_average,
    multiplies,
    shape_of,
    strength,
    without_seasons,
)
from dsp.forecasting.smoothing import (
    Form,
    Weights,
    errors_of,
    projected,
    theta_of,
)

ROUNDS, WARM_ROUNDS = 14, 6
STARTS = ((0.1, 0.1, 0.1), (0.3, 0.05, 0.1), (0.6, 0.05, 0.2), (0.9, 0.02, 0.05))
"""Weights of level, slope (as a share of it) and season that are tried first."""
NEAR = 20.0
"""Members within this AICc of the best are fitted again for later histories."""
MIN_VALUES = 4


@dataclass(frozen=True, slots=True)
class Fit:
    """A member fitted to some series: parameters [P, S] and AICc [S]."""

    form: Form
    theta: Floats
    aicc: Floats


class Ets:
    """Chooses between additive and multiplicative errors, trends and seasons.

    Seasons of more than 24 steps, and several of them, are taken off before.

    References
    ----------
    Hyndman, Koehler, Snyder and Grose (2002), International Journal of Forecasting 18,
    439-454. Trends that multiply are left out, as are additive errors about seasons that
    multiply: their forecasts are not stable.
    """

    name = "ets"
    label = "exponential smoothing"
    is_baseline = False
    is_global = False

    def forecast(
        self, histories: Histories, horizon: int, *, warm: Any = None
    ) -> Forecasts:
        """Return forecasts of the member with the least AICc for each series."""
        if histories.periods and (
            len(histories.periods) > 1 or histories.season > LONGEST_STATES
        ):
            return _apart(self, histories, horizon, warm)
        fits = tuple(_fits(histories, warm))
        return _chosen(fits, histories, horizon)


plugin = Ets()


def _apart(method: Ets, histories: Histories, horizon: int, warm: Any) -> Forecasts:
    """Forecast what the seasons leave, and put them back."""
    import numpy as np

    strong = np.max([strength(histories, round(p)) for p in histories.periods], axis=0)
    parts = without_seasons(
        histories,
        histories.periods,
        horizon,
        wanted=strong > 0.1,
        is_product=np.zeros(histories.n_series, dtype=bool),
    )
    found = method.forecast(parts.adjusted, horizon, warm=warm)
    return Forecasts(parts.back(found.values), found.warm, found.notes)


def forms_of(period: int) -> tuple[Form, ...]:
    """Return the members for a season of some steps (1 for none)."""
    plain = [Form(e, t, "N") for e in "AM" for t in "NAD"]
    if period == 1:
        return tuple(plain)
    both = (("A", "A"), ("M", "M"))
    return (*plain, *(Form(e, t, s, period) for e, s in both for t in "NAD"))


def _fits(histories: Histories, warm: Mapping[str, Any] | None) -> Iterator[Fit]:
    """Yield members with their parameters, those far from the best of before left out."""
    import numpy as np

    forms = forms_of(histories.season)
    product = multiplies(histories)
    best = None if warm is None else np.min([a for _, a in warm.values()], axis=0)
    for form in forms:
        enough = histories.lengths >= max(MIN_VALUES, form.n_parameters + 2)
        if form.season != "N":
            enough &= histories.lengths >= 2 * form.period
        if form.error == "M":
            enough &= product
        if warm is not None and best is not None:
            with np.errstate(invalid="ignore"):
                enough &= ~(warm[form.name][1] > best + NEAR)
        theta, aicc = None, np.full(histories.n_series, np.inf)
        rows = np.flatnonzero(enough)
        for block in blocks(len(rows), len(histories.values) * form.n_parameters):
            part = rows[block]
            before = None if warm is None else warm[form.name][0][:, part]
            found, cost = _fit(form, histories.rows(part), before)
            if theta is None:
                theta = np.zeros((len(found), histories.n_series))
            theta[:, part], aicc[part] = found, cost
        if theta is None:
            theta = np.zeros((form.n_parameters - 1, histories.n_series))
        yield Fit(form, theta, aicc)


def _fit(form: Form, histories: Histories, before: Any) -> tuple[Floats, Floats]:

    values, live = histories.values, histories.live
    if before is None:
        start, rounds = _start(form, histories), ROUNDS
    else:
        start, rounds = _start(form, histories, before), WARM_ROUNDS

    def residuals(theta: Floats, rows: Counts) -> Floats:
        return errors_of(form, theta, values[:, rows], live[:, rows])

    theta, cost = least_squares(residuals, start, rounds=rounds)
    return theta, aicc_of(cost, histories.lengths, form.n_parameters)


def aicc_of(cost: Floats, lengths: Counts, n_parameters: int) -> Floats:
    """Return the corrected criterion of Akaike, up to what all members share.

    Parameters
    ----------
    cost
        Sum of squares of `errors_of`.
    n_parameters
        Parameters with the spread of the errors.
    """
    import numpy as np

    spare = lengths - n_parameters - 1
    with np.errstate(all="ignore"):
        fit = lengths * np.log(np.maximum(cost, 1e-300))
        penalty = 2 * n_parameters * (1 + (n_parameters + 1) / spare)
    return np.where((spare > 0) & np.isfinite(cost), fit + penalty, np.inf)


def _start(form: Form, histories: Histories, before: Any = None) -> Floats:
    """Return the best of a few starts: states from the first values, weights tried.

    `before` are parameters that earlier histories had; tried too, where there are any.
    """
    import numpy as np

    level, slope, season = _states(form, histories)
    tries = []
    for alpha, beta, gamma in STARTS:
        weights = Weights(
            np.full_like(level, alpha), alpha * beta, (1 - alpha) * gamma, 0.95
        )
        tries.append(theta_of(form, weights, (level, slope, season)))
    if before is not None:
        tries.append(np.where(before.any(axis=0), before, tries[0]))
    theta = np.stack(tries, axis=1)
    errors = errors_of(form, theta, histories.values, histories.live)
    cost = np.nan_to_num(np.einsum("tgs,tgs->gs", errors, errors), nan=np.inf)
    best = np.argmin(cost, axis=0)
    return theta[:, best, np.arange(len(best))]


def _states(form: Form, histories: Histories) -> tuple[Floats, Floats, Any]:
    """Return level, slope and season before the first value, as R's ets starts them."""
    import numpy as np

    values, period = histories.values, form.period
    season, flat = None, values
    if form.season != "N":
        is_product = np.full(histories.n_series, form.season == "M")
        trend = moving_average(values, histories.lengths, period)
        with np.errstate(all="ignore"):
            parts = values / trend if form.season == "M" else values - trend
        parts = np.where(histories.live, parts, np.nan)
        season = shape_of(parts, period, is_product=is_product, smooth=False)
        if form.season == "M":
            season = np.maximum(season, 0.01)
            season = season / season.mean(axis=0)
        again = season[np.arange(len(values)) % period]
        flat = values / again if form.season == "M" else values - again
    count = min(max(10, 2 * period), int(histories.lengths.min()))
    first = flat[:count]
    steps = np.arange(1, count + 1) - (count + 1) / 2
    slope = (steps[:, None] * first).sum(axis=0) / max((steps**2).sum(), 1e-9)
    if form.trend == "N":
        return first.mean(axis=0), np.zeros_like(slope), season
    level = first.mean(axis=0) - slope * (count + 1) / 2
    if form.error == "M" or form.season == "M":
        bad = level + slope <= 0
        level = np.where(bad, first.mean(axis=0), level)
        slope = np.where(bad, 0.0, slope)
    return level, slope, season


def _chosen(fits: tuple[Fit, ...], histories: Histories, horizon: int) -> Forecasts:
    import numpy as np

    scores = np.stack([fit.aicc for fit in fits])
    best = np.argmin(scores, axis=0)
    out = np.full((horizon, histories.n_series), np.nan)
    names = np.full(histories.n_series, "", dtype=object)
    for i, fit in enumerate(fits):
        rows = np.flatnonzero((best == i) & np.isfinite(scores[i]))
        if len(rows):
            part = histories.rows(rows)
            out[:, rows] = projected(
                fit.form, fit.theta[:, rows], part.values, part.lengths, horizon
            )
            names[rows] = fit.form.name
    short = ~np.isfinite(out).all(axis=0)
    if short.any():
        rows = np.flatnonzero(short & (histories.lengths > 0))
        mean = histories.values.sum(axis=0) / np.maximum(histories.lengths, 1)
        out[:, rows] = mean[rows]
        names[rows] = "mean"
    warm = {fit.form.name: (fit.theta, fit.aicc) for fit in fits}
    return Forecasts(out, warm, tuple(names.tolist()))
