"""Tests on sufficient statistics: pure functions on numbers, no data, no engine.

Every function returns a `Test`, or None where the test is not defined. p values are
two-sided (upper tail for F and chi-square) and come from `scipy.special`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A group of values by its size, mean and sample variance (n - 1)."""

    n: int
    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Test:
    """The outcome of a test.

    Attributes
    ----------
    name
        Name of the test.
    statistic, p_value
        Its statistic and p value.
    df, df_residual
        Degrees of freedom; the second ones of an F test.
    """

    name: str
    statistic: float
    p_value: float
    df: float | None = None
    df_residual: float | None = None


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
    half = 1.959963984540054 * math.sqrt(inflation / (n - 3))
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


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


def chi_square(table: Sequence[Sequence[int]]) -> Test | None:
    """Test whether the rows and columns of a table of counts are independent.

    Empty rows and columns are left out; no continuity correction.

    References
    ----------
    `scipy.stats.chi2_contingency` with ``correction=False``.
    """
    from scipy.special import chdtrc

    rows = [sum(row) for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    n = sum(rows)
    k, m = sum(r > 0 for r in rows), sum(c > 0 for c in columns)
    if k < 2 or m < 2:
        return None
    statistic = math.fsum(
        (count - r * c / n) ** 2 / (r * c / n)
        for row, r in zip(table, rows, strict=True)
        for count, c in zip(row, columns, strict=True)
        if r and c
    )
    df = (k - 1) * (m - 1)
    return Test("chi-square test", statistic, float(chdtrc(df, statistic)), df)


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


def cramers_v(table: Sequence[Sequence[int]]) -> float | None:
    """Return Cramér's V of a table of counts, corrected for bias (0-1), or None.

    References
    ----------
    Bergsma 2013, A bias-correction for Cramér's V and Tschuprow's T.
    """
    test = chi_square(table)
    n = sum(map(sum, table))
    if test is None or n < 2:
        return None
    k = sum(sum(row) > 0 for row in table)
    m = sum(sum(column) > 0 for column in zip(*table, strict=True))
    phi2 = max(0.0, test.statistic / n - (k - 1) * (m - 1) / (n - 1))
    smaller = min(k - (k - 1) ** 2 / (n - 1), m - (m - 1) ** 2 / (n - 1)) - 1
    return min(1.0, math.sqrt(phi2 / smaller)) if smaller > 0 else None


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values adjusted to hold the chance of any false alarm (Holm 1979).

    References
    ----------
    `statsmodels.stats.multitest.multipletests` with ``method="holm"``.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    n = len(p_values)
    adjusted = [0.0] * n
    worst = 0.0
    for rank, i in enumerate(sorted(range(n), key=p_values.__getitem__)):
        worst = max(worst, min(1.0, (n - rank) * p_values[i]))
        adjusted[i] = worst
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return p values adjusted to hold the share of false alarms (1995).

    References
    ----------
    `statsmodels.stats.multitest.multipletests` with ``method="fdr_bh"``.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03])
    [0.03, 0.04, 0.04]
    """
    n = len(p_values)
    adjusted = [0.0] * n
    best = 1.0
    order = sorted(range(n), key=p_values.__getitem__)
    for rank in range(n, 0, -1):
        i = order[rank - 1]
        best = min(best, n * p_values[i] / rank)
        adjusted[i] = best
    return adjusted
