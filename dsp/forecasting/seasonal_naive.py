"""The seasonal naive forecast: what was one season ago comes again."""

from __future__ import annotations

from typing import Any

from dsp.forecasting.base import Forecasts, Histories

NAME = "seasonal_naive"


class SeasonalNaive:
    """Repeats the last season; the last value in series that have none.

    A series shorter than its season repeats its last value.
    """

    name = NAME
    label = "seasonal naive"
    is_baseline = True
    is_global = False

    def forecast(
        self, histories: Histories, horizon: int, *, warm: Any = None
    ) -> Forecasts:
        """Return the values of the last season, over and over."""
        import numpy as np

        season, columns = histories.season, np.arange(histories.n_series)
        lags = np.where(histories.lengths >= season, season, 1)
        ahead = np.arange(horizon)[:, None]
        at = histories.lengths - lags + ahead % lags
        return Forecasts(histories.values[np.maximum(at, 0), columns])


plugin = SeasonalNaive()
