"""Sums over earlier and smaller values, in n log n steps without a loop over rows.

Every pair of places is met once: at the highest bit in which their codes differ, among
the codes that agree in all higher bits. So codes are parted bit by bit, the order of the
rest kept: n steps for each bit of the greatest code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def dominated_sums(codes: Any, weights: Any) -> Any:
    """Return, for each place, the weights of earlier places whose code is smaller.

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

    found = np.zeros_like(weights)
    order, weight = np.arange(len(codes)), weights
    for is_zero, start, _, to in _partings(codes):
        # Sums of the zeros before a place, and before the group of the place.
        zeros = np.zeros((len(weight), len(codes) + 1))
        np.cumsum(np.where(is_zero, weight, 0.0), axis=1, out=zeros[:, 1:])
        ones = np.flatnonzero(~is_zero)
        found[:, order[ones]] += zeros[:, ones] - zeros[:, start[ones]]
        order, weight = _moved(order, to), _moved(weight, to)
    return found


def rises(codes: Any) -> int:
    """Return the number of pairs of places of which the later has the greater code.

    Examples
    --------
    >>> import numpy as np
    >>> rises(np.array([1, 0, 1, 2]))
    4
    """
    import numpy as np

    return sum(
        int(np.sum(before[~is_zero], dtype=np.int64))
        for is_zero, _, before, _ in _partings(codes)
    )


def _partings(codes: Any) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Yield, for each bit, what parts the codes that agree in all higher bits.

    By place: whether its bit is zero, where its group starts, how many zeros of the group
    come before it, and its place in the next order.
    """
    import numpy as np

    n = len(codes)
    if n == 0:
        return
    whole = np.int32 if n < 2**31 - 1 else np.int64
    place, code = np.arange(n, dtype=whole), codes
    for level in range(int(codes.max()).bit_length() - 1, -1, -1):
        is_zero = (code >> level) & 1 == 0
        group = code >> (level + 1)
        starts = np.append(0, np.flatnonzero(group[1:] != group[:-1]) + 1)
        sizes = np.diff(starts, append=n)
        start = np.repeat(starts.astype(whole), sizes)
        n_zeros = np.zeros(n + 1, whole)
        np.cumsum(is_zero, out=n_zeros[1:])
        before = n_zeros[:-1] - np.repeat(n_zeros[starts], sizes)
        in_group = np.repeat(n_zeros[starts + sizes] - n_zeros[starts], sizes)
        to = np.where(is_zero, start + before, place + in_group - before)
        yield is_zero, start, before, to
        code = _moved(code, to)


def _moved(values: Any, to: Any) -> Any:
    import numpy as np

    moved = np.empty_like(values)
    moved[..., to] = values
    return moved
