"""Finds columns that give the target away, before anything is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.models.features import CATEGORY, NUMBER, Feature

COPY_CORRELATION = 0.9999
EXACT_FIT = 0.99999


def leaks(
    table: Any, features: Sequence[Feature], y: Any, *, is_regression: bool
) -> dict[str, str]:
    """Return the columns that copy the target or give it together, with the reason.

    A number is a copy when its correlation with a numeric target reaches 0.9999. A
    category is a copy when each of its levels has one target value only and there are
    few levels. Several numbers leak together when a linear combination gives the target
    with R² of 0.99999 or more.

    Parameters
    ----------
    table
        Arrow columns ``f0``, ``f1`` … in the order of `features`.
    y
        Numbers, or codes of classes.
    """
    found: dict[str, str] = {}
    for i, feature in enumerate(features):
        values = table.column(f"f{i}")
        if is_regression:
            if feature.kind == NUMBER and _is_copy(values, y):
                found[feature.name] = "copies the target"
        elif feature.kind in (CATEGORY, NUMBER) and _decides(values, y):
            found[feature.name] = "each of its values has one target value only"
    if is_regression:
        found |= _together(table, features, y, found)
    return found


def _numbers(values: Any) -> Any:
    return values.to_pandas().astype("float64").to_numpy()


def _is_copy(values: Any, y: Any) -> bool:
    import numpy as np

    x = _numbers(values)
    known = np.isfinite(x)
    if known.sum() < 0.5 * len(y) or known.sum() < 3:
        return False
    x, z = x[known], y[known]
    if x.std() == 0 or z.std() == 0:
        return False
    return bool(abs(np.corrcoef(x, z)[0, 1]) >= COPY_CORRELATION)


def _decides(values: Any, y: Any) -> bool:
    """Return whether few levels, each seen several times, decide the class."""
    import pandas as pd

    levels = values.to_pandas()
    known = levels.notna()
    n_levels = levels[known].nunique()
    n_classes = len(set(y.tolist()))
    if known.sum() < 0.9 * len(y) or not n_classes <= n_levels <= 5 * n_classes:
        return False
    pairs = pd.DataFrame({"level": levels[known].astype(str), "y": y[known.to_numpy()]})
    return bool(pairs.groupby("level")["y"].nunique().max() == 1)


def _together(
    table: Any, features: Sequence[Feature], y: Any, found: dict[str, str]
) -> dict[str, str]:
    """Return the numbers whose linear combination is the target."""
    import numpy as np

    usable = [
        (i, f.name)
        for i, f in enumerate(features)
        if f.kind == NUMBER and f.name not in found
    ]
    if not 2 <= len(usable) <= 60 or len(y) < 5 * len(usable):
        return {}
    X = np.column_stack([_numbers(table.column(f"f{i}")) for i, _ in usable])
    known = np.isfinite(X).all(axis=1)
    if known.sum() < max(30, 0.5 * len(y)):
        return {}
    X, z = X[known], y[known]
    spread = X.std(axis=0)
    moving = spread > 0
    X = (X[:, moving] - X[:, moving].mean(axis=0)) / spread[moving]
    names = [name for (_, name), keep in zip(usable, moving, strict=True) if keep]
    centred = z - z.mean()
    if not names or float(centred.std()) == 0:
        return {}
    weights, *_ = np.linalg.lstsq(X, centred, rcond=None)
    rest = centred - X @ weights
    if 1 - float((rest**2).sum()) / float((centred**2).sum()) < EXACT_FIT:
        return {}
    share = np.abs(weights) / centred.std()
    parts = [name for name, part in zip(names, share, strict=True) if part > 0.01]
    reason = "gives the target exactly together with " + ", ".join(parts)
    # Leaving out the largest part breaks the identity; the others stay honest only if
    # they are not the rest of the same sum, so all parts go.
    return dict.fromkeys(parts, reason)
