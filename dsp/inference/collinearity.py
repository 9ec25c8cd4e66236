"""How columns hang together, from the matrix of their correlations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_SINGULAR = 1e-10
"""Eigenvalue of a correlation matrix below which columns are linearly dependent."""
_PART = 1e-4
"""Share of a column in such a combination from which it is counted as part of it."""

Matrix = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Collinearity:
    """What the inverse of a correlation matrix says.

    Attributes
    ----------
    vif, r2
        By column: variance inflation factor, and share of its variance that the other
        columns explain (0-1); None where columns depend on each other, and for all where
        the matrix does not belong to one set of rows.
    partial
        By pair of columns, the first before the second: their correlation given all
        other columns; None where it is not defined.
    dependent
        By column: the columns, itself among them, of which one is a linear combination
        of the others; empty for most.
    is_valid
        Whether the matrix has no negative eigenvalue. Correlations of pairs of columns,
        each over the rows with both, may have one.
    """

    vif: tuple[float | None, ...]
    r2: tuple[float | None, ...]
    partial: dict[tuple[int, int], float | None]
    dependent: tuple[tuple[int, ...], ...]
    is_valid: bool = True


def collinearity(correlations: Matrix) -> Collinearity:
    """Return R², variance inflation and partial correlations of columns.

    Parameters
    ----------
    correlations
        The matrix of their correlations, complete.

    References
    ----------
    VIF: `statsmodels.stats.outliers_influence.variance_inflation_factor` with a
    constant. Partial correlations: those of the residuals of two regressions.

    Examples
    --------
    >>> found = collinearity([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    >>> [round(vif or 0, 4) for vif in found.vif], round(found.partial[0, 1], 4)
    ([1.3333, 1.3333, 1.0], 0.5)
    """
    import numpy as np

    k = len(correlations)
    matrix = np.reshape(np.asarray(correlations, float), (k, k))
    pairs = [(i, j) for i in range(k) for j in range(i + 1, k)]
    values, vectors = np.linalg.eigh(matrix)
    if k and values[0] < -_SINGULAR:
        nothing = (None,) * k
        unknown: dict[tuple[int, int], float | None] = dict.fromkeys(pairs)
        return Collinearity(nothing, nothing, unknown, ((),) * k, is_valid=False)
    dependent = _dependent(matrix, vectors[:, values < _SINGULAR])
    kept = _independent(matrix, dependent)
    inverse = np.zeros((k, k))
    inverse[np.ix_(kept, kept)] = np.linalg.inv(matrix[np.ix_(kept, kept)])
    free = [not part for part in dependent]
    vif = tuple(float(inverse[i, i]) if free[i] else None for i in range(k))
    partial: dict[tuple[int, int], float | None] = {}
    for i, j in pairs:
        if free[i] and free[j]:
            r = -inverse[i, j] / np.sqrt(inverse[i, i] * inverse[j, j])
            partial[i, j] = max(-1.0, min(1.0, float(r)))
        else:
            partial[i, j] = None
    r2 = tuple(None if f is None else max(0.0, 1 - 1 / f) for f in vif)
    return Collinearity(vif, r2, partial, dependent)


def _dependent(matrix: Any, null: Any) -> tuple[tuple[int, ...], ...]:
    """Return, by column, the columns that depend on each other with it.

    The null space may be cut into combinations of few columns: two columns belong
    together where the projection onto it ties them.
    """
    import numpy as np

    k = len(matrix)
    projection = null @ null.T
    tied = np.abs(projection) > _PART * np.max(np.diag(projection), initial=_PART)
    found = []
    for i in range(k):
        group, waiting = {i}, [i]
        while waiting:
            more = set(np.flatnonzero(tied[waiting.pop()]).tolist()) - group
            group |= more
            waiting += more
        found.append(tuple(sorted(group)) if projection[i, i] > _PART**2 else ())
    return tuple(found)


def _independent(matrix: Any, dependent: Sequence[Sequence[int]]) -> list[int]:
    """Return columns that span all: those in the way of an inverse are left out."""
    import numpy as np

    kept: list[int] = []
    for i in sorted(range(len(matrix)), key=lambda i: (bool(dependent[i]), i)):
        tried = [*kept, i]
        if not dependent[i] or np.linalg.eigvalsh(matrix[np.ix_(tried, tried)])[0] > (
            _SINGULAR
        ):
            kept = tried
    return kept


def cluster_order(distances: Matrix) -> list[int]:
    """Return an order in which near columns are neighbours.

    Average linkage; the cluster with the first column comes first, and of equal distances
    the first pair is joined.

    Parameters
    ----------
    distances
        Symmetric matrix, 0 where columns are the same.

    References
    ----------
    `scipy.cluster.hierarchy.linkage` with ``method="average"``; Sokal and Michener 1958.

    Examples
    --------
    >>> cluster_order([[0, 0.9, 0.1], [0.9, 0, 0.8], [0.1, 0.8, 0]])
    [0, 2, 1]
    """
    clusters = [[i] for i in range(len(distances))]
    between = [list(row) for row in distances]
    while len(clusters) > 1:
        n = len(clusters)
        _, i, j = min((between[i][j], i, j) for i in range(n) for j in range(i + 1, n))
        a, b = len(clusters[i]), len(clusters[j])
        for m in range(n):
            mean = (a * between[i][m] + b * between[j][m]) / (a + b)
            between[i][m] = between[m][i] = mean
        between[i][i] = 0.0
        del between[j]
        for row in between:
            del row[j]
        clusters[i] += clusters.pop(j)
    return clusters[0] if clusters else []
