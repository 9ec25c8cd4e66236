"""Kendall's rank correlation."""

from __future__ import annotations

import math
from typing import Any

from dsp.inference.base import Test
from dsp.inference.dense_ranks import Codes
from dsp.inference.dominance import rises
from dsp.inference.tails import normal_tails

MOST_EXACT = 33
"""Rows up to which the exact distribution is counted, where no two values are equal."""


def kendall(a: Codes, b: Codes) -> tuple[float | None, Test | None]:
    """Return Kendall's tau-b of two columns and its test.

    The p value is exact without ties for 33 rows or fewer, or where at most one pair of
    rows is against the order of all others; else normal, corrected for ties. The
    statistic is z, or the number of discordant pairs where p is exact.

    Parameters
    ----------
    a, b
        Dense codes of the same rows, all with a value.

    References
    ----------
    `scipy.stats.kendalltau`; Knight 1966, A computer method for calculating Kendall's
    tau with ungrouped data.

    Examples
    --------
    >>> import numpy as np
    >>> x = (np.array([0, 1, 2, 3]), 4)
    >>> y = (np.array([0, 2, 1, 3]), 4)
    >>> round(kendall(x, y)[0], 4)
    0.6667
    """
    import numpy as np

    # The fewer values the second has, the fewer steps.
    (x, _), (y, n_y) = (a, b) if a[1] >= b[1] else (b, a)
    n = len(x)
    joint = x.astype(np.int64) * n_y + y
    joint.sort()
    ties_x, ties_y = (np.bincount(c, minlength=1) for c in (x, y))
    ties_both = np.diff(np.flatnonzero(np.diff(joint, prepend=-1)), append=n)
    total = n * (n - 1) // 2
    same_x, same_y, same = (_pairs(t) for t in (ties_x, ties_y, ties_both))
    if total in (same_x, same_y):
        return None, None
    # Ordered by x and then y, discordant pairs are those whose y falls.
    joint %= n_y
    n_against = rises((n_y - 1 - joint).astype(np.int32))
    balance = total - same_x - same_y + same - 2 * n_against
    tau = balance / math.sqrt(total - same_x) / math.sqrt(total - same_y)
    tau = max(-1.0, min(1.0, tau))
    fewer = min(n_against, total - n_against)
    if same_x == same_y == 0 and (n <= MOST_EXACT or fewer <= 1):
        p = _exact(n, fewer)
        return tau, Test("Kendall test, exact", float(n_against), p)
    z = balance / math.sqrt(_variance(n, ties_x, ties_y))
    return tau, Test("Kendall test", z, normal_tails(z))


def _pairs(sizes: Any) -> int:
    return sum(t * (t - 1) // 2 for t in sizes[sizes > 1].tolist())


def _variance(n: int, ties_x: Any, ties_y: Any) -> float:
    """Return the variance of the difference of concordant and discordant pairs."""
    (x0, x1), (y0, y1) = (_moments(ties) for ties in (ties_x, ties_y))
    m = n * (n - 1)
    found = (m * (2 * n + 5) - x1 - y1) / 18
    found += 2 * _pairs(ties_x) * _pairs(ties_y) / m
    return found + (x0 * y0 / (9 * m * (n - 2)) if n > 2 else 0.0)


def _moments(sizes: Any) -> tuple[int, int]:
    tied = sizes[sizes > 1].tolist()
    return (
        sum(t * (t - 1) * (t - 2) for t in tied),
        sum(t * (t - 1) * (2 * t + 5) for t in tied),
    )


def _exact(n: int, c: int) -> float:
    """Return the two-sided p value of `c` pairs against the order of `n` rows.

    Counts permutations by their inversions; Kendall 1970, Rank Correlation Methods.
    """
    if n <= 2 or 4 * c == n * (n - 1):
        return 1.0
    if c <= 1:
        return 2 / math.factorial(n - c) if n - c < 171 else 0.0
    counts = [1, 1] + [0] * (c - 1)
    for j in range(3, n + 1):
        running, summed = 0, []
        for count in counts:
            running += count
            summed.append(running)
        counts = [s - (summed[i - j] if i >= j else 0) for i, s in enumerate(summed)]
    return min(1.0, 2 * sum(counts) / math.factorial(n))
