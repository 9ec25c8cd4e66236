"""Sufficient statistics of all pairs at once: one product of the rows with themselves.

Scores of measures, their squares, which rows have a value, and one column for each value
of each dimension, multiplied with themselves block by block: that one table holds every
correlation, every mean and variance by group and every count of pairs of values.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from dsp.detectors.frame import Frame

BLOCK = 16_384


class Groups(NamedTuple):
    """Per value of a dimension: rows with a measure, mean and variance of its scores."""

    n: Any
    mean: Any
    var: Any


class Gram:
    """All pairs of columns of a frame, summed over its rows."""

    def __init__(self, frame: Frame) -> None:
        self.measures = list(frame.measures)
        self.dimensions = {d.name: len(d.labels) for d in frame.dimensions.values()}
        self._place: dict[tuple[str, str], int] = {}
        at = 0
        for part in ("z", "has", "square"):
            for name in self.measures:
                self._place[part, name] = at
                at += 1
        for name, k in self.dimensions.items():
            self._place["value", name] = at
            at += k
        self._sums = _summed(frame, at)

    def correlation(self, a: str, b: str) -> tuple[int, float]:
        """Return rows with both measures, and the correlation of their scores."""
        import math

        s = self._sums
        za, zb = self._place["z", a], self._place["z", b]
        ha, hb = self._place["has", a], self._place["has", b]
        n = s[ha, hb]
        if n < 3:
            return int(n), 0.0
        ma, mb = s[za, hb] / n, s[zb, ha] / n
        va = s[self._place["square", a], hb] / n - ma * ma
        vb = s[self._place["square", b], ha] / n - mb * mb
        if va <= 1e-12 or vb <= 1e-12:
            return int(n), 0.0
        r = (s[za, zb] / n - ma * mb) / math.sqrt(va * vb)
        return int(n), max(-1.0, min(1.0, float(r)))

    def groups(self, dimension: str, measure: str) -> Groups:
        """Return moments of a measure's scores by value of a dimension."""
        import numpy as np

        start = self._place["value", dimension]
        rows = slice(start, start + self.dimensions[dimension])
        s = self._sums
        n = s[rows, self._place["has", measure]]
        some = np.maximum(n, 1)
        mean = s[rows, self._place["z", measure]] / some
        square = s[rows, self._place["square", measure]]
        var = np.maximum(square - some * mean * mean, 0) / np.maximum(n - 1, 1)
        return Groups(n, mean, var)

    def counts(self, a: str, b: str) -> Any:
        """Return the rows of every pair of values of two dimensions."""
        left, right = self._place["value", a], self._place["value", b]
        return self._sums[
            left : left + self.dimensions[a], right : right + self.dimensions[b]
        ]

    def sizes(self, dimension: str) -> Any:
        """Return the rows of every value of a dimension."""
        return self.counts(dimension, dimension).diagonal()


def _summed(frame: Frame, width: int) -> Any:
    import numpy as np

    total = np.zeros((width, width))
    k = len(frame.measures)
    for start in range(0, frame.n, BLOCK):
        rows = slice(start, min(start + BLOCK, frame.n))
        size = rows.stop - rows.start
        block = np.zeros((size, width))
        for i, m in enumerate(frame.measures.values()):
            block[:, i] = m.z[rows]
            block[:, k + i] = m.has[rows]
        block[:, 2 * k : 3 * k] = block[:, :k] ** 2
        at = 3 * k
        for d in frame.dimensions.values():
            code = d.code[rows]
            known = np.flatnonzero(code >= 0)
            block[known, at + code[known]] = 1.0
            at += len(d.labels)
        total += block.T @ block
    return total


def grouped(code: Any, k: int, z: Any, has: Any) -> Groups:
    """Return moments of scores by code, for dimensions of many values."""
    import numpy as np

    use = (code >= 0) & has
    at, y = code[use], z[use]
    n = np.bincount(at, minlength=k).astype(float)
    some = np.maximum(n, 1)
    mean = np.bincount(at, weights=y, minlength=k) / some
    square = np.bincount(at, weights=y * y, minlength=k)
    var = np.maximum(square - some * mean * mean, 0) / np.maximum(n - 1, 1)
    return Groups(n, mean, var)
