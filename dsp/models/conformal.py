"""How far predictions may be off, from rows that the model had not seen."""

from __future__ import annotations

from typing import Any

from dsp.models.evaluation import INTERVAL


def margin(residuals: Any) -> float | None:
    """Return the half-width that covers `INTERVAL` of new rows, None for too few rows.

    References
    ----------
    Lei et al.: Distribution-free predictive inference for regression. JASA 113 (2018),
    split conformal with the (n + 1) correction.
    """
    import numpy as np

    n = len(residuals)
    rank = int(np.ceil((n + 1) * INTERVAL))
    if n == 0 or rank > n:
        return None
    return float(np.sort(np.abs(residuals))[rank - 1])


def threshold(y: Any, output: Any) -> float | None:
    """Return the least probability of a class to stay among the likely ones.

    The set of the likely classes, with the top one always in it, then holds the true one
    for `INTERVAL` of new rows.

    Parameters
    ----------
    y
        Codes of classes.
    output
        Probabilities [n, classes] by models that had not seen the rows.

    References
    ----------
    Sadinle, Lei, Wasserman: Least ambiguous set-valued classifiers with bounded error
    levels. JASA 114 (2019).
    """
    import numpy as np

    share = output[np.arange(len(y)), y.astype("int64")]
    found = margin(1.0 - share)
    return None if found is None else 1.0 - found


def likely(output: Any, least: float) -> Any:
    """Return which classes of every row stay among the likely ones, bool [n, classes]."""
    import numpy as np

    top = output.max(axis=1, keepdims=True)
    return output >= np.minimum(least, top)


def covered(y: Any, output: Any, half_width: float | None, least: float | None) -> Any:
    """Return whether each row's value is in its interval or set, or None without one."""
    import numpy as np

    if half_width is not None:
        return np.abs(y - output) <= half_width
    if least is not None:
        return likely(output, least)[np.arange(len(y)), y.astype("int64")]
    return None
