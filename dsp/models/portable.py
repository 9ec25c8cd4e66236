"""Fitted models as plain arrays: what is stored, and what SQL is written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsp.models.sql import number
from dsp.models.terms import Encoded, Filled, Missing
from dsp.models.views import View
from dsp.models.weighted import weighted

IDENTITY, LOG, LOGIT, SOFTMAX, SHARE = "identity", "log", "logit", "softmax", "share"


@dataclass(frozen=True, slots=True)
class Linear:
    """A weighted sum of terms for every output.

    Attributes
    ----------
    weights
        Float64 [outputs, terms].
    intercepts
        Float64 [outputs].
    link
        How sums become outputs.
    """

    view: View
    weights: Any
    intercepts: Any
    link: str

    @property
    def _pieces(self) -> list[list[str]]:
        return [weighted(self.view.terms, weights) for weights in self.weights]

    @property
    def terms(self) -> list[str]:
        """SQL of what each column adds to each output."""
        return [text for pieces in self._pieces for text in pieces]

    def steps(self, names: Sequence[str]) -> list[str]:
        """Return SQL of what all sums share: nothing."""
        del names
        return []

    def raw(self, names: Sequence[str], steps: Sequence[str]) -> list[str]:
        """Return SQL of every sum, from the names of terms and steps."""
        del steps
        found, start = [], 0
        for pieces, intercept in zip(self._pieces, self.intercepts, strict=True):
            own = names[start : start + len(pieces)]
            start += len(pieces)
            found.append(total([number(intercept), *own]))
        return found


@dataclass(frozen=True, slots=True)
class Tree:
    """A binary tree; a row goes left where its term is at most the threshold.

    Attributes
    ----------
    feature, threshold, left, right, value, missing_left
        Arrays by node; `left` is -1 at leaves, where `value` counts: one number, or one
        for every output [nodes, outputs].
    sets
        Codes that go left, by node, where a term is a category.
    """

    feature: Any
    threshold: Any
    left: Any
    right: Any
    value: Any
    missing_left: Any
    sets: dict[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Trees:
    """Sums of trees, one list of trees for every output, or one that all share.

    Attributes
    ----------
    bases
        What the sums start from.
    scale
        What the sums of trees are multiplied with: one, or one by their number.
    known
        Of terms that are categories: the codes that were fitted. Others count as missing.
    is_single
        Whether terms are rounded to single precision before they are compared.
    """

    view: View
    trees: tuple[tuple[Tree, ...], ...]
    bases: Any
    scale: float
    link: str
    known: dict[int, tuple[int, ...]]
    is_single: bool = False

    @property
    def n_leaves(self) -> int:
        """Leaves of all trees."""
        return sum(int((t.left < 0).sum()) for one in self.trees for t in one)

    @property
    def terms(self) -> list[str]:
        """SQL of the terms."""
        found = []
        for j, term in enumerate(self.view.terms):
            text = term.sql()
            if j in self.known:
                test = one_of(text, self.known[j])
                text = f"case when {test} then {text} end"
            elif self.is_single:
                text = f"({text})::float::double"
            found.append(text)
        return found

    @property
    def _is_shared(self) -> bool:
        return len(self.trees) < len(self.bases)

    def steps(self, names: Sequence[str]) -> list[str]:
        """Return SQL of the leaf of each tree that all outputs share, from one on."""
        if not self._is_shared:
            return []
        return self._leaves(self.trees[0], names)

    def raw(self, names: Sequence[str], steps: Sequence[str]) -> list[str]:
        """Return SQL of every sum, from the names of terms and steps.

        A leaf is found as a small number and its value looked up: nested CASE keeps a
        vector of results for every leaf, which are doubles otherwise.
        """
        found = []
        for k, base in enumerate(self.bases):
            trees = self.trees[0 if self._is_shared else k]
            places = steps or self._leaves(trees, names)
            parts = [
                f"list_extract({_numbers(_values(tree, k))}, {place})"
                for tree, place in zip(trees, places, strict=True)
            ]
            text = total(parts or ["0e0"])
            if self.scale != 1.0:
                text = f"({text}) * {number(self.scale)}"
            found.append(f"{number(base)} + {text}")
        return found

    def _leaves(self, trees: Sequence[Tree], names: Sequence[str]) -> list[str]:
        full = [isinstance(term, Filled | Missing | Encoded) for term in self.view.terms]
        return [_leaf(tree, names, full) for tree in trees]


def _values(tree: Tree, output: int) -> Any:
    """Return the values of the leaves for an output, in the order of nodes."""
    values = tree.value[tree.left < 0]
    return values if values.ndim == 1 else values[:, output]


def _leaf(tree: Tree, names: Sequence[str], full: Sequence[bool]) -> str:
    """Return SQL of the place of a row's leaf among the leaves, from one on."""
    ends = (tree.left < 0).nonzero()[0]
    kind = "utinyint" if len(ends) < 256 else "usmallint"
    leaves = {int(node): f"{place}::{kind}" for place, node in enumerate(ends, start=1)}
    return _branch(tree, 0, _Read(names, full, leaves))


@dataclass(frozen=True, slots=True)
class _Read:
    """Names of terms, which of them are never missing, and what each leaf says."""

    names: Sequence[str]
    full: Sequence[bool]
    leaves: Mapping[int, str]


def _branch(tree: Tree, node: int, read: _Read) -> str:
    if tree.left[node] < 0:
        return read.leaves[node]
    j = int(tree.feature[node])
    # Where the test is unknown, as of a missing value, CASE goes on to ELSE: missing
    # values that go left want the test for right.
    is_turned = bool(tree.missing_left[node]) and not read.full[j]
    if node in tree.sets:
        # With no code to go left, only missing values may.
        test = one_of(read.names[j], tree.sets[node])
        test = f"not {test}" if is_turned else test
    else:
        sign = ">" if is_turned else "<="
        test = f"{read.names[j]} {sign} {number(tree.threshold[node])}"
    left = _branch(tree, int(tree.left[node]), read)
    right = _branch(tree, int(tree.right[node]), read)
    first, other = (right, left) if is_turned else (left, right)
    return f"case when {test} then {first} else {other} end"


def one_of(text: str, codes: Sequence[int]) -> str:
    """Return SQL that tells whether a code is one of some; unknown where it is missing.

    Runs of codes as ranges. DuckDB makes a join of a list behind IN, which loses the
    order of rows.

    Examples
    --------
    >>> one_of("x", [0, 1, 2, 7])
    '(x between 0 and 2 or x = 7)'
    """
    runs: list[list[int]] = []
    for code in sorted(codes):
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    parts = [
        f"{text} = {low}" if low == high else f"{text} between {low} and {high}"
        for low, high in runs
    ]
    return f"({' or '.join(parts)})" if parts else f"({text} <> {text})"


@dataclass(frozen=True, slots=True)
class Kernel:
    """Weighted sums of how near a row is to some points: exp(-gamma distance²).

    Attributes
    ----------
    points
        Float64 [points, terms].
    weights
        Float64 [outputs, points].
    """

    view: View
    points: Any
    weights: Any
    intercepts: Any
    gamma: float
    link: str

    @property
    def terms(self) -> list[str]:
        """SQL of the terms."""
        return [term.sql() for term in self.view.terms]

    def steps(self, names: Sequence[str]) -> list[str]:
        """Return SQL of the list of how near each point is."""
        size = len(names)
        row = f"array_value({', '.join(names)})"
        near = (
            f"list_transform({_points(self.points)}, "
            f"lambda p: exp({number(-self.gamma)} * "
            f"pow(array_distance({row}, p::double[{size}]), 2)))"
        )
        return [near]

    def raw(self, names: Sequence[str], steps: Sequence[str]) -> list[str]:
        """Return SQL of every sum, from the names of terms and steps."""
        del names
        return [
            f"{number(intercept)} + list_dot_product({steps[0]}, {_numbers(weights)})"
            for weights, intercept in zip(self.weights, self.intercepts, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The mean of the nearest points, weighted by one over their distance.

    Attributes
    ----------
    points
        Float64 [points, terms].
    targets
        Float64 [outputs, points].
    n_neighbors
        How many points count.
    """

    view: View
    points: Any
    targets: Any
    n_neighbors: int
    link: str

    @property
    def terms(self) -> list[str]:
        """SQL of the terms."""
        return [term.sql() for term in self.view.terms]

    def steps(self, names: Sequence[str]) -> list[str]:
        """Return SQL of the nearest points as pairs of distance and place."""
        size, n = len(names), len(self.points)
        row = f"array_value({', '.join(names)})"
        far = (
            f"list_transform({_points(self.points)}, "
            f"lambda p: array_distance({row}, p::double[{size}]))"
        )
        places = f"range(1, {n + 1})"
        return [f"list_sort(list_zip({far}, {places}))[1:{self.n_neighbors}]"]

    def raw(self, names: Sequence[str], steps: Sequence[str]) -> list[str]:
        """Return SQL of every mean, from the names of terms and steps."""
        del names
        weight = "1e0 / greatest(z[1], 1e-9)"
        return [
            f"list_sum(list_transform({steps[0]}, lambda z: "
            f"list_extract({_numbers(targets)}, z[2]) * {weight})) / "
            f"list_sum(list_transform({steps[0]}, lambda z: {weight}))"
            for targets in self.targets
        ]


Portable = Linear | Trees | Kernel | Nearest


def _points(points: Any) -> str:
    return f"[{', '.join(_numbers(point) for point in points)}]"


def _numbers(values: Any) -> str:
    return f"[{', '.join(number(value) for value in values)}]"


def total(parts: Sequence[str]) -> str:
    """Return the sum of SQL expressions, halved again and again.

    A plain row of plus signs is as deep as it is long, and DuckDB ends at a depth of
    1,000.
    """
    if len(parts) <= 4:
        return " + ".join(parts)
    middle = len(parts) // 2
    return f"({total(parts[:middle])}) + ({total(parts[middle:])})"
