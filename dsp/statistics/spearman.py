"""Spearman's rank correlation of two measures."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsp.records import Association
from dsp.statistics.base import chunks
from dsp.statistics.frame import Frame, Pair, association
from dsp.statistics.inference import Test, fisher_interval, pearson_test
from dsp.statistics.pearson import has_gaps

MOST_RANKS = 8_000_000
"""Values that are sorted at most: rows times columns."""
MOST_ROWS = 2_000_000
"""Rows that are ranked at most."""
_PAIRS = 30


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
        found: list[Association] = []
        for part in chunks(pairs, _PAIRS):
            found += _measured(frame, part)
        return found


def _rank(number: str) -> str:
    """Return SQL of twice the average rank, a whole number; null for null.

    Values of equal rank lie between `rank` and the count up to them.
    """
    return (
        f"case when {number} is not null then rank() over (order by {number}) "
        f"+ count({number}) over (order by {number}) end"
    )


def _measured(frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
    names = sorted({name for pair in pairs for name in pair})
    index = {name: i for i, name in enumerate(names)}
    ranks = ", ".join(
        f"{_rank(frame.column(name).number)} as r{i}" for i, name in enumerate(names)
    )
    terms = ", ".join(
        _terms(frame, *pair, index[pair[0]], index[pair[1]]) for pair in pairs
    )
    row = frame.engine.rows(f"select {terms} from (select {ranks} from {frame.source})")[
        0
    ]
    return [
        _association(frame, pair, row[6 * k], row[6 * k + 1 : 6 * k + 6])
        for k, pair in enumerate(pairs)
    ]


def _terms(frame: Frame, a: str, b: str, i: int, j: int) -> str:
    with_b = f" filter (where r{j} is not null)" if has_gaps(frame, b) else ""
    with_a = f" filter (where r{i} is not null)" if has_gaps(frame, a) else ""
    squares = (f"r{i}::hugeint * r{i}", f"r{j}::hugeint * r{j}", f"r{i}::hugeint * r{j}")
    return (
        f"count(r{i}){with_b}, sum(r{i}){with_b}, sum(r{j}){with_a}, "
        f"sum({squares[0]}){with_b}, sum({squares[1]}){with_a}, sum({squares[2]})"
    )


def _association(frame: Frame, pair: Pair, n: int, sums: Sequence[int]) -> Association:
    rho = _correlation(n, [s or 0 for s in sums])
    test = None if rho is None else pearson_test(rho, n)
    inflation = 1.0 if rho is None else 1 + rho * rho / 2
    gaps = has_gaps(frame, pair[0]) or has_gaps(frame, pair[1])
    reason = "ranks are over all values of each column" if gaps else None
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
    x, y, xx, yy, xy = map(int, sums)
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
