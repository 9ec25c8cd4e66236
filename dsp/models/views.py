"""What estimators see of the rows: terms that are fitted to the rows of a fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsp.models.terms import (
    Copy,
    Encoded,
    Filled,
    Hinge,
    Level,
    Missing,
    Scaled,
    Term,
)

N_INNER = 5
PRIOR_ROWS = 10.0
"""Rows that the overall mean counts for in the mean of a level."""


@dataclass(frozen=True, slots=True)
class View:
    """Terms in the order in which an estimator sees them.

    Attributes
    ----------
    natives
        How many terms, the first ones, are codes that the estimator takes as categories.
    """

    terms: tuple[Term, ...]
    natives: int = 0

    def matrix(self, X: Any) -> Any:
        """Return the terms of every row, float64 [n, terms]."""
        import numpy as np

        found = np.empty((len(X), len(self.terms)), order="F")
        for j, term in enumerate(self.terms):
            found[:, j] = term.column(X)
        return found


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows that something is fitted on.

    Attributes
    ----------
    X, y
        Coded rows; numbers or codes of classes.
    levels
        Codes of the positions that hold categories.
    task, n_classes, quantile
        What is predicted.
    seed, threads
        For whoever draws lots or starts threads.
    """

    X: Any
    y: Any
    levels: Mapping[int, int]
    task: str
    n_classes: int
    quantile: float
    seed: int
    threads: int

    @property
    def is_number(self) -> bool:
        """Whether outputs are numbers, not probabilities."""
        return self.n_classes == 0

    def targets(self) -> list[Any]:
        """Return what levels are encoded by: the number, or whether a row is of a class.

        One for two classes, else one for each.
        """
        if self.is_number:
            return [self.y.astype("float64")]
        if self.n_classes == 2:
            return [(self.y == 1).astype("float64")]
        return [(self.y == k).astype("float64") for k in range(self.n_classes)]


def tree_view(fold: Fold, *, natives: int, fills: bool) -> tuple[View, Any]:
    """Return what trees see, and its matrix of the fold's own rows.

    Parameters
    ----------
    natives
        Categories of at most this many levels come first, as codes. Others are encoded
        by the target.
    fills
        Fill missing numbers with the median, and mark them where they are frequent.
    """
    import numpy as np

    first = [p for p, n in sorted(fold.levels.items()) if n + 1 <= natives]
    terms: list[Term] = [Copy(p) for p in first]
    crossed: dict[int, Any] = {}
    for p in range(fold.X.shape[1]):
        if p in first:
            continue
        if p in fold.levels:
            for target in fold.targets():
                term, inside = encoding(fold, p, target)
                crossed[len(terms)] = inside
                terms.append(term)
        elif fills:
            x = fold.X[:, p]
            known = np.isfinite(x)
            if not known.any():
                continue
            terms.append(Filled(p, float(np.median(x[known]))))
            if 0.01 < 1 - known.mean() < 0.99:
                terms.append(Missing(p))
        else:
            terms.append(Copy(p))
    # Estimators want a term, even where none says anything.
    view = View(tuple(terms or [Missing(0)]), natives=len(first))
    matrix = view.matrix(fold.X)
    for j, inside in crossed.items():
        matrix[:, j] = inside
    return view, matrix


def linear_view(fold: Fold, *, knots: int = 0, max_levels: int = 50) -> tuple[View, Any]:
    """Return what linear models and distances see, and its matrix of the fold's rows.

    Numbers are held within the 0.1 and 99.9 % quantiles, missing ones are the median
    with a mark of their own; levels of ten rows or more get a column, and categories of
    many levels a number by the target.

    Parameters
    ----------
    knots
        Bends of each number's line, at its quantiles; none makes it straight.
    """
    import numpy as np

    terms: list[Term] = []
    crossed: dict[int, Any] = {}
    for p in range(fold.X.shape[1]):
        x = fold.X[:, p]
        if p in fold.levels:
            terms += _levels(x, p, max_levels)
            if fold.levels[p] > max_levels // 2:
                for target in fold.targets():
                    term, inside = encoding(fold, p, target)
                    mean, sd = float(inside.mean()), float(inside.std()) or 1.0
                    scaled = tuple((value - mean) / sd for value in term.values)
                    crossed[len(terms)] = (inside - mean) / sd
                    terms.append(Encoded(p, scaled))
            continue
        known = x[np.isfinite(x)]
        if len(known) == 0:
            continue
        terms += _numbers(known, p, knots)
        if 0.005 < 1 - len(known) / len(x) < 0.995:
            terms.append(Missing(p))
    view = View(tuple(terms or [Missing(0)]))
    matrix = view.matrix(fold.X)
    for j, inside in crossed.items():
        matrix[:, j] = inside
    return view, matrix


def _levels(codes: Any, position: int, most: int) -> list[Term]:
    import numpy as np

    found, counts = np.unique(codes[np.isfinite(codes)], return_counts=True)
    least = min(10, max(2, len(codes) // 50))
    frequent = [(-n, int(c)) for c, n in zip(found, counts, strict=True) if n >= least]
    kept = [code for _, code in sorted(frequent)[:most]]
    if len(kept) == 2 and counts.sum() == len(codes) and len(found) == 2:
        kept = kept[1:]
    terms: list[Term] = [Level(position, code) for code in kept]
    if counts.sum() < len(codes):
        terms.append(Missing(position))
    return terms


def _numbers(known: Any, position: int, knots: int) -> Sequence[Term]:
    import numpy as np

    fill = float(np.median(known))
    low, high = (float(q) for q in np.quantile(known, [0.001, 0.999]))
    within = np.clip(known, low, high)
    mean, sd = float(within.mean()), float(within.std())
    if not sd > 1e-12 * max(1.0, abs(mean)):
        return []
    found: list[Term] = [Scaled(position, fill, low, high, mean, sd)]
    inner = np.unique(np.quantile(within, np.linspace(0, 1, knots + 2)[1:-1]))
    bends = [float(k) for k in inner if low < k < high] if knots else []
    return found + [Hinge(position, fill, high, knot, sd) for knot in bends]


def encoding(fold: Fold, position: int, target: Any) -> tuple[Encoded, Any]:
    """Return the means of a target by level, and what each row gets without itself.

    The mean of a level is drawn towards that of all rows as if ten of them were in it.
    The fold's own rows are encoded by the means of the other rows (five parts), else
    an estimator would see its target in them.

    References
    ----------
    Micci-Barreca: A preprocessing scheme for high-cardinality categorical attributes.
    SIGKDD Explorations 3 (2001).
    """
    import numpy as np

    codes = fold.X[:, position]
    n_values = fold.levels[position] + 2
    place = np.where(np.isnan(codes), n_values - 1, codes).astype("int64")
    part = np.random.default_rng(fold.seed).permutation(len(place)) % N_INNER
    inside = np.empty(len(place))
    for k in range(N_INNER):
        out = part == k
        inside[out] = _means(place[~out], target[~out], n_values)[place[out]]
    values = _means(place, target, n_values)
    return Encoded(position, tuple(float(v) for v in values)), inside


def _means(place: Any, target: Any, n_values: int) -> Any:
    import numpy as np

    mean = float(target.mean()) if len(target) else 0.0
    sums = np.bincount(place, weights=target, minlength=n_values)
    counts = np.bincount(place, minlength=n_values)
    return (sums + PRIOR_ROWS * mean) / (counts + PRIOR_ROWS)
