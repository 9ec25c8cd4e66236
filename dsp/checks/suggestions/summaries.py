"""Summaries of blocks of rows: what is learned from some of them is tested on others.

One scan summarizes every measure in every block; the summary of any set of blocks is
merged from those, so that leaving blocks out costs no further scan.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsp.engine.relation import Relation

N_BLOCKS = 20
"""Blocks of each division of the rows."""
KEPT = 32
"""Greatest and smallest values that are kept of each block."""
CHUNK = 40
"""Measures in one scan."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of each row: a column, the length of a text, a difference of two.

    Attributes
    ----------
    key
        Its name in `Blocks`.
    sql
        SQL of a double; null where there is none.
    """

    key: tuple[str, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class Summary:
    """One measure in some rows.

    Attributes
    ----------
    n_rows, n
        Rows, and those that have a finite value.
    low, high
        The smallest values in rising order, the greatest in falling order.
    mean, m2
        Mean, and sum of squared distances from it.
    """

    n_rows: int
    n: int
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    mean: float = 0.0
    m2: float = 0.0

    @property
    def sd(self) -> float:
        """Standard deviation of the sample, 0 for one value."""
        return math.sqrt(self.m2 / (self.n - 1)) if self.n > 1 else 0.0

    def turned(self) -> Summary:
        """Return the summary of the negated measure."""
        low, high = (tuple(-x for x in xs) for xs in (self.high, self.low))
        return Summary(self.n_rows, self.n, low, high, -self.mean, self.m2)


def merged(parts: Iterable[Summary]) -> Summary:
    """Return the summary of the rows of several blocks together.

    Examples
    --------
    >>> one, two = Summary(2, 1, (3.0,), (3.0,), 3.0), Summary(2, 1, (5.0,), (5.0,), 5.0)
    >>> both = merged([one, two])
    >>> both.n_rows, both.low, both.high, both.mean, both.m2
    (4, (3.0, 5.0), (5.0, 3.0), 4.0, 2.0)
    """
    items = list(parts)
    n = sum(item.n for item in items)
    if not n:
        return Summary(sum(item.n_rows for item in items), 0)
    mean = sum(item.mean * (item.n / n) for item in items)
    return Summary(
        sum(item.n_rows for item in items),
        n,
        tuple(-x for x in _greatest([item.turned() for item in items])),
        _greatest(items),
        mean,
        sum(item.m2 + item.n * (item.mean - mean) ** 2 for item in items),
    )


def _greatest(items: Sequence[Summary]) -> tuple[float, ...]:
    """Return the greatest values of all rows, down to where a block kept no more."""
    cut = max((i.high[-1] for i in items if i.n > len(i.high) > 0), default=-math.inf)
    return tuple(sorted((x for i in items for x in i.high if x >= cut), reverse=True))


@dataclass(frozen=True, slots=True)
class Split:
    """Blocks to learn from, and blocks to test on.

    Attributes
    ----------
    way
        The division: rows in order, in order of time, or at random.
    train, test
        Positions of blocks.
    """

    way: str
    train: tuple[int, ...]
    test: tuple[int, ...]


def splits_of(ways: Sequence[str]) -> tuple[Split, ...]:
    """Return the splits of each division, always the same.

    Every block is left out once; in order, the first part also has to foretell the next
    one of equal length; at random, halves are tested on the other half.
    """
    import numpy as np

    blocks = range(N_BLOCKS)
    found: list[Split] = []
    for way in ways:
        if way == "random":
            generator = np.random.default_rng(0)
            for _ in range(N_BLOCKS // 2):
                order = generator.permutation(N_BLOCKS).tolist()
                half, other = sorted(order[: N_BLOCKS // 2]), sorted(order[10:])
                found.append(Split(way, tuple(half), tuple(other)))
                found.append(Split(way, tuple(other), tuple(half)))
            continue
        for block in blocks:
            rest = tuple(b for b in blocks if b != block)
            found.append(Split(way, rest, (block,)))
        found += [Split(way, tuple(range(n)), tuple(range(n, 2 * n))) for n in (5, 7, 10)]
    return tuple(found)


def divisions(relation: Relation, n_rows: int, time: str | None) -> dict[str, str]:
    """Return SQL of the block of a row, by the name of the division.

    Parameters
    ----------
    relation
        The table, numbered.
    n_rows
        Its rows.
    time
        Column that orders the rows in time, when the rows are not in its order.
    """
    found = {
        "row": f"cast((dsp_row_number - 1) * {N_BLOCKS} // {n_rows} as integer)",
        "random": f"cast(hash(dsp_row_number) % {N_BLOCKS} as integer)",
    }
    if time is not None:
        column = relation[time].sql
        marks = ", ".join(str(i / N_BLOCKS) for i in range(1, N_BLOCKS))
        query = f"select quantile_disc(epoch({column}), [{marks}]) from {relation.sql}"
        limits = ", ".join(repr(float(x)) for x in relation.engine.rows(query)[0][0])
        above = f"list_filter([{limits}], lambda q: q < epoch({column}))"
        found["time"] = f"case when {column} is not null then len({above}) end"
    return found


class Blocks:
    """Summaries of measures in the blocks of each division."""

    def __init__(self, ways: Sequence[str]) -> None:
        self.ways = tuple(ways)
        self.splits = splits_of(ways)
        self._found: dict[tuple[str, ...], dict[tuple[str, int], Summary]] = {}
        self._merged: dict[Any, Summary] = {}

    def add(
        self, relation: Relation, division: Mapping[str, str], measures: Sequence[Measure]
    ) -> None:
        """Summarize measures, `CHUNK` a scan."""
        for start in range(0, len(measures), CHUNK):
            part = measures[start : start + CHUNK]
            for row in _summaries(relation, division, part):
                for measure, summary in zip(part, row[2:], strict=True):
                    place = self._found.setdefault(measure.key, {})
                    place[row[0], row[1]] = summary

    def __contains__(self, key: tuple[str, ...]) -> bool:
        return key in self._found

    def of(self, key: tuple[str, ...], way: str, blocks: Sequence[int]) -> Summary:
        """Return the summary of a measure in some blocks."""
        asked = (key, way, tuple(blocks))
        if asked not in self._merged:
            place = self._found[key]
            parts = [place[way, b] for b in blocks if (way, b) in place]
            self._merged[asked] = merged(parts)
        return self._merged[asked]

    def all(self, key: tuple[str, ...]) -> Summary:
        """Return the summary of a measure in all rows."""
        return self.of(key, "row", range(N_BLOCKS))

    def each(self, key: tuple[str, ...], way: str) -> list[Summary]:
        """Return the summaries of the blocks of a division that have rows."""
        return [
            found
            for block in range(N_BLOCKS)
            if (found := self.of(key, way, (block,))).n_rows
        ]


def _summaries(
    relation: Relation, division: Mapping[str, str], measures: Sequence[Measure]
) -> Iterable[tuple[Any, ...]]:
    ways = list(division)
    blocks = ", ".join(f"{sql} as dsp_{way}" for way, sql in division.items())
    values = ", ".join(
        f"case when isfinite({m.sql}) then {m.sql} end as m{i}"
        for i, m in enumerate(measures)
    )
    figures = ", ".join(
        f"count(m{i}), min(m{i}, {KEPT}), max(m{i}, {KEPT}), avg(m{i}), var_pop(m{i})"
        for i in range(len(measures))
    )
    grouping = ", ".join(f"grouping(dsp_{way})" for way in ways)
    keys = ", ".join(f"dsp_{way}" for way in ways)
    sets = ", ".join(f"(dsp_{way})" for way in ways)
    query = (
        f"select {grouping}, {keys}, count(*), {figures} from (select {blocks}, {values} "
        f"from {relation.numbered} as t) group by grouping sets ({sets})"
    )
    for row in relation.engine.rows(query):
        position = row[: len(ways)].index(0)
        block, n_rows = row[len(ways) + position], row[2 * len(ways)]
        if block is None:
            continue
        rest = row[2 * len(ways) + 1 :]
        yield (
            ways[position],
            block,
            *(_summary(n_rows, rest[i : i + 5]) for i in range(0, len(rest), 5)),
        )


def _summary(n_rows: int, figures: Sequence[Any]) -> Summary:
    n, low, high, mean, variance = figures
    if not n:
        return Summary(n_rows, 0)
    return Summary(n_rows, n, tuple(low), tuple(high), mean, variance * n)
