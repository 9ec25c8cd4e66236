"""The naive forecast: the last value stays."""

from __future__ import annotations

from typing import Any

from dsp.forecasting.base import Forecasts, Histories


class Naive:
    """Repeats the last value of a series."""

    name = "naive"
    label = "naive"
    is_baseline = True
    is_global = False

    def forecast(
        self, histories: Histories, horizon: int, *, warm: Any = None
    ) -> Forecasts:
        """Return the last value for every step."""
        import numpy as np

        last = histories.tail(np.arange(histories.n_series), 1)
        return Forecasts(np.repeat(last, horizon, axis=0))


plugin = Naive()
