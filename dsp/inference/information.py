"""Mutual information of two columns, from the table of their counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dsp.inference.base import Test
from dsp.inference.tables import g_test


@dataclass(frozen=True, slots=True)
class Information:
    """What one column tells about another, in nats.

    Attributes
    ----------
    plain
        Mutual information of the shares in the table.
    corrected
        The same less its bias (Miller and Madow 1955), at least 0.
    normalized
        `corrected` over the mean of the entropies of both columns (0-1).
    test
        G test of independence.
    """

    plain: float
    corrected: float
    normalized: float
    test: Test | None


def mutual_information(table: Sequence[Sequence[int]]) -> Information | None:
    """Return the mutual information of a table of counts, or None for a single value.

    Parameters
    ----------
    table
        Counts; empty rows and columns are left out.

    References
    ----------
    `sklearn.metrics.mutual_info_score`, `normalized_mutual_info_score` (of the plain
    one); `scipy.stats.chi2_contingency` with ``lambda_="log-likelihood"``.

    Examples
    --------
    >>> round(mutual_information([[5, 0], [0, 5]]).plain, 4)
    0.6931
    """
    rows = [total for row in table if (total := sum(row))]
    columns = [total for column in zip(*table, strict=True) if (total := sum(column))]
    n = sum(rows)
    if len(rows) < 2 or len(columns) < 2:
        return None
    of_row = [sum(row) for row in table]
    of_column = [sum(column) for column in zip(*table, strict=True)]
    cells = [
        (count, r, c)
        for row, r in zip(table, of_row, strict=True)
        for count, c in zip(row, of_column, strict=True)
        if count
    ]
    plain = math.fsum(k / n * math.log(k * n / (r * c)) for k, r, c in cells)
    plain = max(0.0, plain)
    bias = (len(cells) - len(rows) - len(columns) + 1) / (2 * n)
    corrected = max(0.0, plain - bias)
    mean = (_entropy(rows, n) + _entropy(columns, n)) / 2
    return Information(plain, corrected, min(1.0, corrected / mean), g_test(table))


def _entropy(counts: Sequence[int], n: int) -> float:
    return -math.fsum(k / n * math.log(k / n) for k in counts)
