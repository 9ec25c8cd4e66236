"""Exact sums of products for many pairs of columns, gaps left out pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations_with_replacement

from dsp.engine.duckdb_engine import DuckEngine
from dsp.statistics.base import chunks
from dsp.statistics.frame import Pair

Sums = tuple[int, int, int, int, int, int]
"""Rows with both values, and the sums of x, y, x², y² and xy over them."""

_COLUMNS = 16
"""Columns on each side of the pairs of one query."""
_GAPPY = 5
"""Columns with gaps among them: rows are grouped by which of these are missing."""


def cross_products(
    engine: DuckEngine,
    pairs: Sequence[Pair],
    inner: Callable[[Sequence[str]], str],
    product: str,
    gappy: frozenset[str],
) -> dict[Pair, Sums]:
    """Return the sums of every pair, from one scan for each block of columns.

    Parameters
    ----------
    pairs
        Two different columns each.
    inner
        Gives, for columns, a query with ``z0, a0, b0, z1 ...``: a value, and whole
        numbers that stand for it and for its square; null where the column has a gap.
    product
        SQL of the whole number that stands for the product of ``{x}`` and ``{y}``.
    gappy
        Columns that have gaps. A filter on every sum would cost more than all sums:
        rows are grouped by their gaps instead, and groups added up here.
    """
    names = sorted({name for pair in pairs for name in pair})
    blocks = list(_blocks(names, gappy))
    place = {name: i for i, block in enumerate(blocks) for name in block}
    by_block: dict[tuple[int, int], list[Pair]] = {}
    for pair in pairs:
        low, high = sorted((place[pair[0]], place[pair[1]]))
        by_block.setdefault((low, high), []).append(pair)
    found: dict[Pair, Sums] = {}
    for key in combinations_with_replacement(range(len(blocks)), 2):
        if key in by_block:
            found |= _sums(engine, by_block[key], inner, product, gappy)
    return found


def _blocks(names: Sequence[str], gappy: frozenset[str]) -> Iterator[Sequence[str]]:
    yield from chunks([name for name in names if name not in gappy], _COLUMNS)
    yield from chunks([name for name in names if name in gappy], _GAPPY)


def _sums(
    engine: DuckEngine,
    pairs: Sequence[Pair],
    inner: Callable[[Sequence[str]], str],
    product: str,
    gappy: frozenset[str],
) -> dict[Pair, Sums]:
    names = sorted({name for pair in pairs for name in pair})
    index = {name: i for i, name in enumerate(names)}
    bits = {name: 1 << k for k, name in enumerate(n for n in names if n in gappy)}
    mask = " + ".join(
        f"case when z{index[name]} is null then {bit} else 0 end"
        for name, bit in bits.items()
    )
    own = ", ".join(f"sum(a{i}), sum(b{i})" for i in range(len(names)))
    both = ", ".join(
        f"sum({product.format(x=f'z{index[a]}', y=f'z{index[b]}')})" for a, b in pairs
    )
    rows = engine.rows(
        f"select {mask or 0}, count(*), {own}, {both} from ({inner(names)}) group by 1"
    )
    return {
        pair: _added(
            rows,
            bits.get(pair[0], 0) | bits.get(pair[1], 0),
            (2 + 2 * index[pair[0]], 2 + 2 * index[pair[1]]),
            2 + 2 * len(names) + k,
        )
        for k, pair in enumerate(pairs)
    }


def _added(
    rows: Sequence[Sequence[int | None]], gaps: int, own: tuple[int, int], both: int
) -> Sums:
    """Add up the groups of rows that have both values."""
    places = (1, own[0], own[1], own[0] + 1, own[1] + 1, both)
    known = [row for row in rows if not (row[0] or 0) & gaps]
    n, x, y, xx, yy, xy = (sum(int(row[at] or 0) for row in known) for at in places)
    return n, x, y, xx, yy, xy
