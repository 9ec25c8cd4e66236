"""A weighted mean of the methods, by how well each has done before."""

from __future__ import annotations

from collections.abc import Mapping

from dsp.forecasting.base import Floats

PARTS = ("ets", "theta", "arima", "boosted")
"""Methods that are combined."""
POWER = 2.0
PRIOR = 4.0
"""Origins that the methods' equal worth counts for."""


class Combined:
    """The mean of other methods, weighted by the inverse squares of their errors.

    References
    ----------
    Bates and Granger (1969), Operational Research Quarterly 20, 451-468; weights are
    drawn to equal ones, which are hard to beat (Claeskens et al., 2016).
    """

    name = "combined"
    label = "combination"
    is_baseline = False
    is_global = False
    parts = PARTS

    def combine(
        self, forecasts: Mapping[str, Floats], errors: Mapping[str, Floats], n: Floats
    ) -> Floats:
        """Return the combination [horizon, series].

        Parameters
        ----------
        forecasts
            [horizon, series] by method; NaN where a method has no answer.
        errors
            Mean scaled error [series] by method at earlier origins; NaN where unknown.
        n
            How many earlier origins there are, by series.
        """
        import numpy as np

        names = [name for name in self.parts if name in forecasts]
        points = np.stack([forecasts[name] for name in names])
        size = np.stack([errors[name] for name in names])
        known = np.isfinite(size)
        count = np.maximum(known.sum(axis=0), 1)
        typical = np.where(known, size, 0.0).sum(axis=0) / count
        typical = np.where(typical > 0, typical, 1.0)
        relative = np.where(known, size / typical, 1.0)
        drawn = (n * relative + PRIOR) / (n + PRIOR)
        weight = np.where(np.isfinite(points), drawn[:, None, :] ** -POWER, 0.0)
        total = weight.sum(axis=0)
        mean = (weight * np.nan_to_num(points)).sum(axis=0)
        return np.where(total > 0, mean / np.maximum(total, 1e-300), np.nan)


plugin = Combined()
