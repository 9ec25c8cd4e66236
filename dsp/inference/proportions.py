"""Tests of shares."""

from __future__ import annotations

import math

from dsp.inference.base import Test


def two_proportions(hits_a: int, n_a: int, hits_b: int, n_b: int) -> Test | None:
    """Test whether two shares are equal, with the pooled variance.

    References
    ----------
    `statsmodels.stats.proportion.proportions_ztest`.
    """
    from scipy.special import ndtr

    if min(n_a, n_b) < 1:
        return None
    pooled = (hits_a + hits_b) / (n_a + n_b)
    variance = pooled * (1 - pooled) * (1 / n_a + 1 / n_b)
    if variance <= 0:
        return None
    z = (hits_a / n_a - hits_b / n_b) / math.sqrt(variance)
    return Test("two-proportion z test", z, 2 * float(ndtr(-abs(z))))
