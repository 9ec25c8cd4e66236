"""Tests and intervals of correlations."""

from __future__ import annotations

import math

from dsp.inference.base import Z95, Test


def pearson_test(r: float, n: int) -> Test | None:
    """Test whether a correlation `r` of `n` pairs is zero (n >= 3).

    References
    ----------
    `scipy.stats.pearsonr`.
    """
    from scipy.special import stdtr

    if n < 3:
        return None
    rest = (1 - r) * (1 + r)
    if rest <= 0:
        return Test("t test of correlation", math.copysign(math.inf, r), 0.0, n - 2)
    t = r * math.sqrt((n - 2) / rest)
    p = 2 * float(stdtr(n - 2, -abs(t)))
    return Test("t test of correlation", t, p, n - 2)


def fisher_interval(
    r: float, n: int, *, inflation: float = 1.0
) -> tuple[float, float] | None:
    """Return the 95 % interval of a correlation by Fisher's z (n >= 4), or None.

    Parameters
    ----------
    r, n
        Correlation and pairs.
    inflation
        Factor of the variance 1 / (n - 3); 1 + r²/2 for rank correlations (Bonett and
        Wright 2000).
    """
    if n < 4 or abs(r) >= 1:
        return None
    half = Z95 * math.sqrt(inflation / (n - 3))
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
