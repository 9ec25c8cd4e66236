"""p values adjusted for how many tests were tried."""

from __future__ import annotations

from collections.abc import Sequence


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
