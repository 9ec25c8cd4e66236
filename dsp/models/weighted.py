"""Weighted terms as SQL: what a position of the matrix adds to a sum.

All that levels of a category add is looked up at once, in a list by code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.models.sql import number
from dsp.models.terms import Encoded, Hinge, Level, Missing, Scaled, Term


def weighted(terms: Sequence[Term], weights: Sequence[float]) -> list[str]:
    """Return SQL of what each position adds, over ``x0``, ``x1`` ….

    Parameters
    ----------
    terms, weights
        Terms of a view and a factor for each; terms of no weight are left out.
    """
    by_position: dict[int, list[tuple[Term, float]]] = {}
    for term, weight in zip(terms, weights, strict=True):
        if weight != 0:
            by_position.setdefault(term.position, []).append((term, float(weight)))
    found = []
    for position, pairs in by_position.items():
        if any(isinstance(term, Level | Encoded) for term, _ in pairs):
            found.append(_lookup(position, pairs))
        else:
            found += [_product(term, weight) for term, weight in pairs]
    return found


def _lookup(position: int, pairs: Sequence[tuple[Term, float]]) -> str:
    """Return SQL of the sum of terms that depend on the code of a category alone."""
    import numpy as np

    codes = [term.code for term, _ in pairs if isinstance(term, Level)]
    sizes = [len(term.values) - 2 for term, _ in pairs if isinstance(term, Encoded)]
    n = max([*sizes, *(code + 1 for code in codes)])
    # Every code, then other levels, then missing ones, as values of Encoded are.
    X = np.empty((n + 2, position + 1))
    X[:, position] = [*range(n + 1), np.nan]
    sums: Any = np.zeros(n + 2)
    for term, weight in pairs:
        sums += weight * term.column(X)
    listed = ", ".join(number(value) for value in sums)
    x = f"x{position}"
    place = f"case when {x} < {n} then {x} + 1 when {x} is null then {n + 2} else {n + 1}"
    return f"list_extract([{listed}]::double[], ({place} end)::int)"


def _product(term: Term, weight: float) -> str:
    """Return SQL of a term times its weight."""
    if isinstance(term, Missing):
        return f"case when x{term.position} is null then {number(weight)} else 0e0 end"
    if isinstance(term, Scaled | Hinge):
        return term.sql(weight)
    return f"{number(weight)} * {term.sql()}"
