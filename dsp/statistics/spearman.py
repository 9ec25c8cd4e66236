"""Spearman's rank correlation of two measures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from dsp.errors import CancelledError, QueryError
from dsp.inference.base import Test
from dsp.inference.correlation import fisher_interval, pearson_test
from dsp.records import Association
from dsp.statistics.frame import Frame, Pair, association
from dsp.statistics.pearson import gappy
from dsp.statistics.products import Products

MOST_RANKS = 8_000_000
"""Values that are sorted at most: rows times columns."""
MOST_ROWS = 2_000_000
"""Rows that are ranked at most."""
_REPEATS = 20
"""Rows by distinct value from which ranks are looked up by value."""


class Spearman:
    """Pearson's correlation of the ranks, average ranks for ties.

    Ranks are taken once over all values of a column. Where a column has gaps they are
    not taken again for the rows that have both values, and `reason` says so.
    """

    name = "spearman"
    kinds = ("measure", "measure")

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return the rank correlation of each pair with its interval and t test."""
        names = {name for pair in pairs for name in pair}
        if frame.n_rows > MOST_ROWS or frame.n_rows * len(names) > MOST_RANKS:
            return [_skipped(frame, pair) for pair in pairs]
        gaps = gappy(frame, pairs)
        with _ranked(frame, sorted(names)) as inner:
            sums = Products(frame.engine, inner, "{x} * {y}", gaps).sums(pairs)
        return [_association(frame, pair, gaps, *sums[pair]) for pair in pairs]


@contextmanager
def _ranked(
    frame: Frame, names: Sequence[str]
) -> Iterator[Callable[[Sequence[str]], str]]:
    """Lend a table of twice the ranks (below 2^32, so products fit 64 bits).

    Each column is ranked by itself and put back into the order of the rows: one window
    over all columns would sort every column with every other. Where values repeat, the
    ranks of the few distinct values are looked up instead.
    """
    engine = frame.engine
    index = {name: i for i, name in enumerate(names)}
    values, ranks = (f"temp.dsp_{kind}_{id(frame)}" for kind in ("values", "ranks"))
    listed = ", ".join(f"{frame.column(n).number} as v{i}" for n, i in index.items())
    columns = ", ".join(f"s{i}.r as r{i}" for i in index.values())
    parts = " positional join ".join(
        f"({(_looked_up if _repeats(frame, name) else _sorted)(values, i)}) as s{i}"
        for name, i in index.items()
    )

    def inner(some: Sequence[str]) -> str:
        picked = ", ".join(
            f"r{index[name]} as z{i}, z{i} as a{i}, z{i} * z{i} as b{i}"
            for i, name in enumerate(some)
        )
        return f"select {picked} from {ranks}"

    try:
        engine.execute(
            f"create temp table {values} as select {listed} from {frame.source}"
        )
        engine.execute(f"create temp table {ranks} as select {columns} from {parts}")
        yield inner
    finally:
        for name in (ranks, values):
            # A cancelled connection may refuse; the tables end with it.
            with suppress(QueryError, CancelledError):
                engine.execute(f"drop table if exists {name}")


def _repeats(frame: Frame, name: str) -> bool:
    return frame.profiles[name].n_distinct * _REPEATS <= frame.n_rows


def _sorted(values: str, i: int) -> str:
    return (
        f"select case when v{i} is not null then r end as r from "
        f"(select rowid as k, v{i}, rank() over w + count(v{i}) over w as r "
        f"from {values} window w as (order by v{i})) order by k"
    )


def _looked_up(values: str, i: int) -> str:
    return (
        f"select m.r from {values} as t left join (select v{i} as v, cast("
        f"2 * sum(n) over (order by v{i}) - n + 1 as bigint) as r from (select v{i}, "
        f"count(*) as n from {values} where v{i} is not null group by 1)) as m "
        f"on t.v{i} = m.v order by t.rowid"
    )


def _rank(number: str) -> str:
    """Return SQL of twice the average rank, a whole number; null for null.

    Values of equal rank lie between `rank` and the count up to them.
    """
    return (
        f"case when {number} is not null then rank() over (order by {number}) "
        f"+ count({number}) over (order by {number}) end"
    )


def _association(
    frame: Frame, pair: Pair, gaps: frozenset[str], n: int, *sums: int
) -> Association:
    rho = _correlation(n, sums)
    test = None if rho is None else pearson_test(rho, n)
    inflation = 1.0 if rho is None else 1 + rho * rho / 2
    has_gaps = not gaps.isdisjoint(pair)
    reason = "ranks are over all values of each column" if has_gaps else None
    return association(
        pair,
        "spearman",
        rho,
        n_rows=n,
        evidence_sql=_evidence(frame, pair),
        test=test and Test("t test of rank correlation", test.statistic, test.p_value),
        interval=None if rho is None else fisher_interval(rho, n, inflation=inflation),
        is_signed=True,
        reason="a column does not vary over the rows with both"
        if rho is None
        else reason,
    )


def _correlation(n: int, sums: Sequence[int]) -> float | None:
    x, y, xx, yy, xy = sums
    spread_x, spread_y = n * xx - x * x, n * yy - y * y
    if n < 2 or spread_x <= 0 or spread_y <= 0:
        return None
    product = math.isqrt((spread_x * spread_y) << 120)
    return max(-1.0, min(1.0, ((n * xy - x * y) << 60) / product))


def _skipped(frame: Frame, pair: Pair) -> Association:
    return association(
        pair,
        "spearman",
        None,
        n_rows=frame.n_rows,
        evidence_sql=_evidence(frame, pair),
        reason=f"too many values to rank: more than {MOST_RANKS:,}",
    )


def _evidence(frame: Frame, pair: Pair) -> str:
    first, second = (_rank(frame.column(name).number) for name in pair)
    return (
        "select corr(rank_a, rank_b) as value, count(*) as n_rows\n"
        f"from (\n    select {first} as rank_a,\n        {second} as rank_b\n"
        f"    from {frame.source}\n)\n"
        "where rank_a is not null\n    and rank_b is not null"
    )


plugin = Spearman()
