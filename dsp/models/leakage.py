"""Finds columns that give the target away, before anything is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.models.coding import Coded, Column
from dsp.models.evaluation import area_under_curve
from dsp.models.features import CATEGORY, NUMBER

COPY_CORRELATION = 0.99
COPY_AREA = 0.9999
EXACT_FIT = 0.99999
MIN_AGREEMENT = 0.995
MIN_CLASS_ROWS = 20


def leaks(coded: Coded, y: Any, *, is_number: bool) -> dict[str, str]:
    """Return the columns that copy the target or give it together, with the reason.

    A number is a copy of a numeric target when their values or their ranks have a
    correlation of 0.99, and of two classes when one threshold tells them apart. A
    category is a copy when few levels decide the target. A column is known only after
    the fact when it has values in one class only. Several numbers leak together when a
    linear combination gives the target with R² of 0.99999 or more.

    Parameters
    ----------
    y
        Numbers, or codes of classes.
    """
    found: dict[str, str] = {}
    for column in coded.columns:
        if len(column.positions) != 1:
            continue
        x = coded.X[:, column.positions[0]]
        reason = _of_number(column, x, y) if is_number else _of_classes(column, x, y)
        if reason is not None:
            found[column.name] = reason
    if is_number:
        found |= _together(coded, y, found)
    return found


def _of_number(column: Column, x: Any, y: Any) -> str | None:
    if column.kind == NUMBER and _is_copy(x, y):
        return "copies the target"
    if column.kind == CATEGORY and _tells(x, y, len(column.levels)):
        return "each of its values has one target value only"
    return None


def _of_classes(column: Column, x: Any, y: Any) -> str | None:
    import numpy as np

    if _decides(x, y):
        return "each of its values has one target value only"
    known = np.isfinite(x)
    if _is_filled_after(known, y):
        return "has values nearly only for some of the classes, as what is known later"
    if column.kind == NUMBER and len(np.unique(y)) == 2 and _separates(x, known, y):
        return "one threshold tells the classes apart, as a copy of the target does"
    return None


def _is_copy(x: Any, y: Any) -> bool:
    import numpy as np

    known = np.isfinite(x)
    if known.sum() < 0.5 * len(y) or known.sum() < 3:
        return False
    x, z = x[known], y[known]
    if _correlation(x, z) >= COPY_CORRELATION:
        return True
    if len(np.unique(z)) < 30:
        return False
    return _correlation(_ranks(x), _ranks(z)) >= COPY_CORRELATION


def _correlation(x: Any, z: Any) -> float:
    import numpy as np

    x, z = x - x.mean(), z - z.mean()
    size = float(np.sqrt((x**2).sum()) * np.sqrt((z**2).sum()))
    return abs(float((x * z).sum())) / size if size > 0 else 0.0


def _ranks(values: Any) -> Any:
    import numpy as np

    _, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    return ((last - sizes + 1 + last) / 2)[place]


def _tells(x: Any, y: Any, n_levels: int) -> bool:
    """Return whether the means of few levels are the target itself."""
    import numpy as np

    known = np.isfinite(x)
    if known.sum() < 0.9 * len(y) or n_levels < 3 or n_levels > len(y) / 5:
        return False
    place, z = x[known].astype("int64"), y[known]
    counts = np.bincount(place)
    means = np.bincount(place, weights=z) / np.maximum(counts, 1)
    spread = float(((z - z.mean()) ** 2).sum())
    return spread > 0 and float(((z - means[place]) ** 2).sum()) / spread < 1e-8


def _decides(x: Any, y: Any) -> bool:
    """Return whether few values, each seen several times, decide the class."""
    import numpy as np

    known = np.isfinite(x)
    n_classes = len(np.unique(y))
    if known.sum() < 0.9 * len(y):
        return False
    levels, place = np.unique(x[known], return_inverse=True)
    if not n_classes <= len(levels) <= 5 * n_classes:
        return False
    counts = np.zeros((len(levels), int(y.max()) + 1))
    np.add.at(counts, (place, y[known].astype("int64")), 1)
    share = float(counts.max(axis=1).sum()) / float(counts.sum())
    likely = float(counts.sum(axis=0).max()) / float(counts.sum())
    return share == 1.0 or (share >= MIN_AGREEMENT and share - likely > 0.05)


def _is_filled_after(known: Any, y: Any) -> bool:
    """Return whether a column has values where one class holds, and hardly elsewhere."""
    import numpy as np

    if known.all() or not known.any():
        return False
    shares = [
        float(known[y == k].mean())
        for k in np.unique(y)
        if (y == k).sum() >= MIN_CLASS_ROWS
    ]
    if len(shares) < 2:
        return False
    return max(shares) >= 0.5 and min(shares) <= 0.005


def _separates(x: Any, known: Any, y: Any) -> bool:
    import numpy as np

    z = y[known] == np.unique(y)[1]
    if known.sum() < 0.5 * len(y) or min(z.sum(), (~z).sum()) < MIN_CLASS_ROWS:
        return False
    area = area_under_curve(z, x[known])
    return max(area, 1 - area) >= COPY_AREA


def _together(coded: Coded, y: Any, found: dict[str, str]) -> dict[str, str]:
    """Return the numbers whose linear combination is the target."""
    import numpy as np

    usable: Sequence[Column] = [
        c for c in coded.columns if c.kind == NUMBER and c.name not in found
    ]
    if not 2 <= len(usable) <= 60 or len(y) < 5 * len(usable):
        return {}
    X = coded.X[:, [c.positions[0] for c in usable]]
    known = np.isfinite(X).all(axis=1)
    if known.sum() < max(30, 0.5 * len(y)):
        return {}
    X, z = X[known], y[known]
    spread = X.std(axis=0)
    moving = spread > 0
    X = (X[:, moving] - X[:, moving].mean(axis=0)) / spread[moving]
    names = [c.name for c, keep in zip(usable, moving, strict=True) if keep]
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
