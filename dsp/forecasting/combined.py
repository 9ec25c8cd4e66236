"""Methods combined: their weighted mean and their median, half and half."""

from __future__ import annotations

from collections.abc import Mapping

from dsp.forecasting.base import Floats

PARTS = ("ets", "theta", "arima", "boosted")
"""Methods that are combined."""
POWER = 4.0
PRIOR = 3.0
"""Origins that the record of all series counts for."""
FEW = 5
"""Series that the methods' equal worth counts for."""
LEAST = 0.25
"""Weights below this share of the largest are left out."""


class Combined:
    """Between the median of other methods and their mean, weighted by earlier errors.

    References
    ----------
    Bates and Granger (1969), Operational Research Quarterly 20, 451-468; weights are
    drawn to those of all series and to equal ones, which are hard to beat (Claeskens et
    al., 2016); median: Petropoulos and Svetunkov (2020), IJF 36, 110-115.
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
        able = np.isfinite(points).all(axis=1)
        size = np.stack([errors[name] for name in names])
        known = np.isfinite(size)
        count = np.maximum(known.sum(axis=0), 1)
        typical = np.where(known, size, 0.0).sum(axis=0) / count
        typical = np.where(typical > 0, typical, 1.0)
        relative = np.where(known, size / typical, 1.0)
        common = _common(relative, known)
        drawn = (n * relative + PRIOR * common[:, None]) / (n + PRIOR)
        weight = np.where(able, np.maximum(drawn, 0.05) ** -POWER, 0.0)
        # A method that has been far worse than the others is not asked.
        weight[weight < LEAST * weight.max(axis=0)] = 0.0
        total = weight.sum(axis=0)
        mean = (weight[:, None, :] * np.nan_to_num(points)).sum(axis=0)
        mean = mean / np.maximum(total, 1e-300)
        middle = _median(np.where((weight > 0)[:, None, :], points, np.nan))
        return np.where(total > 0, (mean + middle) / 2, np.nan)


plugin = Combined()


def _common(relative: Floats, known: Floats) -> Floats:
    """Return the relative error of each method over all series, drawn to 1."""
    import numpy as np

    found = []
    for own, is_known in zip(relative, known, strict=True):
        n = int(is_known.sum())
        middle = float(np.median(own[is_known])) if n else 1.0
        found.append((n * middle + FEW) / (n + FEW))
    return np.array(found)


def _median(points: Floats) -> Floats:
    """Return the middle of what is known along the first axis; 0 where nothing is."""
    import numpy as np

    ranked = np.sort(points, axis=0)
    n = np.isfinite(points).sum(axis=0)
    low, high = np.maximum((n - 1) // 2, 0), n // 2
    high = np.minimum(high, len(points) - 1)
    pair = [np.take_along_axis(ranked, at[None], axis=0)[0] for at in (low, high)]
    return np.nan_to_num((pair[0] + pair[1]) / 2)
