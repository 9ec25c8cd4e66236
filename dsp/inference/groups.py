"""Tests whether the means or variances of groups differ, from their moments."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsp.inference.base import Group, Test, in_range, outcome
from dsp.inference.tails import chi_square_tail, f_tail, t_tails


@in_range
def welch_t(a: Group, b: Group) -> Test | None:
    """Test whether two groups have the same mean, variances not assumed equal.

    None with fewer than two values in a group, or no variance in both.

    References
    ----------
    `scipy.stats.ttest_ind_from_stats` with ``equal_var=False``.

    Examples
    --------
    >>> test = welch_t(Group(4, 2.0, 1.0), Group(4, 4.0, 1.0))
    >>> round(test.statistic, 6), round(test.df, 6)
    (-2.828427, 6.0)
    """
    if min(a.n, b.n) < 2:
        return None
    error_a, error_b = a.variance / a.n, b.variance / b.n
    error = error_a + error_b
    if not error > 0:
        return None
    t = (a.mean - b.mean) / math.sqrt(error)
    df = welch_df(a, b)
    return outcome("Welch t test", t, t_tails(t, df), df)


def welch_df(a: Group, b: Group) -> float:
    """Return the degrees of freedom of Welch and Satterthwaite; groups that vary."""
    error_a, error_b = a.variance / a.n, b.variance / b.n
    share_a = error_a / (error_a + error_b)
    share_b = error_b / (error_a + error_b)
    return 1 / (share_a**2 / (a.n - 1) + share_b**2 / (b.n - 1))


def pooled_variance(groups: Sequence[Group]) -> float | None:
    """Return the variance within groups, or None without degrees of freedom."""
    df = sum(g.n - 1 for g in groups if g.n > 0)
    if df < 1:
        return None
    return math.fsum((g.n - 1) * g.variance for g in groups if g.n > 1) / df


@in_range
def student_t(a: Group, b: Group) -> Test | None:
    """Test whether two groups have the same mean, variances assumed equal.

    References
    ----------
    `scipy.stats.ttest_ind_from_stats`.
    """
    if min(a.n, b.n) < 1:
        return None
    variance = pooled_variance((a, b))
    if variance is None or not variance > 0:
        return None
    t = (a.mean - b.mean) / math.sqrt(variance * (1 / a.n + 1 / b.n))
    df = a.n + b.n - 2
    return outcome("Student t test", t, t_tails(t, df), df)


@in_range
def one_sample_t(group: Group, mean: float = 0.0) -> Test | None:
    """Test whether a group has a given mean; on differences it is the paired test.

    References
    ----------
    `scipy.stats.ttest_1samp`, `scipy.stats.ttest_rel`.
    """
    if group.n < 2 or not group.variance > 0:
        return None
    t = (group.mean - mean) / math.sqrt(group.variance / group.n)
    return outcome("one-sample t test", t, t_tails(t, group.n - 1), group.n - 1)


@in_range
def anova(groups: Sequence[Group]) -> Test | None:
    """Test whether groups have the same mean, variances assumed equal.

    Empty groups are left out.

    References
    ----------
    `scipy.stats.f_oneway`.
    """
    groups = [g for g in groups if g.n > 0]
    n, k = sum(g.n for g in groups), len(groups)
    if k < 2 or n <= k:
        return None
    grand = math.fsum(g.n * g.mean for g in groups) / n
    between = math.fsum(g.n * (g.mean - grand) ** 2 for g in groups)
    within = math.fsum((g.n - 1) * g.variance for g in groups if g.n > 1)
    if not within > 0:
        return None
    f = between / (k - 1) / (within / (n - k))
    return outcome("one-way ANOVA", f, f_tail(f, k - 1, n - k), k - 1, n - k)


@in_range
def welch_anova(groups: Sequence[Group]) -> Test | None:
    """Test whether groups have the same mean, variances not assumed equal.

    None when a group has fewer than two values or no variance.

    References
    ----------
    `statsmodels.stats.oneway.anova_oneway` with ``use_var="unequal"``.
    """
    k = len(groups)
    if k < 2 or any(g.n < 2 or not g.variance > 0 for g in groups):
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
    return outcome("Welch ANOVA", f, f_tail(f, k - 1, df), k - 1, df)


@in_range
def bartlett(groups: Sequence[Group]) -> Test | None:
    """Test whether groups have the same variance, values assumed normal.

    None when a group has fewer than two values or no variance.

    References
    ----------
    `scipy.stats.bartlett`.
    """
    k = len(groups)
    if k < 2 or any(g.n < 2 or not g.variance > 0 for g in groups):
        return None
    pooled = pooled_variance(groups) or 0.0
    df = sum(g.n - 1 for g in groups)
    if not (math.isfinite(pooled) and pooled > 0):
        return None
    statistic = -math.fsum((g.n - 1) * math.log(g.variance / pooled) for g in groups)
    spread = math.fsum(1 / (g.n - 1) for g in groups) - 1 / df
    x = max(0.0, statistic / (1 + spread / (3 * (k - 1))))
    return outcome("Bartlett test", x, chi_square_tail(x, k - 1), k - 1)


def brown_forsythe(deviations: Sequence[Group]) -> Test | None:
    """Test whether groups have the same spread, values of any shape.

    Parameters
    ----------
    deviations
        Moments of the distances of values from the median of their group.

    References
    ----------
    `scipy.stats.levene` with ``center="median"``.
    """
    test = anova(deviations)
    if test is None:
        return None
    return Test(
        "Brown-Forsythe test", test.statistic, test.p_value, test.df, test.df_residual
    )
