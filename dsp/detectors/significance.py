"""Tests and effect sizes from sufficient statistics, with scipy.special only."""

from __future__ import annotations

import math
from typing import Any, NamedTuple


class Outcome(NamedTuple):
    """Statistic, p value and effect of one test."""

    statistic: float
    p_value: float
    effect: float


def t_p(t: float, df: float) -> float:
    """Return the two-sided p value of Student's t (agrees with scipy.stats.t)."""
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))


def f_p(f: float, df1: float, df2: float) -> float:
    """Return the upper p value of F (agrees with scipy.stats.f)."""
    from scipy.special import fdtrc

    return float(fdtrc(df1, df2, f))


def chi2_p(x: float, df: float) -> float:
    """Return the upper p value of chi squared (agrees with scipy.stats.chi2)."""
    from scipy.special import chdtrc

    return float(chdtrc(df, x))


def correlation(n: int, r: float) -> Outcome:
    """Test a Pearson correlation (agrees with scipy.stats.pearsonr)."""
    if n < 4:
        return Outcome(0.0, 1.0, r)
    r = max(-1.0, min(1.0, r))
    rest = max(1 - r * r, 1e-300)
    t = r * math.sqrt((n - 2) / rest)
    return Outcome(t, t_p(t, n - 2), r)


def fisher_interval(n: int, r: float) -> tuple[float, float]:
    """Return the 95 % interval of a correlation (Fisher's z)."""
    if n < 5 or abs(r) >= 1:
        return r, r
    z, half = math.atanh(r), 1.959963984540054 / math.sqrt(n - 3)
    return math.tanh(z - half), math.tanh(z + half)


def group_means(n: Any, mean: Any, var: Any) -> Outcome | None:
    """Test equal means over groups by Welch's F; the effect is omega squared.

    Parameters
    ----------
    n, mean, var
        Arrays, one entry a group: rows, mean, sample variance.

    References
    ----------
    Welch (1951), Biometrika 38; agrees with ``statsmodels`` ``anova_oneway``.
    """
    import numpy as np

    k, total = len(n), float(n.sum())
    if k < 2 or total <= k:
        return None
    grand = float((n * mean).sum() / total)
    between = float((n * (mean - grand) ** 2).sum())
    within = float(((n - 1) * var).sum())
    if within <= 0 or not np.isfinite(within + between):
        return None
    pooled = within / (total - k)
    omega = (between - (k - 1) * pooled) / (between + within + pooled)
    # A group without spread would get infinite weight: half a pooled variance at least.
    weight = n / np.maximum(var, pooled * 0.05)
    share = weight / weight.sum()
    centre = float((share * mean).sum())
    tail = float(((1 - share) ** 2 / (n - 1)).sum())
    top = float((weight * (mean - centre) ** 2).sum()) / (k - 1)
    f = top / (1 + 2 * (k - 2) / (k * k - 1) * tail)
    df2 = (k * k - 1) / (3 * tail) if tail > 0 else total
    return Outcome(f, f_p(f, k - 1, df2), max(0.0, omega))


def welch(
    one: tuple[float, float, float], two: tuple[float, float, float]
) -> Outcome | None:
    """Test two means; the effect is the difference in pooled standard deviations.

    Parameters
    ----------
    one, two
        Rows, mean and sample variance.
    """
    (n1, mean1, var1), (n2, mean2, var2) = one, two
    if n1 < 2 or n2 < 2:
        return None
    pooled = ((n1 - 1) * var1 + (n2 - 1) * var2) / (n1 + n2 - 2)
    floor = pooled * 0.05
    a, b = max(var1, floor) / n1, max(var2, floor) / n2
    if a + b <= 0 or pooled <= 0:
        return None
    t = (mean1 - mean2) / math.sqrt(a + b)
    df = (a + b) ** 2 / (a * a / (n1 - 1) + b * b / (n2 - 1))
    return Outcome(t, t_p(t, df), (mean1 - mean2) / math.sqrt(pooled))


def contingency(table: Any) -> Outcome | None:
    """Test independence in a table of counts; the effect is bias-corrected Cramér's V.

    Rows and columns expected to hold fewer than five rows in their best cell are left
    out. None where less than two rows or columns remain.

    References
    ----------
    Bergsma (2013); the statistic agrees with ``scipy.stats.chi2_contingency``.
    """
    import numpy as np

    table = np.asarray(table, dtype=float)
    total = table.sum()
    if total < 20:
        return None
    rows, cols = table.sum(axis=1), table.sum(axis=0)
    table = table[rows >= 5][:, cols >= 5]
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape, default=0) < 2:
        return None
    total = table.sum()
    rows, cols = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(rows, cols) / total
    if float((expected < 5).mean()) > 0.2 or float(expected.min()) < 1:
        return None
    chi2 = float(((table - expected) ** 2 / expected).sum())
    r, c = table.shape
    df = (r - 1) * (c - 1)
    phi2 = max(0.0, chi2 / total - df / (total - 1))
    rc, cc = r - (r - 1) ** 2 / (total - 1), c - (c - 1) ** 2 / (total - 1)
    v = math.sqrt(phi2 / max(min(rc, cc) - 1, 1e-12))
    return Outcome(chi2, chi2_p(chi2, df), min(1.0, v))
