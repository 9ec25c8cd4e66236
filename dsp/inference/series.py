"""What the statistics of a series share: exact centring of evenly spaced values."""

from __future__ import annotations

import math
from typing import Any


def centred(values: Any) -> Any:
    """Return values less their mean, without the digits lost far from zero.

    Parameters
    ----------
    values
        Finite numbers, one a period, in order; at least one.

    Notes
    -----
    The middle of the range is taken off first, which is exact for values that lie close
    to each other; what is left is summed exactly.

    Examples
    --------
    >>> [float(v) for v in centred([1e12 + 1, 1e12 + 2, 1e12 + 6])]
    [-2.0, -1.0, 3.0]
    """
    import numpy as np

    x = np.asarray(values, dtype=float)
    moved = x - (float(x.min()) / 2 + float(x.max()) / 2)
    return moved - math.fsum(moved.tolist()) / len(x)


def scaled(values: Any) -> Any | None:
    """Return centred values with largest magnitude 1, or None when all are equal."""
    import numpy as np

    x = centred(values)
    reach = float(np.abs(x).max())
    return x / reach if math.isfinite(reach) and reach > 0 else None
