"""Least squares in rational arithmetic, for small problems of any condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from operator import mul

MOST_WORK = 250_000
"""Rows times squared columns up to which a problem is small."""
MOST_ILL_WORK = 20_000_000
"""The same for columns that nearly depend on each other, as powers do."""
MOST_COLUMNS = 24
MOST_ROWS = 5_000
MOST_ILL_ROWS = 300_000


@dataclass(frozen=True, slots=True)
class ExactSolution:
    """Least squares without any rounding.

    Attributes
    ----------
    beta
        Coefficients.
    inverse
        The diagonal of the inverse of the cross-products.
    residual, total
        Sums of squares of the residuals and of the target (around its mean when asked).
    """

    beta: tuple[Fraction, ...]
    inverse: tuple[Fraction, ...]
    residual: Fraction
    total: Fraction


def is_small(n_rows: int, n_columns: int, *, is_ill: bool = False) -> bool:
    """Return whether a problem is solved exactly in a tenth of a second.

    Or in a few seconds, where the columns nearly depend on each other.
    """
    rows, work = (MOST_ILL_ROWS, MOST_ILL_WORK) if is_ill else (MOST_ROWS, MOST_WORK)
    is_narrow = n_columns <= MOST_COLUMNS and n_rows <= rows
    return is_narrow and n_rows * (n_columns + 1) ** 2 <= work


def solve_exactly(
    columns: Sequence[Sequence[Fraction]], y: Sequence[Fraction], *, is_centred: bool
) -> ExactSolution | None:
    """Return the exact least squares solution; None where columns depend on each other.

    Parameters
    ----------
    columns
        The columns of the design, a constant one included.
    y
        The target.
    is_centred
        Whether the total is taken around the mean.

    Examples
    --------
    >>> x, y = [Fraction(v) for v in (1, 2, 3)], [Fraction(v) for v in (2, 4, 5)]
    >>> solution = solve_exactly([x], y, is_centred=False)
    >>> solution.beta, solution.residual
    ((Fraction(25, 14),), Fraction(5, 14))
    """
    if len(columns) > len(y) or not columns:
        return None
    scaled = [_whole(column) for column in (*columns, y)]
    wholes = [whole for whole, _ in scaled]
    units = [unit for _, unit in scaled]
    p = len(columns)
    gram = [[sum(map(mul, a, b)) for b in wholes[: i + 1]] for i, a in enumerate(wholes)]
    rows = [
        [gram[max(i, j)][min(i, j)] for j in range(p)]
        + [gram[p][i]]
        + [int(i == j) for j in range(p)]
        for i in range(p)
    ]
    determinant = _eliminate(rows)
    if not determinant:
        return None
    whole_beta = [Fraction(row[p], determinant) for row in rows]
    residual = gram[p][p] - sum(b * gram[p][i] for i, b in enumerate(whole_beta))
    total = Fraction(gram[p][p])
    if is_centred:
        total -= Fraction(sum(wholes[p]) ** 2, len(y))
    return ExactSolution(
        beta=tuple(b * units[i] / units[p] for i, b in enumerate(whole_beta)),
        inverse=tuple(
            Fraction(row[p + 1 + i], determinant) * units[i] ** 2
            for i, row in enumerate(rows)
        ),
        residual=residual / units[p] ** 2,
        total=total / units[p] ** 2,
    )


def _whole(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """Return values as whole numbers of a common unit, and how many make 1."""
    unit = 1
    for denominator in {value.denominator for value in values}:
        unit = unit * denominator // gcd(unit, denominator)
    return [value.numerator * (unit // value.denominator) for value in values], unit


def _eliminate(rows: list[list[int]]) -> int:
    """Reduce rows to the diagonal in whole numbers; return it, or 0 when they depend.

    References
    ----------
    Bareiss 1968, Sylvester's identity and multistep integer-preserving elimination.
    """
    previous = 1
    for k, row in enumerate(rows):
        pivot = row[k]
        if pivot == 0:
            return 0
        for i, other in enumerate(rows):
            if i != k:
                factor = other[k]
                rows[i] = [
                    (pivot * a - factor * b) // previous
                    for a, b in zip(other, row, strict=True)
                ]
        previous = pivot
    return previous
