"""Tests whether groups differ, from their moments or rank sums."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsp.inference.base import Group, Test


def welch_t(a: Group, b: Group) -> Test | None:
    """Test whether two groups have the same mean, variances not assumed equal.

    References
    ----------
    `scipy.stats.ttest_ind_from_stats` with ``equal_var=False``.
    """
    from scipy.special import stdtr

    if min(a.n, b.n) < 2:
        return None
    error_a, error_b = a.variance / a.n, b.variance / b.n
    error = error_a + error_b
    if error <= 0:
        return None
    t = (a.mean - b.mean) / math.sqrt(error)
    share_a, share_b = error_a / error, error_b / error
    df = 1 / (share_a**2 / (a.n - 1) + share_b**2 / (b.n - 1))
    return Test("Welch t test", t, 2 * float(stdtr(df, -abs(t))), df)


def anova(groups: Sequence[Group]) -> Test | None:
    """Test whether groups have the same mean, variances assumed equal.

    References
    ----------
    `scipy.stats.f_oneway`.
    """
    from scipy.special import fdtrc

    groups = [g for g in groups if g.n > 0]
    n, k = sum(g.n for g in groups), len(groups)
    if k < 2 or n <= k:
        return None
    grand = math.fsum(g.n * g.mean for g in groups) / n
    between = math.fsum(g.n * (g.mean - grand) ** 2 for g in groups)
    within = math.fsum((g.n - 1) * g.variance for g in groups if g.n > 1)
    if within <= 0:
        return None
    f = between / (k - 1) / (within / (n - k))
    return Test("one-way ANOVA", f, float(fdtrc(k - 1, n - k, f)), k - 1, n - k)


def welch_anova(groups: Sequence[Group]) -> Test | None:
    """Test whether groups have the same mean, variances not assumed equal.

    None when a group has fewer than two values or no variance.

    References
    ----------
    `statsmodels.stats.oneway.anova_oneway` with ``use_var="unequal"``.
    """
    from scipy.special import fdtrc

    k = len(groups)
    if k < 2 or any(g.n < 2 or g.variance <= 0 for g in groups):
        return None
    weights = [g.n / g.variance for g in groups]
    total = math.fsum(weights)
    mean = math.fsum(w * g.mean for w, g in zip(weights, groups, strict=True)) / total
    between = math.fsum(
        w * (g.mean - mean) ** 2 for w, g in zip(weights, groups, strict=True)
    ) / (k - 1)
    spread = math.fsum(
        (1 - w / total) ** 2 / (g.n - 1) for w, g in zip(weights, groups, strict=True)
    )
    if not (math.isfinite(between) and spread > 0):
        return None
    f = between / (1 + 2 * (k - 2) / (k * k - 1) * spread)
    df = (k * k - 1) / (3 * spread)
    return Test("Welch ANOVA", f, float(fdtrc(k - 1, df, f)), k - 1, df)


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
    from scipy.special import chdtrc

    n, k = sum(sizes), len(sizes)
    if k < 2 or min(sizes) < 1 or n**3 - n <= ties:
        return None
    squares = math.fsum(r * r / m for r, m in zip(rank_sums, sizes, strict=True))
    h = (12 / (n * (n + 1)) * squares - 3 * (n + 1)) / (1 - ties / (n**3 - n))
    return Test("Kruskal-Wallis test", h, float(chdtrc(k - 1, h)), k - 1)
