"""Sums over a panel of columns: added up batch by batch, in the order of the rows.

Measures arrive as doubles around their mean, dimensions as small codes. Products of
measures come from matrix products of batches, sums by group from counting joint codes of
several dimensions. Batches do not depend on the number of threads, so neither do sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

Floats = Any
"""An array of doubles."""
Counts = Any
"""An array of whole numbers of 64 bits."""

CELLS = 8_192
"""Joint values of the dimensions that are counted together."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Columns whose pairs are summed in one scan: those on the left with the right.

    Attributes
    ----------
    measures, dimensions
        Columns in the order in which they arrive in a batch.
    left, right
        The sides.
    sizes
        Number of codes of each dimension; the last code of a gappy one stands for null.
    gappy
        Columns that have rows without a value.
    """

    measures: tuple[str, ...]
    dimensions: tuple[str, ...]
    left: frozenset[str]
    right: frozenset[str]
    sizes: Mapping[str, int]
    gappy: frozenset[str]

    def relates(self, a: str, b: str) -> bool:
        """Tell whether a pair of columns is summed."""
        return a != b and (
            (a in self.left and b in self.right) or (b in self.left and a in self.right)
        )


@dataclass(frozen=True, slots=True)
class PairSums:
    """Rows with both of two measures, and sums of x, y, x², y² and xy over them."""

    n: int
    x: float
    y: float
    xx: float
    yy: float
    xy: float


@dataclass(frozen=True, slots=True)
class GroupSums:
    """By group of a dimension: rows with a measure, its sum and its sum of squares."""

    n: Counts
    total: Floats
    squares: Floats


@dataclass(slots=True)
class _Block:
    """Dimensions that are counted together, and the measures that are summed by them."""

    dimensions: list[str]
    measures: list[int]
    shape: tuple[int, ...]
    counts: Counts
    totals: Floats
    squares: Floats
    present: dict[int, Counts] = field(default_factory=dict)


class PanelSums:
    """The sums of a panel; `add` takes batches."""

    def __init__(self, panel: Panel) -> None:
        import numpy as np

        self.panel = panel
        names = panel.measures
        self._index = {name: i for i, name in enumerate(names)}
        self._missing = [i for i, name in enumerate(names) if name in panel.gappy]
        # The first mask is that of columns without gaps: all ones.
        self._mask = {i: k for k, i in enumerate(self._missing, 1)}
        k, g = len(names), 1 + len(self._missing)
        self._left = [i for i, name in enumerate(names) if name in panel.left]
        self._right = [i for i, name in enumerate(names) if name in panel.right]
        self._products = np.zeros((k, k))
        self._totals, self._squares = np.zeros((k, g)), np.zeros((k, g))
        self._both = np.zeros((g, g))
        self._blocks = self._packed()
        self._tables = {
            (a, b): np.zeros((panel.sizes[a], panel.sizes[b]), np.int64)
            for i, a in enumerate(panel.dimensions)
            for b in panel.dimensions[i + 1 :]
            if panel.relates(a, b) and not self._together(a, b)
        }

    def add(self, values: Sequence[Floats], codes: Sequence[Counts]) -> None:
        """Add a batch: measures with NaN where there is no value, and codes."""
        import numpy as np

        n = len(values[0]) if values else len(codes[0])
        k, missing = len(self._index), self._missing
        x, masks = np.empty((k, n)), np.ones((1 + len(missing), n))
        for i, column in enumerate(values):
            if i in self._mask:
                present = column == column  # noqa: PLR0124 - false where NaN
                masks[self._mask[i]] = present
                np.copyto(x[i], column)
                x[i][~present] = 0.0
            else:
                x[i] = column
        squares = x * x
        self._multiply(x, squares, masks)
        by_name = dict(zip(self.panel.dimensions, codes, strict=True))
        for block in self._blocks:
            self._count(block, by_name, x, squares, masks)
        for (a, b), table in self._tables.items():
            joint = by_name[a] * table.shape[1] + by_name[b]
            self._tables[a, b] = table + np.bincount(joint, minlength=table.size).reshape(
                table.shape
            )

    def _multiply(self, x: Floats, squares: Floats, masks: Floats) -> None:
        import numpy as np

        left, right = self._left, self._right
        if left == right:
            self._products += x @ x.T
            self._totals += x @ masks.T
            self._squares += squares @ masks.T
            self._both += masks @ masks.T
            return
        if not left or not right:
            return
        by_left, by_right = (
            [0, *(self._mask[i] for i in side if i in self._mask)]
            for side in (left, right)
        )
        self._products[np.ix_(left, right)] += x[left] @ x[right].T
        self._both[np.ix_(by_left, by_right)] += masks[by_left] @ masks[by_right].T
        for side, others in ((left, by_right), (right, by_left)):
            at = np.ix_(side, others)
            self._totals[at] += x[side] @ masks[others].T
            self._squares[at] += squares[side] @ masks[others].T

    def _count(
        self,
        block: _Block,
        codes: Mapping[str, Counts],
        x: Floats,
        squares: Floats,
        masks: Floats,
    ) -> None:
        import numpy as np

        joint = codes[block.dimensions[0]]
        for name, size in zip(block.dimensions[1:], block.shape[1:], strict=True):
            joint = joint * size + codes[name]
        n_cells = len(block.counts)
        block.counts += np.bincount(joint, minlength=n_cells)
        for row, i in enumerate(block.measures):
            block.totals[row] += np.bincount(joint, x[i], n_cells)
            block.squares[row] += np.bincount(joint, squares[i], n_cells)
            if i in block.present:
                kept = joint[masks[self._mask[i]] > 0]
                block.present[i] += np.bincount(kept, minlength=n_cells)

    def pair(self, a: str, b: str) -> PairSums:
        """Return the sums of two measures."""
        i, j = self._index[a], self._index[b]
        if i not in self._left:
            turned = self.pair(b, a)
            return PairSums(turned.n, turned.y, turned.x, turned.yy, turned.xx, turned.xy)
        mask_i, mask_j = self._mask.get(i, 0), self._mask.get(j, 0)
        return PairSums(
            n=round(self._both[mask_i, mask_j]),
            x=float(self._totals[i, mask_j]),
            y=float(self._totals[j, mask_i]),
            xx=float(self._squares[i, mask_j]),
            yy=float(self._squares[j, mask_i]),
            xy=float(self._products[i, j]),
        )

    def groups(self, dimension: str, measure: str) -> GroupSums:
        """Return the sums of a measure by the values of a dimension, nulls left out."""
        i = self._index[measure]
        block = next(b for b in self._blocks if dimension in b.dimensions)
        axis, row = block.dimensions.index(dimension), block.measures.index(i)
        found = (
            _margin(sums, block.shape, (axis,))[: self._n_values(dimension)]
            for sums in (
                block.present.get(i, block.counts),
                block.totals[row],
                block.squares[row],
            )
        )
        return GroupSums(*found)

    def table(self, a: str, b: str) -> Counts:
        """Return the rows by the values of two dimensions, without nulls."""
        n_a, n_b = self._n_values(a), self._n_values(b)
        if (a, b) in self._tables:
            return self._tables[a, b][:n_a, :n_b]
        if (b, a) in self._tables:
            return self._tables[b, a].T[:n_a, :n_b]
        block = next(block for block in self._blocks if a in block.dimensions)
        axes = (block.dimensions.index(a), block.dimensions.index(b))
        table = _margin(block.counts, block.shape, axes)
        return (table if axes[0] < axes[1] else table.T)[:n_a, :n_b]

    def _n_values(self, dimension: str) -> int:
        return self.panel.sizes[dimension] - (dimension in self.panel.gappy)

    def _together(self, a: str, b: str) -> bool:
        return any(
            a in block.dimensions and b in block.dimensions for block in self._blocks
        )

    def _packed(self) -> list[_Block]:
        """Return blocks of dimensions of one side that fit together, small ones first."""
        panel = self.panel
        blocks: list[list[str]] = []
        for name in sorted(panel.dimensions, key=lambda d: panel.sizes[d]):
            fits = (
                block
                for block in blocks
                if prod(panel.sizes[d] for d in (*block, name)) <= CELLS
                and _side(panel, block[0]) == _side(panel, name)
            )
            block = next(fits, None)
            if block is None:
                blocks.append([name])
            else:
                block.append(name)
        packed = [self._block(block) for block in blocks]
        return [
            block
            for block in packed
            if block.measures or panel.relates(block.dimensions[0], block.dimensions[-1])
        ]

    def _block(self, names: list[str]) -> _Block:
        import numpy as np

        panel = self.panel
        summed = [i for m, i in self._index.items() if panel.relates(names[0], m)]
        shape = tuple(panel.sizes[name] for name in names)
        n_cells = prod(shape)
        return _Block(
            names,
            summed,
            shape,
            np.zeros(n_cells, np.int64),
            np.zeros((len(summed), n_cells)),
            np.zeros((len(summed), n_cells)),
            {i: np.zeros(n_cells, np.int64) for i in summed if i in self._mask},
        )


def _side(panel: Panel, name: str) -> tuple[bool, bool]:
    return name in panel.left, name in panel.right


def _margin(sums: Any, shape: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    others = tuple(i for i in range(len(shape)) if i not in axes)
    return sums.reshape(shape).sum(axis=others)
