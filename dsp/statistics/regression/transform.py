"""Coefficients of moved and scaled terms in units of the columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from dsp.inference.rational import as_float
from dsp.statistics.regression.design import Design
from dsp.statistics.regression.terms import INTERCEPT, Term

Row = dict[int, Fraction]
"""What each scaled coefficient adds to one in units of the columns."""


def rows_of(design: Design, kept: Sequence[int]) -> dict[int, Row]:
    """Return for each kept term how its coefficient is made of the scaled ones.

    With ``x = c + z 2^e`` the power k of z is a sum of powers of x up to k.
    """
    terms = design.terms
    place = {(terms[j].column, terms[j].power, terms[j].level): j for j in kept}
    unit = _unit(design.target.exponent) if design.target else Fraction(1)
    rows: dict[int, Row] = {j: {} for j in kept}
    for position, j in enumerate(kept):
        for (column, power, level), share in _powers(design, terms[j]).items():
            at = place.get((column, power, level))
            if at is not None and share:
                rows[at][position] = share * unit
    return rows


def offset_of(design: Design) -> Fraction:
    """Return what the centre of the target adds to the intercept."""
    if design.target is None or not design.has_intercept:
        return Fraction(0)
    return design.target.centre


def applied(row: Row, values: Sequence[float], offset: Fraction = Fraction(0)) -> float:
    """Return the sum of a row times values, rounded once."""
    total = sum((share * Fraction(float(values[i])) for i, share in row.items()), offset)
    return as_float(total)


def mapped(row: Row, matrix: Any) -> Any:
    """Return a row times a matrix, each figure rounded once."""
    import numpy as np

    width = matrix.shape[1]
    if len(row) == 1:
        ((i, share),) = row.items()
        return matrix[i] * as_float(share)
    columns = [[Fraction(float(v)) for v in matrix[i]] for i in row]
    shares = list(row.values())
    return np.array(
        [
            as_float(
                sum((s * c[j] for s, c in zip(shares, columns, strict=True)), Fraction())
            )
            for j in range(width)
        ]
    )


def _powers(design: Design, term: Term) -> dict[tuple[str, int, str | None], Fraction]:
    if not term.power:
        return {(term.column, term.power, term.level): Fraction(1)}
    moved = design.numbers[term.column]
    unit = 1 / _unit(moved.exponent) ** term.power
    found: dict[tuple[str, int, str | None], Fraction] = {}
    for power in range(term.power + 1):
        rest = term.power - power
        share = math.comb(term.power, power) * (-moved.centre) ** rest * unit
        key = (term.column, power, None) if power else (INTERCEPT.column, 0, None)
        found[key] = share
    return found


def _unit(exponent: int) -> Fraction:
    return Fraction(2) ** exponent
