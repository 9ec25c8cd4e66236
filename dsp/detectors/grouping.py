"""Picks the groups a sentence names: the highest and the lowest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Contrast(NamedTuple):
    """Highest and lowest group with their figures; `of` is the value that is counted."""

    high_label: str
    high: float
    low_label: str
    low: float
    of: str = ""


def contrast(labels: Sequence[str], n: Any, value: Any) -> Contrast:
    """Return the extremes among groups that hold at least 1 % of the rows and 5 rows."""
    import numpy as np

    kept = np.flatnonzero(n >= max(5.0, 0.01 * float(n.sum())))
    if len(kept) < 2:
        kept = np.argsort(-n, kind="stable")[:2]
    ordered = kept[np.argsort(value[kept], kind="stable")]
    low, high = int(ordered[0]), int(ordered[-1])
    return Contrast(labels[high], float(value[high]), labels[low], float(value[low]))


def share_contrast(
    labels: Sequence[str], classes: Sequence[str], counts: Any
) -> Contrast:
    """Return the class whose share varies most over the groups, with its extremes."""
    import numpy as np

    rows = counts.sum(axis=1)
    share = counts / np.maximum(rows, 1)[:, None]
    whole = counts.sum(axis=0) / max(float(counts.sum()), 1)
    spread = (rows[:, None] * (share - whole) ** 2).sum(axis=0)
    best = int(np.argmax(spread))
    return contrast(labels, rows, share[:, best])._replace(of=classes[best])
