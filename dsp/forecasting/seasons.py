"""Seasons: how strong they are, their shape, and series without them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dsp.forecasting.base import Counts, Floats, Histories

STRONG = 0.64
"""Seasonal strength from which a season is taken off by differences."""
ROUNDS = 3
"""How often each of several seasons is found anew."""
SMOOTH_FROM = 50
"""Seasons of so many steps are smoothed: there are few cycles of them."""
RECURS, RECURS_FEW = 0.05, 0.3
"""Share of the variance of a cycle that others explain: at least, and more of few."""
LONGEST_STATES = 24
"""Steps of a season that a model may hold as states."""


@dataclass(frozen=True, slots=True)
class Seasons:
    """Histories without their seasons, and the seasons to come.

    Attributes
    ----------
    adjusted
        The histories less their seasons.
    coming
        What is to be added (or multiplied): [horizon, series].
    is_product
        Series whose season multiplies.
    """

    adjusted: Histories
    coming: Floats
    is_product: Any

    def back(self, values: Floats) -> Floats:
        """Return forecasts with the season in them."""
        import numpy as np

        return np.where(self.is_product, values * self.coming, values + self.coming)


def moving_average(values: Floats, lengths: Counts, period: int) -> Floats:
    """Return centred means over one period: [time, series], NaN near both ends.

    An even period takes half a value at each end (2 x m).
    """
    import numpy as np

    n, n_series = values.shape
    out = np.full((n, n_series), np.nan)
    half = period // 2
    if n < 2 * half + 1:
        return out
    sums = np.concatenate([np.zeros((1, n_series)), np.cumsum(values, axis=0)])
    if period % 2:
        middle = (sums[period:] - sums[:-period]) / period
    else:
        inner = sums[period:] - sums[:-period]
        middle = (inner[:-1] + inner[1:]) / (2 * period)
    out[half : half + len(middle)] = middle
    too_late = np.arange(n)[:, None] >= (lengths - half)[None, :]
    out[too_late] = np.nan
    return out


def shape_of(
    detrended: Floats, period: float, *, is_product: Any, smooth: bool = True
) -> Floats:
    """Return the mean of each place of the season: [place, series], centred.

    Parameters
    ----------
    detrended
        Ratios or differences to the trend [time, series], NaN where there is none.
    period
        Steps of the season; need not be whole.
    is_product
        Series whose season multiplies: their places have the mean 1, else 0.
    smooth
        Whether neighbours share their means in long seasons.
    """
    import numpy as np

    n, n_series = detrended.shape
    n_places = math.ceil(period)
    place = places(np.arange(n), period)
    known = np.isfinite(detrended)
    filled = np.where(known, detrended, 0.0)
    total = np.zeros((n_places, n_series))
    count = np.zeros((n_places, n_series))
    np.add.at(total, place, filled)
    np.add.at(count, place, known)
    width = round(period / 26) if smooth and period >= SMOOTH_FROM else 0
    around = range(-width, width + 1)
    total = np.sum([np.roll(total, k, axis=0) for k in around], axis=0)
    count = np.sum([np.roll(count, k, axis=0) for k in around], axis=0)
    neutral = np.where(is_product, 1.0, 0.0)
    means = np.where(count > 0, total / np.maximum(count, 1), neutral)
    middle = means.mean(axis=0)
    product = means / np.where(np.abs(middle) > 1e-12, middle, 1.0)
    return np.where(is_product, product, means - middle)


def places(steps: Counts, period: float) -> Counts:
    """Return the place in the season of steps counted from the start of a series."""
    import numpy as np

    found = np.floor(np.mod(steps, period) + 1e-9).astype(np.int64)
    return np.minimum(found, math.ceil(period) - 1)


def strength(histories: Histories, period: int) -> Floats:
    """Return how strong a season is (0-1) for every series; 0 below two cycles.

    The share of variance beside the trend that the season takes, with a correction for
    the number of places, so that noise has about 0.

    References
    ----------
    Hyndman and Athanasopoulos, Forecasting, section 4.3; trend by moving averages.
    """
    import numpy as np

    if period < 2:
        return np.zeros(histories.n_series)
    trend = moving_average(histories.values, histories.lengths, period)
    rest = np.where(histories.live, histories.values - trend, np.nan)
    shape = shape_of(rest, period, is_product=np.zeros(histories.n_series, dtype=bool))
    noise = rest - shape[places(np.arange(len(rest)), period)]
    known = np.isfinite(rest)
    count = np.maximum(known.sum(axis=0), 1)
    whole = np.where(known, rest, 0.0)
    left = np.where(known, noise, 0.0)
    spent = np.maximum(count - min(period, 20), 1)
    ratio = ((left**2).sum(axis=0) / spent) / np.maximum(
        (whole**2).sum(axis=0) / count, 1e-300
    )
    enough = histories.lengths >= 2 * period
    varies = (whole**2).sum(axis=0) > 1e-18 * (histories.values**2).sum(axis=0)
    return np.where(enough & varies, np.clip(1 - ratio, 0.0, 1.0), 0.0)


def is_seasonal(histories: Histories, period: int) -> Any:
    """Return whether the values one season apart go together: 5 of 100 do by chance.

    References
    ----------
    Assimakopoulos and Nikolopoulos (2000); Fiorucci et al. (2016), section 3.
    """
    import numpy as np

    if period < 2:
        return np.zeros(histories.n_series, dtype=bool)
    values, live, n = histories.values, histories.live, histories.lengths
    mean = values.sum(axis=0) / np.maximum(n, 1)
    centred = np.where(live, values - mean, 0.0)
    power = np.maximum((centred**2).sum(axis=0), 1e-300)
    top = min(period, len(values) - 1)
    acf = [
        (centred[k:] * centred[: len(centred) - k]).sum(axis=0) / power
        for k in range(1, top + 1)
    ]
    if top < period:
        return np.zeros(histories.n_series, dtype=bool)
    bound = 1.645 * np.sqrt((1 + 2 * sum(r**2 for r in acf[:-1])) / np.maximum(n, 1))
    return (acf[-1] > bound) & (n >= 2 * period + 1)


def shows(histories: Histories, period: float) -> Any:
    """Return whether each series shows a season: by its autocorrelation, or its cycles.

    There are few cycles of a long season: each is to be predicted by the mean of the
    others, more of its variance the fewer there are.
    """
    import numpy as np

    if period < SMOOTH_FROM:
        return is_seasonal(histories, round(period))
    n, live = np.maximum(histories.lengths, 1), histories.live
    steps = np.arange(len(histories.values))
    rest = _about_line(histories)
    cycle = np.floor(steps / period).astype(int)
    n_cycles = np.floor(n / period)
    none = np.zeros(histories.n_series, dtype=bool)
    place, left, whole = places(steps, period), np.zeros_like(rest), np.zeros_like(rest)
    for k in range(int(n_cycles.max(initial=0))):
        inside = (cycle == k)[:, None] & live & (k < n_cycles)
        others = np.where(live & ~inside & (cycle[:, None] < n_cycles), rest, np.nan)
        shape = shape_of(others, period, is_product=none)
        left = np.where(inside, rest - shape[place], left)
        whole = np.where(inside, rest, whole)
    power = np.maximum((whole**2).sum(axis=0), 1e-300)
    share = 1 - (left**2).sum(axis=0) / power
    return (n_cycles >= 2) & (share > RECURS + RECURS_FEW / np.maximum(n_cycles - 1, 1))


def _about_line(histories: Histories) -> Floats:
    """Return what a straight line leaves of each series, 0 beyond its end."""
    import numpy as np

    n, live = np.maximum(histories.lengths, 1), histories.live
    t = np.where(live, np.arange(len(histories.values))[:, None] - (n - 1) / 2, 0.0)
    mean = histories.values.sum(axis=0) / n
    away = np.where(live, histories.values - mean, 0.0)
    slope = (t * away).sum(axis=0) / np.maximum((t**2).sum(axis=0), 1e-300)
    return np.where(live, away - slope * t, 0.0)


def without_seasons(
    histories: Histories,
    periods: Sequence[float],
    horizon: int,
    *,
    wanted: Any,
    is_product: Any,
) -> Seasons:
    """Take seasons off, shortest first, and say what they will be.

    Parameters
    ----------
    wanted
        Series that have the seasons; others are left as they are.
    is_product
        Series whose season multiplies; all their values must be above 0.

    References
    ----------
    Classical decomposition with one period; with several the idea of MSTL (Bandara,
    Hyndman and Bergmeir, 2021): each season is found in what the others leave.
    """
    import numpy as np

    values, live = histories.values, histories.live
    steps = np.arange(len(values))
    safe = np.where(live & (values > 0), values, 1.0)
    flat = np.where(is_product, np.log(safe), values)
    found: dict[float, Floats] = {}
    usable = [p for p in periods if len(values) >= 2 * p]
    for _ in range(ROUNDS if len(usable) > 1 else 1):
        for period in usable:
            others = sum(
                (s[places(steps, p)] for p, s in found.items() if p != period),
                np.zeros_like(flat),
            )
            if len(usable) == 1:
                shape = _only_shape(histories, period, is_product)
            else:
                rest = flat - others
                trend = moving_average(rest, histories.lengths, round(period))
                rest = np.where(live, rest - trend, np.nan)
                shape = shape_of(rest, period, is_product=np.zeros_like(is_product))
            enough = wanted & (histories.lengths >= 2 * period)
            found[period] = np.where(enough, shape, 0.0)
    past = sum((s[places(steps, p)] for p, s in found.items()), np.zeros_like(flat))
    left = np.where(is_product, np.exp(flat - past), flat - past)
    adjusted = replace(histories, values=np.where(live, left, 0.0), periods=())
    ahead = histories.lengths[None, :] + np.arange(horizon)[:, None]
    columns = np.arange(histories.n_series)[None, :]
    coming = sum(
        (s[places(ahead, p), columns] for p, s in found.items()),
        np.zeros((horizon, histories.n_series)),
    )
    return Seasons(adjusted, np.where(is_product, np.exp(coming), coming), is_product)


def _only_shape(histories: Histories, period: float, is_product: Any) -> Floats:
    """Return the shape of one season: of ratios to the trend where it multiplies.

    As a difference of logarithms where it multiplies.
    """
    import numpy as np

    values, live, whole = histories.values, histories.live, round(period)
    safe = np.where(live & (values > 0), values, 1.0)
    ratio = safe / moving_average(safe, histories.lengths, whole)
    rest = values - moving_average(values, histories.lengths, whole)
    parts = np.where(live, np.where(is_product, ratio, rest), np.nan)
    shape = shape_of(parts, period, is_product=is_product)
    return np.where(is_product, np.log(np.maximum(shape, 1e-3)), shape)


def multiplies(histories: Histories) -> Any:
    """Return whether all values of a series are above zero, clear of it."""
    import numpy as np

    lowest = np.where(histories.live, histories.values, np.inf).min(
        axis=0, initial=np.inf
    )
    mean = histories.values.sum(axis=0) / np.maximum(histories.lengths, 1)
    return (histories.lengths > 0) & (lowest > 1e-3 * mean) & (mean > 0)
