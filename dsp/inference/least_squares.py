"""Least squares from blocks of rows, by orthogonal triangles merged block by block.

Each block is stacked under the triangle of those before it and reduced by Householder
reflections, so that the square of the data (raw cross-products) is never formed. Memory
is that of one block.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

DEPENDENT = 1e-11
"""Share of a column's length outside the columns before it that counts as none."""

SLICE = 256
"""Rows that are reduced at a time."""


class Triangle:
    """The triangle R of the QR decomposition of all rows added so far.

    Parameters
    ----------
    width
        Columns of a row.
    """

    def __init__(self, width: int) -> None:
        import numpy as np

        self.r: Any = np.zeros((0, width))
        self.n_rows = 0

    def add(self, block: Any) -> None:
        """Add rows, a two-dimensional array of doubles."""
        import numpy as np

        n, width = block.shape
        self.n_rows += n
        parts = [self.r]
        n_whole = n - n % SLICE
        if n_whole and width < SLICE:
            # Slices that fit the cache are reduced first: a third of the time of all at
            # once.
            slices = block[:n_whole].reshape(-1, SLICE, width)
            triangles: Any = np.linalg.qr(slices, mode="r")
            parts.append(triangles.reshape(-1, width))
            block = block[n_whole:]
        self.r = np.linalg.qr(np.vstack([*parts, block]), mode="r")


@dataclass(frozen=True, slots=True)
class Solution:
    """Least squares of the last column of a triangle on the others.

    Attributes
    ----------
    kept
        Positions of the columns that were used.
    dropped
        Positions of columns that others determine, with the positions of those; of none
        for a column of zeros.
    beta
        Coefficients of the kept columns.
    inverse
        Inverse of their triangle: the covariance is its product with its transpose,
        times the residual variance.
    residual, total
        Sum of squares of the residuals, and of the target (around its mean where the
        first column is constant).
    condition
        Condition number of the kept columns, each of length 1 (less its mean where the
        first column is constant); None of no column.
    inflation
        Variance inflation factor of each kept column; None for a constant one.
    """

    kept: tuple[int, ...]
    dropped: Mapping[int, tuple[int, ...]]
    beta: Any
    inverse: Any
    residual: float
    total: float
    condition: float | None
    inflation: tuple[float | None, ...]


def solve(r: Any, *, is_centred: bool) -> Solution:
    """Return the least squares solution of a triangle.

    Parameters
    ----------
    r
        `Triangle.r`; the last column is the target.
    is_centred
        Whether the first column is constant.
    """
    import numpy as np

    first = int(is_centred)
    width = r.shape[1] - 1
    square = np.zeros((width + 1, width + 1))
    square[: len(r)] = r
    total = float((square[first:, width] ** 2).sum())
    kept, dropped = _independent(square[:, :width], first)
    first = int(is_centred and 0 in kept)
    if len(kept) < width:
        square = _padded(np.linalg.qr(square[:, [*kept, width]], mode="r"))
    p = len(kept)
    triangle = square[:p, :p]
    inverse = np.linalg.solve(triangle, np.eye(p)) if p else np.zeros((0, 0))
    slopes = triangle[first:, first:]
    lengths = np.linalg.norm(slopes, axis=0)
    own = np.linalg.norm(inverse[first:, first:], axis=1)
    factors = [float(f) for f in (lengths * own) ** 2]
    condition = None
    if len(lengths):
        values = np.linalg.svd(slopes / lengths, compute_uv=False)
        condition = float(values[0] / values[-1]) if values[-1] > 0 else math.inf
    return Solution(
        kept=kept,
        dropped=dropped,
        beta=inverse @ square[:p, p],
        inverse=inverse,
        residual=float((square[p:, p] ** 2).sum()),
        total=total,
        condition=condition,
        inflation=(*([None] * first), *factors),
    )


def refined(
    solution: Solution, blocks: Iterable[tuple[Any, Any]]
) -> tuple[Any, float, float]:
    """Return better coefficients, their residual and their largest relative change.

    One step of the corrected seminormal equations: residuals and their products with the
    columns are taken in extended precision where the machine has it.

    Parameters
    ----------
    solution
        The solution so far; `beta` may be of extended precision.
    blocks
        Columns and target of all rows, block by block.

    References
    ----------
    Björck 1987, Stability analysis of the method of seminormal equations.
    """
    import numpy as np

    beta = solution.beta.astype(np.longdouble)
    kept = list(solution.kept)
    gradient, residual = np.zeros(len(kept), dtype=np.longdouble), np.longdouble(0)
    for x, y in blocks:
        wide = x[:, kept].astype(np.longdouble)
        rest = y - wide @ beta
        gradient += wide.T @ rest
        residual += rest @ rest
    step = solution.inverse @ (solution.inverse.T @ gradient.astype(float))
    size = np.abs(solution.beta).astype(float)
    change = float(np.max(np.abs(step) / np.where(size > 0, size, 1.0), initial=0.0))
    return beta + step, float(residual), change


def _padded(r: Any) -> Any:
    import numpy as np

    square = np.zeros((r.shape[1], r.shape[1]))
    square[: len(r)] = r
    return square


def _independent(
    r: Any, first: int
) -> tuple[tuple[int, ...], dict[int, tuple[int, ...]]]:
    """Return the columns that those before them do not determine, and the others.

    The length of a column is taken without its mean where the first one is constant.
    """
    import numpy as np

    kept: list[int] = []
    dropped: dict[int, tuple[int, ...]] = {}
    basis = np.zeros((len(r), 0))
    for j in range(r.shape[1]):
        column = r[:, j]
        length = float(np.linalg.norm(column[first:] if j >= first else column))
        rest = column - basis @ (basis.T @ column)
        # A second time: once leaves rounding along the basis.
        rest = rest - basis @ (basis.T @ rest)
        outside = float(np.linalg.norm(rest))
        if length > 0 and outside > DEPENDENT * length:
            kept.append(j)
            basis = np.column_stack([basis, rest / outside])
            continue
        dropped[j] = _determining(r, kept, column, first) if length > 0 else ()
    return tuple(kept), dropped


def _determining(r: Any, kept: list[int], column: Any, first: int) -> tuple[int, ...]:
    import numpy as np

    shares = np.linalg.lstsq(r[:, kept], column, rcond=None)[0]
    sizes = np.abs(shares) * np.linalg.norm(r[:, kept], axis=0)
    large = sizes > 1e-6 * float(np.linalg.norm(column))
    return tuple(
        j for j, is_large in zip(kept, large, strict=True) if is_large and j >= first
    )
