"""Rolling origins: what every method would have said, and how far off it was."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsp.events import Tick, no_tick
from dsp.forecasting.base import Counts, Floats, Histories, Method
from dsp.forecasting.combined import Combined

ORIGINS = ((4, 24), (20, 12), (100, 6), (400, 5))
"""Origins by the number of series up to which they are afforded; 4 beyond."""
LEAST_ORIGINS = 4
LONG, MANY_ORIGINS = 12_000, 8
"""Values of all origins' histories of a series, beyond which 8 origins are enough."""
TOGETHER = 64
"""Histories up to which origins of few series are computed together."""
COLD = 200
"""Series up to which no method starts from what it found for an earlier origin."""
WILD = 20.0
"""A forecast further from all that was seen than this many ranges is no forecast."""


@dataclass(slots=True)
class Backtest:
    """Forecasts from several origins, and from the end.

    Attributes
    ----------
    backs
        Steps from each origin to the end, earliest origin first.
    actual
        [origin, horizon, series]; NaN where there is no value, or no history before.
    past
        Forecasts like `actual` by method.
    ahead
        Forecasts from the end [horizon, series] by method.
    scale
        Mean error of the seasonal naive method inside each history [origin, series].
    notes
        What a method chose for each series.
    left_out
        Methods that time did not allow.
    """

    backs: tuple[int, ...]
    actual: Floats
    scale: Floats
    past: dict[str, Floats] = field(default_factory=dict)
    ahead: dict[str, Floats] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def errors(self, name: str) -> Floats:
        """Return forecasts less values, like `actual`."""
        return self.past[name] - self.actual

    def mase(self, name: str) -> Floats:
        """Return the mean absolute scaled error [origin, series]; NaN if unknown."""
        return mean_of(abs(self.errors(name)), axis=1) / self.scale


def origins(lengths: Counts, horizon: int, season: int) -> tuple[int, ...]:
    """Return how many steps before the end each origin is, the earliest first.

    Parameters
    ----------
    lengths
        Values of every series; origins suit the usual one.
    horizon, season
        Steps ahead; steps of the season.

    Examples
    --------
    >>> import numpy as np
    >>> origins(np.full(1_000, 120), 12, 12)
    (48, 36, 24, 12)
    >>> origins(np.array([7]), 12, 1)
    (3, 2, 1)
    >>> origins(np.array([3]), 12, 1)
    ()
    """
    import numpy as np

    n = int(np.median(lengths)) if len(lengths) else 0
    usable = n - least_history(n, season)
    if usable < 1:
        return ()
    most = next((k for s, k in ORIGINS if len(lengths) <= s), LEAST_ORIGINS)
    most = min(most, max(MANY_ORIGINS, LONG // max(n, 1)))
    near = min(horizon, max(1, usable // 3))
    gap = max(1, horizon // 3) if most > 6 else horizon
    far = min(usable, near + (most - 1) * gap)
    count = min(most, far - near + 1)
    backs = np.unique(np.round(np.linspace(near, far, count)).astype(int))
    return tuple(int(b) for b in backs[::-1])


def least_history(n: int, season: int) -> int:
    """Return how many values an origin must have before it."""
    if n >= 3 * season + 6:
        return max(2 * season + 3, min(10, n // 2))
    return max(season + 2 if n >= 2 * season else 4, n // 2, 4)


def run(
    histories: Histories,
    methods: Sequence[Method],
    horizon: int,
    *,
    known: Any = None,
    deadline: float | None = None,
    tick: Tick = no_tick,
) -> Backtest:
    """Ask every method at every origin, and at the end.

    Parameters
    ----------
    histories
        Series without gaps, of about the same size.
    known
        [time, series]: values that count; those that were filled in do not. All if None.
    deadline
        Time of `time.monotonic` after which no method is begun or gone on with.
    tick
        Told after every method at every origin.

    Returns
    -------
    Backtest
        No method has seen a value at or after an origin.
    """
    import numpy as np

    backs = origins(histories.lengths, horizon, histories.season)
    test = Backtest(
        backs,
        _actual(histories, backs, horizon, known),
        np.stack([scale_of(histories.until(_steps(histories, b))) for b in backs])
        if backs
        else np.empty((0, histories.n_series)),
    )
    total, done = len(methods) * (len(backs) + 1), 0
    for method in methods:
        size = 1 if method.is_global else max(1, TOGETHER // max(histories.n_series, 1))
        batches = [backs[i : i + size] for i in range(0, len(backs), size)]
        warm, past, is_late = None, [], False
        for batch in (*batches, (0,)):
            is_late = not method.is_baseline and _is_over(deadline)
            if is_late:
                break
            shown = _stacked(histories, batch)
            # Starts from before save time, and miss what longer histories show.
            is_last = batch == (0,)
            found = method.forecast(shown, horizon, warm=None if is_last else warm)
            warm = found.warm if histories.n_series > COLD else None
            values = _tamed(shown, found.values)
            past.append(values.reshape(horizon, len(batch), -1).transpose(1, 0, 2))
            done += len(batch)
            tick(done, total, unit="fits", message=method.label)
            notes = found.notes
        if is_late:
            test.left_out.append(method.name)
            continue
        test.past[method.name] = np.concatenate([*past[:-1], past[-1][:0]])
        test.ahead[method.name] = past[-1][0]
        test.notes[method.name] = notes
    return test


def combine(test: Backtest, combination: Combined) -> None:
    """Add a combination, whose weights at an origin come from what was known there."""
    import numpy as np

    names = [name for name in combination.parts if name in test.past]
    if len(names) < 2:
        return
    shape = test.actual.shape
    past = np.full(shape, np.nan)
    for k in range(len(test.backs)):
        errors, n = _known_errors(test, names, test.backs[k])
        points = {name: test.past[name][k] for name in names}
        past[k] = combination.combine(points, errors, n)
    errors, n = _known_errors(test, names, 0)
    test.past[combination.name] = past
    test.ahead[combination.name] = combination.combine(
        {name: test.ahead[name] for name in names}, errors, n
    )


def _known_errors(
    test: Backtest, names: Sequence[str], back: int
) -> tuple[dict[str, Floats], Floats]:
    """Return mean scaled errors of values that were there at an origin."""
    import numpy as np

    n_horizon = test.actual.shape[1]
    targets = np.array(test.backs)[:, None] - np.arange(n_horizon)[None, :]
    was_there = (targets > back)[:, :, None]
    errors, n = {}, np.zeros(test.actual.shape[2])
    for name in names:
        scaled = np.abs(test.errors(name)) / test.scale[:, None, :]
        seen = np.where(was_there, scaled, np.nan)
        errors[name] = mean_of(mean_of(seen, axis=1), axis=0)
        n = np.isfinite(seen).sum(axis=(0, 1)) / max(n_horizon, 1)
    return errors, n


def scale_of(histories: Histories) -> Floats:
    """Return the mean absolute change over a season of every series.

    The change of one step where a series is too short or repeats its season; NaN where
    it is constant.

    References
    ----------
    Hyndman and Koehler (2006), International Journal of Forecasting 22, 679-688.
    """
    import numpy as np

    found = np.full(histories.n_series, np.nan)
    for lag in (histories.season, 1):
        if len(histories.values) <= lag:
            continue
        steps = np.abs(histories.values[lag:] - histories.values[:-lag])
        known = histories.live[lag:]
        count = known.sum(axis=0)
        mean = np.where(known, steps, 0.0).sum(axis=0) / np.maximum(count, 1)
        take = np.isnan(found) & (count > 0) & (mean > 1e-12)
        found = np.where(take, mean, found)
    return found


def mean_of(values: Floats, *, axis: int) -> Floats:
    """Return the mean of what is known along an axis; NaN where nothing is."""
    import numpy as np

    known = np.isfinite(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _steps(histories: Histories, back: int) -> Counts:
    import numpy as np

    return np.full(histories.n_series, back)


def _actual(
    histories: Histories, backs: Sequence[int], horizon: int, known: Any
) -> Floats:
    import numpy as np

    values = histories.values
    if known is not None:
        values = np.where(known, values, np.nan)

    out = np.full((len(backs), horizon, histories.n_series), np.nan)
    columns = np.arange(histories.n_series)
    for k, back in enumerate(backs):
        before = histories.lengths - back
        enough = before >= np.array(
            [min(least_history(n, histories.season), 6) for n in histories.lengths]
        )
        for h in range(min(horizon, back)):
            at = np.clip(before + h, 0, len(histories.values) - 1)
            out[k, h] = np.where(enough, values[at, columns], np.nan)
    return out


def _stacked(histories: Histories, batch: Sequence[int]) -> Histories:
    """Return the series as they were at several origins, one origin after the other."""
    import numpy as np

    n = histories.n_series
    index = np.tile(np.arange(n), len(batch))
    back = np.repeat(np.array(batch), n)
    if len(batch) == 1 and batch[0] == 0:
        return histories
    return histories.rows(index).until(back)


def _tamed(histories: Histories, values: Floats) -> Floats:
    """Return forecasts without those that leave all that was seen far behind."""
    import numpy as np

    live = histories.live
    high = np.where(live, histories.values, -np.inf).max(axis=0, initial=-np.inf)
    low = np.where(live, histories.values, np.inf).min(axis=0, initial=np.inf)
    with np.errstate(invalid="ignore"):
        reach = WILD * (high - low)
        wild = ~np.isfinite(values) | (values > high + reach) | (values < low - reach)
    return np.where(wild.any(axis=0), np.nan, values)


def _is_over(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() > deadline


def metrics(forecast: Floats, actual: Floats, scale: Floats) -> Mapping[str, Floats]:
    """Return the usual measures of error over origins and horizon, by series.

    Parameters
    ----------
    forecast, actual
        [origin, horizon, series], NaN where unknown.
    scale
        [origin, series].

    Returns
    -------
    mapping
        ``mase``; ``smape`` in percent (0-200); ``rmse`` and ``bias`` (forecast less
        value) in units of the values.
    """
    import numpy as np

    error = forecast - actual
    whole = np.abs(forecast) + np.abs(actual)
    share = 200 * np.abs(error) / np.where(whole > 0, whole, 1.0)
    flat = (-1, error.shape[2])
    return {
        "mase": mean_of(mean_of(np.abs(error), axis=1) / scale, axis=0),
        "smape": mean_of(share.reshape(flat), axis=0),
        "rmse": np.sqrt(mean_of((error**2).reshape(flat), axis=0)),
        "bias": mean_of(error.reshape(flat), axis=0),
    }
