"""What detectors ask of the tests: floors for spread and counts, and one effect each."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from dsp.inference.base import Group
from dsp.inference.correlation import fisher_interval as interval_of
from dsp.inference.correlation import pearson_test
from dsp.inference.groups import welch_anova, welch_t
from dsp.inference.tables import chi_square, cramers_v

LEAST_SPREAD = 0.05
"""Least variance of a group, in pooled variances."""
_MOST = 1e150


class Outcome(NamedTuple):
    """Statistic, p value and effect of one test."""

    statistic: float
    p_value: float
    effect: float


def correlation(n: int, r: float) -> Outcome:
    """Test a Pearson correlation; p is 1 where it is not defined (n < 4)."""
    r = max(-1.0, min(1.0, r))
    test = pearson_test(r, n) if n > 3 else None
    if test is None:
        return Outcome(0.0, 1.0, r)
    return Outcome(max(-_MOST, min(_MOST, test.statistic)), test.p_value, r)


def fisher_interval(n: int, r: float) -> tuple[float, float]:
    """Return the 95 % interval of a correlation, or the correlation twice (n < 5)."""
    return (interval_of(r, n) if n > 4 else None) or (r, r)


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
    # A group without spread would get infinite weight.
    spread = np.maximum(var, pooled * LEAST_SPREAD)
    test = welch_anova(
        [Group(*of) for of in np.stack([n, mean, spread], axis=1).tolist()]
    )
    if test is None:
        return None
    return Outcome(test.statistic, test.p_value, max(0.0, omega))


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
    floor = pooled * LEAST_SPREAD
    a = Group(round(n1), mean1, max(var1, floor))
    b = Group(round(n2), mean2, max(var2, floor))
    test = welch_t(a, b) if pooled > 0 else None
    if test is None:
        return None
    return Outcome(test.statistic, test.p_value, (mean1 - mean2) / math.sqrt(pooled))


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
    counts = [[int(count) for count in row] for row in table]
    test, v = chi_square(counts), cramers_v(counts)
    if test is None or v is None:
        return None
    return Outcome(test.statistic, test.p_value, v)
