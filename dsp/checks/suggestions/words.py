"""Counts of values, and of shapes of texts, in blocks of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dsp.checks.suggestions.summaries import N_BLOCKS
from dsp.engine.relation import Relation

CHUNK = 12
"""Columns in one scan."""

Counts = dict[Any, int]


class Words:
    """How often each value of a column occurs in the blocks of each division."""

    def __init__(self) -> None:
        self._found: dict[str, dict[tuple[str, int], Counts]] = {}
        self._merged: dict[Any, Counts] = {}

    def add(
        self, relation: Relation, division: Mapping[str, str], items: Mapping[str, str]
    ) -> None:
        """Count the values of SQL expressions, by the key of each, `CHUNK` a scan."""
        keys = list(items)
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            self._count(relation, division, {key: items[key] for key in part})

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def of(self, key: str, way: str, blocks: Sequence[int]) -> Counts:
        """Return the counts of values in some blocks; null is left out."""
        asked = (key, way, tuple(blocks))
        if asked not in self._merged:
            total: Counts = {}
            for block in blocks:
                for value, n in self._found[key].get((way, block), {}).items():
                    total[value] = total.get(value, 0) + n
            self._merged[asked] = total
        return self._merged[asked]

    def all(self, key: str) -> Counts:
        """Return the counts of values in all rows."""
        return self.of(key, "row", range(N_BLOCKS))

    def _count(
        self, relation: Relation, division: Mapping[str, str], items: Mapping[str, str]
    ) -> None:
        blocks = [f"{sql} as dsp_{way}" for way, sql in division.items()]
        values = [f"{sql} as v{i}" for i, sql in enumerate(items.values())]
        sets = [(way, i) for way in division for i in range(len(items))]
        grouped = ", ".join(f"(dsp_{way}, v{i})" for way, i in sets)
        keys = [f"dsp_{way}" for way in division] + [f"v{i}" for i in range(len(items))]
        flags = ", ".join(f"grouping({key})" for key in keys)
        query = (
            f"select {', '.join(keys)}, {flags}, count(*) from (select "
            f"{', '.join(blocks + values)} from {relation.numbered} as t) "
            f"group by grouping sets ({grouped})"
        )
        ways, names = list(division), list(items)
        for name in names:
            self._found[name] = {}
        for row in relation.engine.rows(query):
            given, absent = row[: len(keys)], row[len(keys) : 2 * len(keys)]
            way = absent.index(0)
            item = absent.index(0, len(ways))
            block, value = given[way], given[item]
            if block is not None and value is not None:
                place = self._found[names[item - len(ways)]]
                place.setdefault((ways[way], block), {})[value] = row[-1]
