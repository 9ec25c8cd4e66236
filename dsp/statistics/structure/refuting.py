"""What rows of a sample say against a key or a dependency: counts on arrays of hashes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

SIGMA = 4.0
"""Standard errors by which a sample must exceed a limit to refute."""
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


def combined(columns: Mapping[str, Any], names: Sequence[str]) -> Any:
    """Return one hash a row of several columns, 0 where one of them is missing."""
    import numpy as np

    if len(names) == 1:
        return columns[names[0]]
    total = columns[names[0]] * np.uint64(_FACTORS[0])
    missing = columns[names[0]] == 0
    for name, factor in zip(names[1:], _FACTORS[1:], strict=False):
        total = (total ^ (total >> np.uint64(29))) + columns[name] * np.uint64(factor)
        missing |= columns[name] == 0
    total[total == 0] = 1
    total[missing] = 0
    return total


def repeated(values: Any) -> int:
    """Return how many hashes repeat an earlier one; missing ones do not count."""
    import numpy as np

    ordered = np.sort(values)
    ordered = ordered[np.searchsorted(ordered, 1) :]
    return int(np.count_nonzero(ordered[1:] == ordered[:-1]))


def exceeds(n: float, limit: float) -> bool:
    """Return whether a count in a sample is too great for an expected one to be so."""
    return n > limit + SIGMA * math.sqrt(limit) + SIGMA


def clusters_exceed(counts: Any, sizes: Any, limit: float) -> bool:
    """Return whether the share of rows is above a limit, by the groups that were drawn.

    Parameters
    ----------
    counts, sizes
        Rows that count and all rows of each group.
    limit
        Share of rows (0-1).
    """
    excess = counts - limit * sizes
    # A dot product would go to threads of its own, and depend on their number.
    return bool(excess.sum() > SIGMA * math.sqrt(float((excess * excess).sum())))


def violations(groups: Any, values: Any) -> tuple[int, int, int]:
    """Return rows that lack the usual value of their group, rows, and repeated groups.

    Parameters
    ----------
    groups, values
        Hashes a row; rows where one is 0 are left out.

    Returns
    -------
    tuple
        Rows whose value is not the most frequent one of their group (the g3 error of
        Kivinen and Mannila 1995, in rows), rows compared, rows less groups.
    """
    sizes, most, _ = by_group(groups, values)
    n = int(sizes.sum())
    return n - int(most.sum()), n, n - len(sizes)


def by_group(groups: Any, values: Any) -> tuple[Any, Any, Any]:
    """Return the rows of each group, those with its usual value, and one of its rows."""
    import numpy as np

    rows = np.flatnonzero((groups != 0) & (values != 0))
    group, value = groups[rows], values[rows]
    if len(rows) == 0:
        return rows, rows, rows
    order = np.lexsort((value, group))
    group, value = group[order], value[order]
    new_group = np.concatenate([[True], group[1:] != group[:-1]])
    new_pair = new_group | np.concatenate([[True], value[1:] != value[:-1]])
    starts = np.flatnonzero(new_pair)
    counts = np.diff(np.append(starts, len(rows)))
    firsts = np.flatnonzero(new_group[starts])
    most = np.maximum.reduceat(counts, firsts)
    sizes = np.add.reduceat(counts, firsts)
    return sizes, most, rows[order[starts[firsts]]]


def rarer(values: Any) -> float:
    """Return the share of rows that do not have the most frequent value (0-1)."""
    import numpy as np

    there = np.sort(values[values != 0])
    if len(there) == 0:
        return 0.0
    starts = np.flatnonzero(np.concatenate([[True], there[1:] != there[:-1]]))
    return 1 - int(np.diff(np.append(starts, len(there))).max()) / len(there)
