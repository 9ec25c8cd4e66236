"""Two normal distributions in one column, from counted bins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

STEPS = 500
"""Steps of expectation and maximization at most."""


@dataclass(frozen=True, slots=True)
class TwoNormals:
    """A mixture of two normal distributions, the lower mean first.

    Attributes
    ----------
    share
        Share of the first one (0-1).
    means, sds
        Their means and standard deviations.
    """

    share: float
    means: tuple[float, float]
    sds: tuple[float, float]

    def cdf(self, x: Any) -> Any:
        """Return the distribution function at an array."""
        from scipy.special import ndtr

        first, second = (
            ndtr((x - mean) / sd) for mean, sd in zip(self.means, self.sds, strict=True)
        )
        return self.share * first + (1 - self.share) * second


def two_normals(edges: Sequence[float], counts: Sequence[int]) -> TwoNormals | None:
    """Return the mixture that maximizes the likelihood of bins at their middles.

    Parameters
    ----------
    edges
        Edges of the bins, one more than bins.
    counts
        Values in each bin.

    Returns
    -------
    TwoNormals or None
        None where fewer than four bins have values, or one part vanishes or is one value.

    References
    ----------
    Dempster, Laird and Rubin 1977, Maximum likelihood from incomplete data via the EM
    algorithm. No part gets narrower than the spread within its bins.
    """
    import numpy as np

    bounds = np.asarray(edges, dtype=float)
    weights = np.asarray(counts, dtype=float)
    if np.count_nonzero(weights) < 4:
        return None
    x, within = (bounds[1:] + bounds[:-1]) / 2, np.diff(bounds) ** 2 / 12
    weights = weights / weights.sum()
    centre = float(weights @ x)
    x, scale = x - centre, math.sqrt(float(weights @ (x - centre) ** 2)) or 1.0
    x, within = x / scale, within / scale**2
    cut = float(np.interp(0.5, np.cumsum(weights), x))
    first = np.where(x <= cut, 1.0, 0.0)
    share, means, sds = 0.5, np.zeros(2), np.ones(2)
    for _ in range(STEPS):
        parts = np.stack([weights * first, weights * (1 - first)])
        sums = parts.sum(axis=1)
        if sums.min() < 1e-6:
            return None
        before, means = means, parts @ x / sums
        spread = (parts * ((x - means[:, None]) ** 2 + within)).sum(axis=1) / sums
        if spread.min() < 1e-10:
            # All of a part lies on one value: that is no normal distribution.
            return None
        share, sds = float(sums[0]), np.sqrt(spread)
        z = (x - means[:, None]) / sds[:, None]
        logs = np.log(np.array([share, 1 - share]) / sds)[:, None] - z * z / 2
        first = 1 / (1 + np.exp(np.clip(logs[1] - logs[0], -700, 700)))
        if np.abs(means - before).max() < 1e-10:
            break
    if means[0] > means[1]:
        share, means, sds = 1 - share, means[::-1], sds[::-1]
    low, high = (float(m * scale + centre) for m in means)
    return TwoNormals(share, (low, high), (float(sds[0] * scale), float(sds[1] * scale)))
