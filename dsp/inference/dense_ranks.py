"""Ranks of values, and of those among them that have a partner."""

from __future__ import annotations

from typing import Any

Codes = tuple[Any, int]
"""Whole numbers by row, and how many values they stand for; above them is no value."""


def dense_codes(values: Any) -> Codes:
    """Return the place of each value among the distinct ones, and how many there are.

    Parameters
    ----------
    values
        An array of doubles, NaN where there is no value; those get the last code.

    Examples
    --------
    >>> import numpy as np
    >>> codes, n_distinct = dense_codes(np.array([2.5, 1.0, np.nan, 2.5]))
    >>> codes.tolist(), n_distinct
    ([1, 0, 2, 1], 2)
    """
    import numpy as np

    order = np.argsort(values)
    ordered = values[order]
    n = int(np.searchsorted(ordered, np.nan))
    codes = np.empty(len(values), np.int32)
    steps = np.empty(n, np.int32)
    if n:
        steps[0] = 0
        np.cumsum(ordered[1:n] != ordered[: n - 1], out=steps[1:], dtype=np.int32)
    n_distinct = int(steps[-1]) + 1 if n else 0
    codes[order[:n]] = steps
    codes[order[n:]] = n_distinct
    return codes, n_distinct


def centred_ranks(codes: Any, n_distinct: int) -> Any:
    """Return the average rank of each value less the mean rank, from dense codes.

    Parameters
    ----------
    codes
        Whole numbers below `n_distinct`; some numbers may be missing.

    References
    ----------
    `scipy.stats.rankdata`, less its mean.

    Examples
    --------
    >>> import numpy as np
    >>> centred_ranks(np.array([1, 0, 1]), 2).tolist()
    [0.5, -1.0, 0.5]
    """
    import numpy as np

    counts = np.bincount(codes, minlength=n_distinct)
    ends = np.cumsum(counts)
    return (ends - (counts + len(codes)) / 2)[codes]


def with_both(a: Codes, b: Codes) -> tuple[Codes, Codes]:
    """Return the codes of two columns in the rows that have both."""
    (x, n_x), (y, n_y) = a, b
    both = (x < n_x) & (y < n_y)
    return a if both.all() else (x[both], n_x), b if both.all() else (y[both], n_y)
