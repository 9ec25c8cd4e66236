"""Exact sums of products for many pairs of columns, gaps left out pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dsp.engine.duckdb_engine import DuckEngine
from dsp.statistics.base import chunks
from dsp.statistics.frame import Pair

Sums = tuple[int, int, int, int, int, int]
"""Rows with both values, and the sums of x, y, x², y² and xy over them."""

_COLUMNS = 16
"""Columns on each side of the pairs of one query."""
_GAPPY = 5
"""Columns with gaps among them: rows are grouped by which of these are missing."""


@dataclass(frozen=True, slots=True)
class Products:
    """Whole numbers that stand for the values of columns, ready to be summed.

    Attributes
    ----------
    engine
        The database.
    inner
        Gives, for columns, a query with ``z0, a0, b0, z1 ...``: a value, and whole
        numbers that stand for it and for its square; null where the column has a gap.
    product
        SQL of the whole number that stands for the product of ``{x}`` and ``{y}``.
    gappy
        Columns that have gaps. A filter on every sum would cost more than all sums:
        rows are grouped by their gaps instead, and groups added up here.
    """

    engine: DuckEngine
    inner: Callable[[Sequence[str]], str]
    product: str
    gappy: frozenset[str]

    def sums(self, pairs: Sequence[Pair]) -> dict[Pair, Sums]:
        """Return the sums of every pair, from one scan for each block of columns."""
        blocks = list(_blocks(_names(pairs), self.gappy))
        place = {name: i for i, block in enumerate(blocks) for name in block}
        by_block: dict[tuple[int, ...], list[Pair]] = {}
        for pair in pairs:
            key = tuple(sorted(place[name] for name in pair))
            by_block.setdefault(key, []).append(pair)
        found: dict[Pair, Sums] = {}
        for part in by_block.values():
            found |= self._scan(part)
        return found

    def _scan(self, pairs: Sequence[Pair]) -> dict[Pair, Sums]:
        names = _names(pairs)
        index = {name: i for i, name in enumerate(names)}
        missing = [name for name in names if name in self.gappy]
        bits = {name: 1 << k for k, name in enumerate(missing)}
        mask = " + ".join(
            f"case when z{index[name]} is null then {bit} else 0 end"
            for name, bit in bits.items()
        )
        own = ", ".join(f"sum(a{i}), sum(b{i})" for i in range(len(names)))
        both = ", ".join(
            f"sum({self.product.format(x=f'z{index[a]}', y=f'z{index[b]}')})"
            for a, b in pairs
        )
        rows = self.engine.rows(
            f"select {mask or 0}, count(*), {own}, {both} "
            f"from ({self.inner(names)}) group by 1"
        )
        return {
            (a, b): _added(
                rows,
                bits.get(a, 0) | bits.get(b, 0),
                (2 + 2 * index[a], 2 + 2 * index[b]),
                2 + 2 * len(names) + k,
            )
            for k, (a, b) in enumerate(pairs)
        }


def _names(pairs: Sequence[Pair]) -> list[str]:
    return sorted({name for pair in pairs for name in pair})


def _blocks(names: Sequence[str], gappy: frozenset[str]) -> Iterator[Sequence[str]]:
    yield from chunks([name for name in names if name not in gappy], _COLUMNS)
    yield from chunks([name for name in names if name in gappy], _GAPPY)


def _added(
    rows: Sequence[Sequence[int | None]], gaps: int, own: tuple[int, int], both: int
) -> Sums:
    """Add up the groups of rows that have both values."""
    places = (1, own[0], own[1], own[0] + 1, own[1] + 1, both)
    known = [row for row in rows if not (row[0] or 0) & gaps]
    n, x, y, xx, yy, xy = (sum(int(row[at] or 0) for row in known) for at in places)
    return n, x, y, xx, yy, xy
