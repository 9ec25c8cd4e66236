"""Distance correlation: how far two numbers are from independent, whatever the shape."""

from __future__ import annotations

import math
from typing import Any

from dsp.inference.base import Test
from dsp.inference.dense_ranks import dense_codes
from dsp.inference.dominance import dominated_sums
from dsp.inference.tails import chi_square_tail

_ROUNDING = 1e-11
LEAST = 4
"""Rows from which the test is defined."""


def distance_correlation(x: Any, y: Any) -> tuple[float | None, Test | None]:
    """Return the distance correlation (0-1) of two numbers, and its chi-square test.

    Zero only for independent numbers as rows grow; the test takes the estimate without
    bias. In n log n steps.

    Parameters
    ----------
    x, y
        Arrays of doubles of the same rows, all finite.

    References
    ----------
    Székely, Rizzo and Bakirov 2007; Huo and Székely 2016 for the steps; Székely and Rizzo
    2014 for the estimate without bias; Shen, Panda and Vogelstein 2022 for the test.
    Agrees with the `dcor` and `hyppo` packages.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    >>> round(distance_correlation(x, x * x)[0], 4)
    0.5159
    """
    import numpy as np

    n = len(x)
    if n < 2:
        return None, None
    x, y = _scaled(x), _scaled(y)
    rows_x, rows_y = _row_sums(x), _row_sums(y)
    sums = (
        (_products(x, y), rows_x, rows_y),
        (2 * n * float(x @ x), rows_x, rows_x),
        (2 * n * float(y @ y), rows_y, rows_y),
    )
    both, own_x, own_y = (
        product / n**2
        + float(a.sum()) * float(b.sum()) / n**4
        - 2 * float(np.dot(a, b)) / n**3
        for product, a, b in sums
    )
    if own_x <= 0 or own_y <= 0:
        return None, None
    squared = both / math.sqrt(own_x * own_y)
    value = math.sqrt(max(0.0, min(1.0, squared)))
    if n < LEAST:
        return value, None
    fair, fair_x, fair_y = (
        product
        - 2 / (n - 2) * float(np.dot(a, b))
        + float(a.sum()) * float(b.sum()) / ((n - 1) * (n - 2))
        for product, a, b in sums
    )
    # One value apart from all others that are equal leaves nothing but rounding.
    if fair_x <= _ROUNDING * sums[1][0] or fair_y <= _ROUNDING * sums[2][0]:
        return value, None
    statistic = n * fair / math.sqrt(fair_x * fair_y) + 1
    p = chi_square_tail(statistic, 1) if statistic > 0 else 1.0
    name = "chi-square test of distance correlation"
    return value, Test(name, statistic, p, 1)


def _scaled(values: Any) -> Any:
    """Return values around their mean in units of their greatest distance from it."""
    import numpy as np

    half = values / 2
    centred = half - half.mean()
    reach = float(np.abs(centred).max())
    if reach == 0:
        return centred
    centred = centred / reach
    return centred - centred.mean()


def _row_sums(values: Any) -> Any:
    """Return the sum of the distances of each value from all others."""
    import numpy as np

    order = np.argsort(values, kind="stable")
    ordered = values[order]
    n = len(values)
    before = np.cumsum(ordered) - ordered
    place = np.arange(n)
    total = float(ordered.sum())
    distances = ordered * (2 * place - n) + total - 2 * before
    found = np.empty(n)
    found[order] = distances
    return found


def _products(x: Any, y: Any) -> float:
    """Return the sum of |x_i - x_j| |y_i - y_j| over all i and j."""
    import numpy as np

    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    codes, _ = dense_codes(y)
    weights = np.stack([np.ones(len(x)), x, y, x * y])
    below = dominated_sums(codes, weights)
    # All earlier rows that are not below are above, or equal, whose terms are zero.
    n, sum_x, sum_y, sum_xy = 2 * below - (np.cumsum(weights, axis=1) - weights)
    # (x_j - x_i) |y_j - y_i| over i before j
    return 2 * float(np.sum(n * x * y - x * sum_y - y * sum_x + sum_xy))
