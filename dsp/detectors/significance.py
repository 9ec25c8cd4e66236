"""What detectors ask of the tests: floors for counts, and one effect each."""

from __future__ import annotations

from typing import Any, NamedTuple

from dsp.inference.correlation import pearson_test
from dsp.inference.tables import chi_square, cramers_v

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
