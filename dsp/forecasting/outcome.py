"""The records of a forecast: points, scores, and one row for every series."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dsp.forecasting.backtest import Backtest, metrics
from dsp.forecasting.base import Floats
from dsp.forecasting.choice import Choice
from dsp.forecasting.history import History
from dsp.forecasting.seasonal_naive import NAME as BASELINE
from dsp.records import ForecastPoint, ForecastScore, ForecastSeries

DETAILED = 20_000
"""Rows of scores up to which each origin has its own."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What `ForecastEngine.forecast` returns.

    Attributes
    ----------
    points, scores, series
        The records, by series in the order of names.
    left_out
        Methods that the time limit did not allow.
    notes
        What was left out of all series.
    """

    points: tuple[ForecastPoint, ...]
    scores: tuple[ForecastScore, ...]
    series: tuple[ForecastSeries, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def records(self) -> tuple[object, ...]:
        """All records, as they are stored."""
        return (*self.points, *self.scores, *self.series)


@dataclass(frozen=True, slots=True)
class Part:
    """Series that were forecast together.

    Attributes
    ----------
    rows
        Their places in the history.
    factor, offset
        What scaled values are multiplied by, and what is added then.
    half
        Half widths of intervals [horizon, series], scaled.
    coverage, n_covered
        Measured coverage, and the values it is of.
    """

    rows: Any
    test: Backtest
    choice: Choice
    factor: Floats
    offset: Floats
    half: Floats
    coverage: Floats
    n_covered: Floats


def own_values(test: Backtest, choice: Choice) -> Floats:
    """Return the forecasts of each series' own method [horizon, series]."""
    import numpy as np

    horizon, n_series = test.actual.shape[1:]
    out = np.full((horizon, n_series), np.nan)
    for s, name in enumerate(choice.names):
        if name:
            out[:, s] = test.ahead[name][:, s]
    return out


def own_errors(test: Backtest, choice: Choice) -> Floats:
    """Return the errors of each series' own method [origin, horizon, series]."""
    import numpy as np

    out = np.full(test.actual.shape, np.nan)
    for s, name in enumerate(choice.names):
        if name:
            out[:, :, s] = test.past[name][:, :, s] - test.actual[:, :, s]
    return out


def points_of(history: History, part: Part, *, level: float) -> Iterator[ForecastPoint]:
    """Yield the points of each series' own method, and those of the baseline."""
    import numpy as np

    values = own_values(part.test, part.choice)
    base = part.test.ahead.get(BASELINE)
    for i, row in enumerate(part.rows):
        name = part.choice.names[i]
        if not name:
            continue
        own = history.values[: history.lengths[row], row]
        floor = 0.0 if np.nanmin(own) >= 0 else -np.inf
        first = int(history.starts[row] + history.lengths[row])
        at = (part.factor[i], part.offset[i], floor)
        for h in range(len(values)):
            ts = history.frequency.start(first + h)
            half, is_known = part.half[h, i], np.isfinite(part.half[h, i])
            yield ForecastPoint(
                series=history.names[row],
                ts=ts,
                horizon=h + 1,
                value=_back(values[h, i], *at),
                low=_back(values[h, i] - half, *at) if is_known else None,
                high=_back(values[h, i] + half, *at) if is_known else None,
                level=level,
                method=name,
                is_chosen=True,
            )
            if base is not None and name != BASELINE:
                yield ForecastPoint(
                    series=history.names[row],
                    ts=ts,
                    horizon=h + 1,
                    value=_back(base[h, i], *at),
                    level=level,
                    method=BASELINE,
                    is_chosen=False,
                )


def _back(value: float, factor: float, offset: float, floor: float) -> float:
    """Return a scaled value as it was: within what doubles hold, from a floor on."""
    limit = sys.float_info.max
    found = float(value) * float(factor) + float(offset)
    return max(min(found, limit), -limit, float(floor))


def scores_of(history: History, part: Part) -> Iterator[ForecastScore]:
    """Yield the errors of every method: over all origins, and by origin and horizon."""
    import numpy as np

    test = part.test
    n_origins, horizon, n_series = test.actual.shape
    is_detailed = (n_origins + horizon) * n_series * len(test.past) <= DETAILED
    count = np.isfinite(test.actual).sum(axis=(0, 1))
    # Relative to the factor, for squares of large values are no doubles.
    away = (part.offset / part.factor)[None, None, :]
    units = {"rmse": part.factor, "bias": part.factor}
    for method, past in test.past.items():
        whole = metrics(past + away, test.actual + away, test.scale)
        with np.errstate(over="ignore"):
            whole = {name: x * units.get(name, 1.0) for name, x in whole.items()}
        for i, row in enumerate(part.rows):
            name = history.names[row]
            for metric, value in whole.items():
                yield from _score(name, method, metric, value[i], int(count[i]))
        if not is_detailed:
            continue
        mase = test.mase(method)
        by_step = np.abs(test.errors(method)) / test.scale[:, None, :]
        for i, row in enumerate(part.rows):
            name = history.names[row]
            end = int(history.starts[row] + history.lengths[row])
            for k, back in enumerate(test.backs):
                origin = history.frequency.start(end - back)
                n = int(np.isfinite(test.actual[k, :, i]).sum())
                yield from _score(name, method, "mase", mase[k, i], n, origin=origin)
            for h in range(horizon):
                known = by_step[:, h, i][np.isfinite(by_step[:, h, i])]
                if len(known):
                    yield from _score(
                        name, method, "mase", known.mean(), len(known), horizon=h + 1
                    )
    for i, row in enumerate(part.rows):
        yield from _score(
            history.names[row],
            part.choice.names[i],
            "coverage",
            part.coverage[i],
            int(part.n_covered[i]),
        )


def _score(
    series: str,
    method: str,
    metric: str,
    value: Any,
    n: int,
    *,
    origin: datetime | None = None,
    horizon: int | None = None,
) -> Iterator[ForecastScore]:
    number = float(value)
    if n and method and number - number == 0:
        yield ForecastScore(
            series=series,
            method=method,
            metric=metric,
            origin=origin,
            horizon=horizon,
            value=number,
            n=n,
        )
