"""Spearman's rank correlation of two measures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dsp.inference.base import Test
from dsp.inference.correlation import fisher_interval, pearson_test
from dsp.inference.dense_ranks import centred_ranks, with_both
from dsp.records import Association
from dsp.statistics.frame import Frame, Pair, association
from dsp.statistics.pearson import gappy

MOST_VALUES = 4_000_000
"""Values that are ranked when nobody asks for it: rows by columns."""
MOST_AGAIN = 8_000_000
"""Values that are ranked again for the rows with both: rows by pairs with gaps."""


class Spearman:
    """Pearson's correlation of ranks in the rows with both, average ranks for ties."""

    name = "spearman"
    kinds = ("measure", "measure")
    on_demand = False

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return the rank correlation of each pair with its interval and t test."""
        with_gaps = gappy(frame, pairs)
        again = {pair for pair in pairs if not with_gaps.isdisjoint(pair)}
        names = {name for pair in pairs for name in pair}
        n_values, n_again = (frame.n_rows * len(found) for found in (names, again))
        is_asked = frame.is_asked(self.name)
        wanted = list(pairs) if is_asked or n_values <= MOST_VALUES else []
        if n_again > MOST_AGAIN and not is_asked:
            wanted = [pair for pair in wanted if pair not in again]
        found = dict(zip(wanted, _ranked(frame, wanted), strict=True))
        too_many = (
            (n_values, MOST_VALUES) if n_values > MOST_VALUES else (n_again, MOST_AGAIN)
        )
        return [found.get(pair) or _skipped(frame, pair, *too_many) for pair in pairs]


def _ranked(frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    if not frame.fits_in_memory(len(names)):
        return [_queried(frame, pair) for pair in pairs]
    codes = frame.codes(names)
    whole: dict[str, Any] = {}
    found = []
    for pair in pairs:
        ranks = []
        for name, (own, n) in zip(
            pair, with_both(*(codes[name] for name in pair)), strict=True
        ):
            is_whole = own is codes[name][0]
            known = whole.get(name) if is_whole else None
            ranks.append(centred_ranks(own, n) if known is None else known)
            if is_whole and frame.n_rows * len(whole) < MOST_VALUES:
                whole[name] = ranks[-1]
        found.append(_measured(frame, pair, *ranks))
    return found


def _measured(frame: Frame, pair: Pair, x: Any, y: Any) -> Association:
    # Sums, not products of vectors: for those the linear algebra library starts threads.
    xx, yy, xy = (float((u * v).sum()) for u, v in ((x, x), (y, y), (x, y)))
    size = math.sqrt(xx) * math.sqrt(yy)
    rho = max(-1.0, min(1.0, xy / size)) if size > 0 else None
    return _association(frame, pair, len(x), rho)


def _skipped(frame: Frame, pair: Pair, n_values: int, most: int) -> Association:
    reason = (
        f"{n_values:,} values to rank are more than {most:,}: "
        'ask for it with measures=["spearman"]'
    )
    return _association(frame, pair, frame.spread(*pair).n, None, reason)


def _queried(frame: Frame, pair: Pair) -> Association:
    """Rank in the database, which spills to disk."""
    rho, n = frame.engine.rows(_evidence(frame, pair))[0]
    is_known = rho is not None and math.isfinite(rho)
    return _association(frame, pair, n, max(-1.0, min(1.0, rho)) if is_known else None)


def _association(
    frame: Frame, pair: Pair, n: int, rho: float | None, reason: str | None = None
) -> Association:
    test = None if rho is None else pearson_test(rho, n)
    inflation = 1.0 if rho is None else 1 + rho * rho / 2
    if rho is None and reason is None:
        reason = "a column does not vary over the rows with both"
    return association(
        pair,
        "spearman",
        rho,
        n_rows=n,
        evidence_sql=_evidence(frame, pair),
        test=test and Test("t test of rank correlation", test.statistic, test.p_value),
        interval=None if rho is None else fisher_interval(rho, n, inflation=inflation),
        is_signed=True,
        reason=reason,
    )


def _evidence(frame: Frame, pair: Pair) -> str:
    a, b = (frame.column(name).number for name in pair)
    return (
        "select corr(rank_a, rank_b) as value, count(*) as n_rows\n"
        f"from (\n    select {_rank('a')} as rank_a,\n        {_rank('b')} as rank_b\n"
        f"    from (select {a} as a, {b} as b from {frame.source})\n"
        "    where a is not null\n        and b is not null\n)"
    )


def _rank(name: str) -> str:
    """Return SQL of twice the average rank.

    Values of equal rank lie between `rank` and the count up to them.
    """
    return f"rank() over (order by {name}) + count({name}) over (order by {name})"


plugin = Spearman()
