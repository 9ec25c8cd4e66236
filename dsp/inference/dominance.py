"""Sums over earlier and smaller values, in n log n steps without a loop over rows."""

from __future__ import annotations

from typing import Any


def dominated_sums(codes: Any, weights: Any) -> Any:
    """Return, for each place, the weights of earlier places whose code is smaller.

    Every pair of places is met once: at the highest bit in which their codes differ,
    among the codes that agree in all higher bits. Steps: n times the bits of the greatest
    code.

    Parameters
    ----------
    codes
        Whole numbers, 0 or more.
    weights
        An array of doubles with a column for each code, of any number of rows.

    Returns
    -------
    array
        Sums in the shape of `weights`.

    Examples
    --------
    >>> import numpy as np
    >>> dominated_sums(np.array([1, 0, 1, 2]), np.array([[1.0, 1.0, 1.0, 1.0]])).tolist()
    [[0.0, 0.0, 1.0, 3.0]]
    """
    import numpy as np

    n = len(codes)
    found = np.zeros_like(weights)
    if n == 0:
        return found
    place = np.arange(n)
    order, code, weight = place, codes.astype(np.int64), weights
    for level in range(int(codes.max()).bit_length() - 1, -1, -1):
        is_zero = (code >> level) & 1 == 0
        group = code >> (level + 1)
        is_start = np.empty(n, bool)
        is_start[0] = True
        np.not_equal(group[1:], group[:-1], out=is_start[1:])
        start = np.maximum.accumulate(np.where(is_start, place, 0))
        # Sums of the zeros before a place, over all and over the groups before its own.
        zeros = np.zeros((len(weight), n + 1))
        np.cumsum(np.where(is_zero, weight, 0.0), axis=1, out=zeros[:, 1:])
        ones = ~is_zero
        found[:, order[ones]] += zeros[:, :-1][:, ones] - zeros[:, start[ones]]
        n_zeros = np.zeros(n + 1, np.int64)
        np.cumsum(is_zero, out=n_zeros[1:])
        starts = np.flatnonzero(is_start)
        ends = np.append(starts[1:], n)
        in_group = np.repeat(n_zeros[ends] - n_zeros[starts], ends - starts)
        zeros_before = n_zeros[:-1] - n_zeros[start]
        to = start + np.where(
            is_zero, zeros_before, in_group + (place - start - zeros_before)
        )
        order, code, weight = _moved(order, to), _moved(code, to), _moved(weight, to)
    return found


def _moved(values: Any, to: Any) -> Any:
    import numpy as np

    moved = np.empty_like(values)
    moved[..., to] = values
    return moved
