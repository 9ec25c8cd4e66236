"""Boosted trees on lags, one model for all series."""

from __future__ import annotations

from typing import Any

from dsp.forecasting.base import Counts, Floats, Forecasts, Histories

MIN_ROWS = 400
"""Fewer examples teach trees nothing that simpler methods do not know."""
MAX_ROWS = 60_000
"""Examples at most: the latest ones of every series."""
MOST_LAGS = 24
SEED = 0
N_TREES = 120


class Boosted:
    """Trees that learn the next value of any series from its lags and its season.

    Values are differences to the mean of the last season, divided by their usual size,
    so that trends go on beyond what was seen; steps ahead are taken one by one.

    References
    ----------
    Montero-Manso and Hyndman (2021), International Journal of Forecasting 37, 1632-1653
    (global models); `sklearn.ensemble.HistGradientBoostingRegressor`.
    """

    name = "boosted"
    label = "boosted lags"
    is_baseline = False
    is_global = True

    def forecast(
        self, histories: Histories, horizon: int, *, warm: Any = None
    ) -> Forecasts:
        """Return forecasts; NaN where there are too few examples to learn from."""
        import numpy as np

        missing = np.full((horizon, histories.n_series), np.nan)
        lags = lags_of(histories)
        reach = max(lags)
        able = histories.lengths > reach + 1
        counts = np.maximum(histories.lengths - reach, 0)
        if counts.sum() < MIN_ROWS:
            return Forecasts(missing)
        sizes = _sizes(histories)
        x, y = _examples(histories, lags, sizes)
        rows = np.flatnonzero(able)
        with _one_thread():
            model = _fitted(x, y)
            missing[:, rows] = _ahead(
                model, histories.rows(rows), lags, sizes[rows], horizon
            )
        return Forecasts(missing)


plugin = Boosted()


def lags_of(histories: Histories) -> tuple[int, ...]:
    """Return the lags that are used: near ones, and those around each season."""
    longest = int(histories.lengths.max(initial=0)) // 3
    near = range(1, max(3, min(MOST_LAGS, histories.season) + 1))
    around = (round(p) + k for p in histories.periods for k in (-1, 0, 1))
    return tuple(sorted({k for k in (*near, *around) if 1 <= k <= max(longest, 2)}))


def _span(lags: tuple[int, ...]) -> int:
    return min(max(lags), 13)


def _sizes(histories: Histories) -> Floats:
    """Return the mean size of a change of one step for every series."""
    import numpy as np

    live = histories.live
    steps = np.abs(np.diff(histories.values, axis=0)) * (live[1:])
    size = steps.sum(axis=0) / np.maximum(histories.lengths - 1, 1)
    return np.where(size > 0, size, 1.0)


def _features(
    window: Floats, steps: Counts, histories: Histories, sizes: Floats
) -> tuple[Floats, Floats]:
    """Return features [series, feature] and the level they are relative to.

    Parameters
    ----------
    window
        Values by lag [lag, series], the nearest first.
    steps
        Number of the period that is asked for, of each series.
    """
    import numpy as np

    level = window[: min(len(window), 13)].mean(axis=0)
    relative = (window - level) / sizes
    seasons = [np.mod(steps, p) for p in histories.periods]
    return np.concatenate([relative, *(s[None, :] for s in seasons)]), level


def _examples(
    histories: Histories, lags: tuple[int, ...], sizes: Floats
) -> tuple[Floats, Floats]:
    import numpy as np

    reach, values = max(lags), histories.values
    starts = _starts(histories)
    budget = max(1, MAX_ROWS // histories.n_series)
    x, y = [], []
    for t in range(len(values) - 1, reach - 1, -1):
        rows = np.flatnonzero((t < histories.lengths) & (t >= histories.lengths - budget))
        if len(rows) == 0:
            continue
        window = np.stack([values[t - lag, rows] for lag in lags])
        found, level = _features(window, starts[rows] + t, histories, sizes[rows])
        x.append(found)
        y.append((values[t, rows] - level) / sizes[rows])
    return np.concatenate(x, axis=1).T, np.concatenate(y)


def _starts(histories: Histories) -> Counts:
    import numpy as np

    if histories.starts is None:
        return np.zeros(histories.n_series, dtype=np.int64)
    return histories.starts


def _one_thread() -> Any:
    """Return a context in which trees use one thread.

    On busy cores OpenMP's threads wait for each other by spinning: a fit of one second
    then takes forty.
    """
    # Only libraries that are loaded already take the limit.
    import sklearn.ensemble  # noqa: F401
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, "openmp")


def _fitted(x: Floats, y: Floats) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(
        loss="squared_error",
        max_iter=N_TREES,
        learning_rate=0.08,
        max_leaf_nodes=15,
        min_samples_leaf=30,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=SEED,
    )
    return model.fit(x, y)


def _ahead(
    model: Any, histories: Histories, lags: tuple[int, ...], sizes: Floats, horizon: int
) -> Floats:
    import numpy as np

    everything = np.arange(histories.n_series)
    past = list(histories.tail(everything, max(lags)))
    first = _starts(histories) + histories.lengths
    for h in range(horizon):
        window = np.stack([past[-lag] for lag in lags])
        x, level = _features(window, first + h, histories, sizes)
        past.append(level + model.predict(x.T) * sizes)
    return np.stack(past[-horizon:])
