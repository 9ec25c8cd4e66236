"""Which columns a sample leaves open that others decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.statistics.structure.base import Data
from dsp.statistics.structure.refuting import (
    by_group,
    clusters_exceed,
    combined,
    exceeds,
    rarer,
    repeated,
    violations,
)
from dsp.statistics.structure.sample import ROWS, Sample, groups_of

HEAD = 2_000
"""Rows that are looked at first."""


class Refuter:
    """Refutes functional dependencies with the rows of a sample.

    Parameters
    ----------
    data, sample
        The table and a sample of it.
    decided
        Columns that may be decided.
    """

    def __init__(self, data: Data, sample: Sample, decided: Sequence[str]) -> None:
        import numpy as np

        self.data, self.sample = data, sample
        self._row = {name: i for i, name in enumerate(decided)}
        shape = (0, len(next(iter(sample.parts[ROWS].values()), ())))
        self._values = {
            name: np.stack([part[y] for y in decided]) if decided else np.zeros(shape)
            for name, part in sample.parts.items()
        }
        self._rarer = [rarer(row) for row in self._values[ROWS]]

    def survivors(self, x: Sequence[str], ys: Sequence[str]) -> list[str]:
        """Return the dependents that the sample does not refute."""
        left = [self._row[y] for y in ys if self._has_room(x, y)]
        part = self.sample.parts[ROWS]
        groups = combined(part, x)
        if len(groups) > 2 * HEAD:
            left = self._unrefuted(groups[:HEAD], self._values[ROWS][:, :HEAD], left)
        left = self._unrefuted(groups, self._values[ROWS], left)
        left = [y for y in left if self._holds(groups, y)]
        lead = None if self.sample.is_all else self.sample.part_of(x, self.data)
        if lead is not None and left:
            left = self._unrefuted_by_lead(lead, x, left)
        names = list(self._row)
        return [names[y] for y in left]

    def _has_room(self, x: Sequence[str], y: str) -> bool:
        """Return whether a determinant has values enough for a dependent."""
        if len(x) > 1:
            return True
        data = self.data
        profile = data.profiles[y]
        least = profile.n_distinct / (1 + (profile.distinct_error or 0.0))
        spare = data.limits.most_share * data.n_rows + data.missing(x[0])
        return least <= data.most_distinct(x[0]) + spare

    def _unrefuted(self, groups: Any, values: Any, left: list[int]) -> list[int]:
        """Return the dependents that do not change too often within groups.

        Rows without the usual value of their group make two changes at most.
        """
        n_changes, n_repeated, n_there = _changes(groups, values, left)
        limits = self.data.limits
        kept = []
        for y, n in zip(left, n_changes, strict=True):
            by_share = limits.most_share * n_there
            by_chance = n_repeated * self._rarer[y] / limits.gain
            limit = min(by_share, by_chance)
            # Of a sample, the frequency of the usual value is uncertain, too.
            is_over = n / 2 > by_share if self.sample.is_all else exceeds(n / 2, limit)
            if not is_over:
                kept.append(y)
        return kept

    def _holds(self, groups: Any, y: int) -> bool:
        """Return whether the violations in the sample leave a dependency open."""
        limits = self.data.limits
        n_broken, n, n_repeated = violations(groups, self._values[ROWS][y])
        expected = n_repeated * self._rarer[y]
        if not self.sample.is_all:
            limit = min(limits.most_share * n, expected / limits.gain)
            return not exceeds(n_broken, limit)
        if n_repeated < max(1, limits.most_share * n) or expected <= 0:
            return False
        if expected < limits.least_expected * (1 - 1e-9):
            return False
        is_rare = n_broken <= limits.most_share * n * (1 + 1e-9)
        return is_rare and n_broken * limits.gain <= expected * (1 + 1e-9)

    def _unrefuted_by_lead(
        self, lead: str, x: Sequence[str], left: list[int]
    ) -> list[int]:
        """Return the dependents that whole groups of rows leave open."""
        import numpy as np

        part, limits = self.sample.parts[lead], self.data.limits
        groups = combined(part, x)
        n_repeated = repeated(groups)
        n_there = np.count_nonzero(groups)
        if exceeds(limits.most_share * n_there, n_repeated):
            # Nearly a key.
            return []
        _, clusters = np.unique(part[lead], return_inverse=True)
        values = self._values[lead]
        return [y for y in left if not self._is_over(y, groups, values[y], clusters)]

    def unrefuted_by_groups(self, x: Sequence[str], ys: Sequence[str]) -> list[str]:
        """Return the dependents that some whole groups of the table leave open.

        Worth a scan of its own where a proof costs several.
        """
        import numpy as np

        part = groups_of(self.data, x, [*x, *ys])
        _, groups = np.unique(combined(part, x), return_inverse=True)
        found = groups.astype(np.uint64) + np.uint64(1)
        return [y for y in ys if not self._is_over(self._row[y], found, part[y], groups)]

    def _is_over(self, y: int, groups: Any, values: Any, clusters: Any) -> bool:
        """Return whether groups, drawn by clusters, have too many violations."""
        import numpy as np

        sizes, most, rows = by_group(groups, values)
        if len(rows) == 0:
            return False
        at, n = clusters[rows], int(clusters.max()) + 1
        broken = np.bincount(at, sizes - most, n)
        by_chance = self._rarer[y] / self.data.limits.gain
        return clusters_exceed(
            broken, np.bincount(at, sizes, n), self.data.limits.most_share
        ) or clusters_exceed(broken, np.bincount(at, sizes - 1, n), by_chance)


def _changes(groups: Any, values: Any, left: Sequence[int]) -> tuple[list[int], int, int]:
    """Return changes of values within groups by dependent, repeated rows, and rows."""
    import numpy as np

    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    start = int(np.searchsorted(ordered, 1))
    order, ordered = order[start:], ordered[start:]
    same = ordered[1:] == ordered[:-1]
    chosen = values[np.asarray(left, dtype=np.intp)][:, order]
    after, before = chosen[:, 1:], chosen[:, :-1]
    changed = (after != before) & same & (after != 0) & (before != 0)
    n_changes = [int(n) for n in changed.sum(axis=1)]
    return n_changes, int(np.count_nonzero(same)), len(order)
