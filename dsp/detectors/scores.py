"""Normal scores of ranks."""

from __future__ import annotations

from typing import Any

from dsp.detectors.frame import Measure


def normal_scores(x: Any) -> Any:
    """Return normal scores of mid-ranks, mean 0 and variance 1; 0 where x is NaN.

    Parameters
    ----------
    x
        Doubles, NaN where missing.

    Returns
    -------
    numpy.ndarray
        As long as `x`. All 0 where fewer than two values differ.

    References
    ----------
    van der Waerden (1952): rank r of n scores the normal quantile of r / (n + 1).

    Examples
    --------
    >>> import numpy as np
    >>> normal_scores(np.array([3.0, np.nan, 1.0, 900.0])).round(2).tolist()
    [0.0, 0.0, -1.22, 1.22]
    """
    import numpy as np
    from scipy.special import ndtri

    has = ~np.isnan(x)
    z = np.zeros(len(x))
    values, place, count = np.unique(x[has], return_inverse=True, return_counts=True)
    if len(values) < 2:
        return z
    n = int(count.sum())
    middle = np.cumsum(count) - (count - 1) / 2
    score = ndtri(middle / (n + 1))
    mean = float((count * score).sum()) / n
    spread = float((count * (score - mean) ** 2).sum()) / n
    z[has] = ((score - mean) / np.sqrt(spread))[place]
    return z


def measure_of(name: str, x: Any, *, event: str | None = None) -> Measure:
    """Return a measure from its values; those of an event are 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> measure_of("won", np.array([0.0, 1.0, 1.0, 0.0]), event="yes").z.tolist()
    [-1.0, 1.0, 1.0, -1.0]
    """
    import numpy as np

    return Measure(name=name, x=x, z=normal_scores(x), has=~np.isnan(x), event=event)


def indicator(mask: Any, known: Any | None = None) -> Any:
    """Return a mask as a score of mean 0 and variance 1 over the known rows, else 0.

    Examples
    --------
    >>> import numpy as np
    >>> indicator(np.array([True, False, False, True])).tolist()
    [1.0, -1.0, -1.0, 1.0]
    """
    import numpy as np

    use = np.ones(len(mask), dtype=bool) if known is None else known
    n = int(use.sum())
    p = float(mask[use].sum()) / n if n else 0.0
    if not 0 < p < 1:
        return np.zeros(len(mask))
    return np.where(use, (mask - p) / np.sqrt(p * (1 - p)), 0.0)
