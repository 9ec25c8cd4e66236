"""Tests whether groups differ, from sums of their ranks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsp.inference.base import Z95, Effect, Test, effect, outcome
from dsp.inference.tails import chi_square_tail, normal_tails

MOST_EXACT = 20_000
"""Pairs of values up to which the exact distribution of U is counted."""


def kruskal(
    rank_sums: Sequence[float], sizes: Sequence[int], *, ties: int = 0
) -> Test | None:
    """Test whether groups have the same distribution, by ranks.

    Parameters
    ----------
    rank_sums, sizes
        Sum of average ranks (1 is the smallest value of all groups) and size by group.
    ties
        Sum of t³ - t over the sets of t equal values.

    References
    ----------
    `scipy.stats.kruskal`.
    """
    n, k = sum(sizes), len(sizes)
    if k < 2 or min(sizes) < 1 or n**3 - n <= ties:
        return None
    # From the middle, since the usual formula takes a difference of large numbers.
    middle = (n + 1) / 2
    squares = math.fsum(
        (r - m * middle) ** 2 / m for r, m in zip(rank_sums, sizes, strict=True)
    )
    h = 12 / (n * (n + 1)) * squares / (1 - ties / (n**3 - n))
    return outcome("Kruskal-Wallis test", h, chi_square_tail(h, k - 1), k - 1)


def mann_whitney(rank_sum: float, n_a: int, n_b: int, *, ties: int = 0) -> Test | None:
    """Test whether values of one group tend to be larger than those of another.

    The p value is exact where a group has at most 8 values, no two values are equal and
    there are at most 20,000 pairs; else normal, corrected for ties and continuity. The
    statistic is U of the first group.

    Parameters
    ----------
    rank_sum
        Sum of the average ranks of the first group among all values.
    n_a, n_b
        Sizes of the groups.
    ties
        Sum of t³ - t over the sets of t equal values.

    References
    ----------
    `scipy.stats.mannwhitneyu`.
    """
    if min(n_a, n_b) < 1:
        return None
    u = rank_sum - n_a * (n_a + 1) / 2
    name = "Mann-Whitney U test"
    if min(n_a, n_b) <= 8 and not ties and n_a * n_b <= MOST_EXACT:
        return outcome(name, u, _exact_p(round(u), n_a, n_b))
    n = n_a + n_b
    variance = n_a * n_b / 12 * (n + 1 - ties / (n * (n - 1)))
    if not variance > 0:
        return None
    distance = abs(u - n_a * n_b / 2) - 0.5
    p = normal_tails(distance / math.sqrt(variance)) if distance > 0 else 1.0
    return outcome(name, u, p)


def rank_biserial(rank_sum: float, n_a: int, n_b: int) -> Effect | None:
    """Return Cliff's delta (the rank-biserial correlation) of two groups, -1 to 1.

    The share of pairs in which the first group has the larger value, less the share in
    which the second has. The interval is that of the area under the curve, with the
    variance of Hanley and McNeil taken on the scale of log odds.

    References
    ----------
    Hanley and McNeil 1982, Radiology 143; Newcombe 2006, Statistics in Medicine 25.
    """
    if min(n_a, n_b) < 1:
        return None
    area = (rank_sum - n_a * (n_a + 1) / 2) / (n_a * n_b)
    delta = 2 * area - 1
    if not 0 < area < 1:
        return effect("cliffs_delta", delta)
    first, second = area / (2 - area), 2 * area * area / (1 + area)
    variance = (
        area * (1 - area)
        + (n_a - 1) * (first - area * area)
        + (n_b - 1) * (second - area * area)
    ) / (n_a * n_b)
    half = Z95 * math.sqrt(variance) / (area * (1 - area))
    centre = math.log(area / (1 - area))
    ends = (math.tanh((centre - half) / 2), math.tanh((centre + half) / 2))
    return effect("cliffs_delta", delta, ends, "Hanley and McNeil, log odds")


def epsilon_squared(test: Test, n: int) -> Effect | None:
    """Return the share of the spread of ranks between groups, of a Kruskal-Wallis test.

    References
    ----------
    Tomczak and Tomczak 2014, Trends in Sport Sciences 1: H (n + 1) / (n² - 1).
    """
    return effect("epsilon_squared_ranks", test.statistic / (n - 1)) if n > 1 else None


def _exact_p(u: int, n_a: int, n_b: int) -> float:
    """Return the share of orders whose U is as far from its middle, in whole numbers."""
    counts = [1] + [0] * (n_a * n_b)
    # The product of (1 - q^(larger + i)) / (1 - q^i) counts the orders by U.
    smaller, larger = sorted((n_a, n_b))
    for i in range(1, smaller + 1):
        step = larger + i
        for j in range(len(counts) - 1, step - 1, -1):
            counts[j] -= counts[j - step]
        for j in range(i, len(counts)):
            counts[j] += counts[j - i]
    least = min(u, n_a * n_b - u)
    return min(1.0, 2 * sum(counts[: least + 1]) / math.comb(n_a + n_b, n_a))
