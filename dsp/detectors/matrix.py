"""Sufficient statistics in NumPy, piece by piece: exact sums, whatever the order.

Every value is cut into whole numbers so small that their float sums are exact; the order
of rows and the number of threads cannot change a digit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsp.detectors.number import UNIT, Number
from dsp.engine.arrays import as_numpy
from dsp.engine.duckdb_engine import quote

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

_HALF = 2.0**26
_FINE = 2.0**20
_BLOCK = 8192
CHUNK = 2**19
"""Rows that are in memory at a time."""


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """A piece of the data: scaled numbers, coded dimensions, presence of columns.

    Attributes
    ----------
    parts
        Per number: which rows have a value, and z and z squared as high and low parts.
    codes
        Per dimension: values in order, and the place of each row's value (-1: missing).
    """

    parts: Mapping[str, tuple[Any, ...]]
    codes: Mapping[str, tuple[tuple[str, ...], Any]]
    present: Mapping[str, Any]

    def sums(
        self, dimension: str, numbers: Sequence[Number], gappy: Sequence[str]
    ) -> tuple[tuple[str, ...], Any, list[list[tuple[int, int, int]]], list[Any]]:
        """Return values, rows, sums per number and value, and counts per column."""
        import numpy as np

        labels, code = self.codes[dimension]
        k = len(labels)
        place = code + 1
        size = np.bincount(place, minlength=k + 1)[1:]
        totals = []
        for number in numbers:
            has, *parts = self.parts[number.name]
            n = np.bincount(place[has], minlength=k + 1)[1:]
            cut = [np.bincount(place, weights=p, minlength=k + 1)[1:] for p in parts]
            totals.append(
                [
                    (
                        int(n[i]),
                        _join(cut[0][i], cut[1][i]),
                        _join(cut[2][i], cut[3][i]),
                    )
                    for i in range(k)
                ]
            )
        counts = [
            np.bincount(place[self.present[name]], minlength=k + 1)[1:] for name in gappy
        ]
        return labels, size, totals, counts

    def pairs(self, a: str, b: str) -> tuple[tuple[str, ...], tuple[str, ...], Any]:
        """Return the values of two dimensions and the counts of their pairs."""
        import numpy as np

        left, code_a = self.codes[a]
        right, code_b = self.codes[b]
        both = (code_a >= 0) & (code_b >= 0)
        cell = code_a[both] * len(right) + code_b[both]
        counts = np.bincount(cell, minlength=len(left) * len(right))
        counts = counts.reshape(len(left), len(right)).astype(float)
        rows, cols = counts.sum(axis=1) > 0, counts.sum(axis=0) > 0
        return (
            tuple(v for v, has in zip(left, rows, strict=True) if has),
            tuple(v for v, has in zip(right, cols, strict=True) if has),
            counts[rows][:, cols],
        )


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Sums over all rows.

    Attributes
    ----------
    groups
        Per dimension and value: rows; rows, sum and sum of squares of every number; and
        rows with a value of every column that has gaps.
    pairs
        Per pair of dimensions and pair of values: rows.
    """

    groups: dict[str, dict[str, tuple[int, list[tuple[int, int, int]], list[int]]]]
    pairs: dict[tuple[str, str], dict[tuple[str, str], int]]


def read_sums(
    engine: DuckEngine,
    source: str,
    *,
    n_rows: int,
    numbers: Sequence[Number],
    dimensions: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    gappy: Sequence[str],
) -> Sums:
    """Return sums for all dimensions, with one scan for each half million rows."""
    sums = Sums(groups={d: {} for d in dimensions}, pairs={pair: {} for pair in pairs})
    for start in range(0, max(n_rows, 1), CHUNK):
        limit = "" if n_rows <= CHUNK else f" limit {CHUNK} offset {start}"
        piece = _read_piece(engine, source, numbers, dimensions, gappy, limit=limit)
        for dimension, known in sums.groups.items():
            labels, size, totals, counts = piece.sums(dimension, numbers, gappy)
            for i, label in enumerate(labels):
                n, old_totals, old_counts = known.get(
                    label, (0, [(0, 0, 0)] * len(numbers), [0] * len(gappy))
                )
                known[label] = (
                    n + int(size[i]),
                    [
                        (a[0] + b[i][0], a[1] + b[i][1], a[2] + b[i][2])
                        for a, b in zip(old_totals, totals, strict=True)
                    ],
                    [a + int(b[i]) for a, b in zip(old_counts, counts, strict=True)],
                )
        for (a, b), cells in sums.pairs.items():
            left, right, table = piece.pairs(a, b)
            for i, x in enumerate(left):
                for j, y in enumerate(right):
                    cells[x, y] = cells.get((x, y), 0) + int(table[i, j])
    return sums


def _read_piece(
    engine: DuckEngine,
    source: str,
    numbers: Sequence[Number],
    dimensions: Sequence[str],
    gappy: Sequence[str],
    *,
    limit: str,
) -> Matrix:
    """Read what detectors need of some rows in one scan."""
    import numpy as np

    picked = [_filled(number, i) for i, number in enumerate(numbers)]
    picked += [f"cast({quote(d)} as varchar) as d{i}" for i, d in enumerate(dimensions)]
    picked += [
        f"cast({quote(g)} is not null as tinyint) as p{i}" for i, g in enumerate(gappy)
    ]
    table = engine.sql(f"select {', '.join(picked)} from {source}{limit}")
    parts = {}
    for i, number in enumerate(numbers):
        z = as_numpy(table.column(f"z{i}"))
        has = ~np.isnan(z)
        z = np.where(has, z, 0.0)
        parts[number.name] = (has, *_cut(z), *_cut(z * z))
    codes = {}
    for i, dimension in enumerate(dimensions):
        column = table.column(f"d{i}").combine_chunks()
        coded = column.dictionary_encode(null_encoding="encode")
        labels = coded.dictionary.to_pylist()
        known = [at for at, label in enumerate(labels) if label is not None]
        known.sort(key=lambda at: labels[at])
        rank = np.full(len(labels), -1, dtype=np.int64)
        rank[known] = np.arange(len(known))
        index = np.from_dlpack(coded.indices)
        codes[dimension] = (tuple(labels[at] for at in known), rank[index])
    present = {name: as_numpy(table.column(f"p{i}")) > 0 for i, name in enumerate(gappy)}
    return Matrix(parts=parts, codes=codes, present=present)


def read_correlations(
    engine: DuckEngine, source: str, numbers: Sequence[Number], n_rows: int
) -> dict[tuple[str, str], tuple[int, float]]:
    """Return rows with both values and Pearson's r for every pair of numbers.

    Rows come in pieces of half a million; sums are exact to 40 binary digits of the range
    of a column.
    """
    import numpy as np

    k = len(numbers)
    if k < 2:
        return {}
    picked = ", ".join(_filled(number, i) for i, number in enumerate(numbers))
    count = np.zeros((k, k), dtype=object)
    total, square, cross = count.copy(), count.copy(), count.copy()
    for start in range(0, max(n_rows, 1), CHUNK):
        limit = "" if n_rows <= CHUNK else f" limit {CHUNK} offset {start}"
        table = engine.sql(f"select {picked} from {source}{limit}")
        z = np.column_stack([as_numpy(table.column(f"z{i}")) for i in range(k)])
        for at in range(0, len(z), _BLOCK):
            block = z[at : at + _BLOCK]
            mask = (~np.isnan(block)).astype(float)
            scaled = np.where(mask > 0, block, 0.0) * _FINE
            high = np.rint(scaled)
            low = np.rint((scaled - high) * _FINE)
            count += _whole(mask.T @ mask)
            total += (_whole(high.T @ mask) << 20) + _whole(low.T @ mask)
            square += (_whole((high * high).T @ mask) << 20) + 2 * _whole(
                (high * low).T @ mask
            )
            cross += (_whole(high.T @ high) << 20) + _whole(high.T @ low)
            cross += _whole(low.T @ high)
    found = {}
    for i in range(k):
        for j in range(i + 1, k):
            n = int(count[i, j])
            sx, sy = total[i, j], total[j, i]
            top = n * (cross[i, j] << 20) - sx * sy
            left = n * (square[i, j] << 20) - sx * sx
            right = n * (square[j, i] << 20) - sy * sy
            low_part = left * right if left > 0 and right > 0 else 0
            r = top / math.isqrt(low_part) if low_part > 0 else 0.0
            pair = (numbers[i].name, numbers[j].name)
            found[pair] = (n, max(-1.0, min(1.0, r)))
    return found


def _filled(number: Number, place: int) -> str:
    return f"coalesce({number.z}, cast('nan' as double)) as z{place}"


def _whole(values: Any) -> Any:
    """Return whole floats as Python integers."""
    import numpy as np

    return values.astype(np.int64).astype(object)


def _cut(z: Any) -> tuple[Any, Any]:
    """Cut values in [-1, 1] into high and low parts of 26 binary digits."""
    import numpy as np

    high = np.rint(z * _HALF)
    return high, np.rint((z * _HALF - high) * _HALF)


def _join(high: float, low: float) -> int:
    return ((int(high) << 26) + int(low)) * (UNIT >> 52)
