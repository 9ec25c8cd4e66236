"""Tests and strength of relation in tables of counts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsp.inference.base import Test


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
