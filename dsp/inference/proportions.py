"""Tests, differences and intervals of shares."""

from __future__ import annotations

import math

from dsp.inference.base import Z95, Effect, Interval, Test, effect, outcome
from dsp.inference.tails import normal_tails


def two_proportions(hits_a: int, n_a: int, hits_b: int, n_b: int) -> Test | None:
    """Test whether two shares are equal, with the pooled variance.

    References
    ----------
    `statsmodels.stats.proportion.proportions_ztest`.
    """
    if min(n_a, n_b) < 1:
        return None
    pooled = (hits_a + hits_b) / (n_a + n_b)
    variance = pooled * (1 - pooled) * (1 / n_a + 1 / n_b)
    if variance <= 0:
        return None
    z = (hits_a / n_a - hits_b / n_b) / math.sqrt(variance)
    return outcome("two-proportion z test", z, normal_tails(z))


def share_interval(hits: int, n: int) -> Interval | None:
    """Return Wilson's 95 % interval of a share (n >= 1), or None.

    References
    ----------
    `statsmodels.stats.proportion.proportion_confint` with ``method="wilson"``.

    Examples
    --------
    >>> low, high = share_interval(5, 10)
    >>> round(low, 4), round(high, 4)
    (0.2366, 0.7634)
    """
    if n < 1:
        return None
    share, z2 = hits / n, Z95 * Z95
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = 0.0 if hits == 0 else centre - half
    return low, 1.0 if hits == n else centre + half


def risk_difference(hits_a: int, n_a: int, hits_b: int, n_b: int) -> Effect | None:
    """Return the difference of two shares with Newcombe's interval.

    References
    ----------
    Newcombe 1998, method 10: `statsmodels.stats.proportion.confint_proportions_2indep`
    with ``method="newcomb"``.
    """
    first, second = share_interval(hits_a, n_a), share_interval(hits_b, n_b)
    if first is None or second is None:
        return None
    a, b = hits_a / n_a, hits_b / n_b
    low = a - b - math.hypot(a - first[0], second[1] - b)
    high = a - b + math.hypot(first[1] - a, b - second[0])
    return effect("risk_difference", a - b, (low, high), "Newcombe")


def risk_ratio(hits_a: int, n_a: int, hits_b: int, n_b: int) -> Effect | None:
    """Return the ratio of two shares with the interval of Katz; None when one is 0.

    References
    ----------
    `scipy.stats.contingency.relative_risk`.
    """
    if min(n_a, n_b) < 1 or min(hits_a, hits_b) < 1:
        return None
    ratio = hits_a / n_a / (hits_b / n_b)
    spread = 1 / hits_a - 1 / n_a + 1 / hits_b - 1 / n_b
    half = Z95 * math.sqrt(max(0.0, spread))
    ends = (ratio * math.exp(-half), ratio * math.exp(half))
    return effect("risk_ratio", ratio, ends, "Katz")
