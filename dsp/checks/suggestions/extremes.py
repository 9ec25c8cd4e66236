"""How far values may lie beyond those that were seen: tails, and natural limits."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsp.checks.suggestions.summaries import KEPT, Summary

CHANCE = 1e-3
"""Chance that as many new rows hold a value beyond a proposed limit, on either side."""
LEAST = 20
"""Values below which nothing is said about a tail."""
OFTEN = 12
"""Rows that would be expected beyond a limit, were it not one: none has a chance of
exp(-12)."""


def reach(summary: Summary, *, skip: int = 0) -> float | None:
    """Return the value that as many new rows exceed with a chance of `CHANCE`.

    A generalized Pareto distribution is fitted to the greatest values by probability
    weighted moments; its shape is taken half a standard error heavier, and never lighter
    than exponential.

    Parameters
    ----------
    summary
        A measure, with its greatest values in falling order.
    skip
        Greatest values that are left out as exceptions.

    Returns
    -------
    float or None
        The limit; None when there are fewer than `LEAST` values or the tail is too
        heavy to say (shape of 1 and more: it has no mean).

    References
    ----------
    Hosking and Wallis (1987), Parameter and quantile estimation for the generalized
    Pareto distribution, Technometrics 29.

    Examples
    --------
    >>> values = tuple(float(x) for x in range(1000, 968, -1))
    >>> round(reach(Summary(1000, 1000, (), values)))
    1134
    """
    high = summary.high[skip:]
    if summary.n < LEAST or len(high) < 5:
        return None
    k = max(4, min(len(high) - 1, summary.n // 8, KEPT - 1))
    threshold = high[k]
    excess = [x - threshold for x in high[:k]]
    mean = sum(excess) / k
    if mean <= 0:
        return high[0]
    # alpha_1 = E[X (1 - F(X))], from the plotting positions of the excesses.
    weighted = sum(x * (i + 0.35) / k for i, x in enumerate(excess)) / k
    spread = mean - 2 * weighted
    shape = 2 - mean / spread if spread > 0 else 1.0
    shape = max(0.0, shape + (1 + max(shape, 0.0)) / math.sqrt(k) / 2)
    if shape >= 1:
        return None
    # The scale that gives the mean excess seen, with the shape that is used.
    scale, times = mean * (1 - min(shape, 0.9)), k / CHANCE
    grown = math.log(times) if shape < 1e-6 else (times**shape - 1) / shape
    return max(threshold + scale * grown, high[0])


def is_limit(n_last: int, n_before: int) -> bool:
    """Return whether an extreme value is a natural limit: often met, never crossed.

    Were it none, the rows at the next value would follow the fall from the last but one
    to the last, and twice that fall to be careful; so many must be expected there that
    seeing none says something.

    Parameters
    ----------
    n_last, n_before
        Rows that hold the most extreme value, and the one next to it.

    Examples
    --------
    >>> is_limit(200, 180), is_limit(20, 200)
    (True, False)
    """
    fall = min(1.0, n_last / n_before) if n_before else 1.0
    return n_last * fall**2 >= OFTEN


def ends(high: Sequence[float]) -> tuple[int, int]:
    """Return how often the first value of a sorted list occurs, and the next one.

    Examples
    --------
    >>> ends([5.0, 5.0, 4.0, 3.0])
    (2, 1)
    """
    n_last = sum(x == high[0] for x in high)
    rest = high[n_last:]
    return n_last, sum(x == rest[0] for x in rest) if rest else 0
