"""Pearson's correlation of two measures, from fixed-point cross-products."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsp.records import Association
from dsp.statistics.base import chunks
from dsp.statistics.frame import Frame, Pair, association
from dsp.statistics.inference import fisher_interval, pearson_test
from dsp.statistics.moments import ONE

_PAIRS = 100
"""Pairs in one query."""


class Pearson:
    """Linear correlation of the rows that have both values."""

    name = "pearson"
    kinds = ("measure", "measure")

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return the correlation of each pair with Fisher's interval and t test."""
        found: list[Association] = []
        for part in chunks(pairs, _PAIRS):
            found += _measured(frame, part)
        return found


def correlation(n: int, sums: Sequence[int]) -> float | None:
    """Return r from sums of x, y, x², y² and xy in units of 2^-62, or None.

    Exact integer arithmetic up to the last division.
    """
    x, y, xx, yy, xy = sums
    spread_x, spread_y = n * xx * ONE - x * x, n * yy * ONE - y * y
    if n < 2 or spread_x <= 0 or spread_y <= 0:
        return None
    r = (n * xy * ONE - x * y) / math.isqrt(spread_x * spread_y)
    return max(-1.0, min(1.0, r))


def _measured(frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
    names = sorted({name for pair in pairs for name in pair})
    index = {name: i for i, name in enumerate(names)}
    z = ", ".join(
        f"{frame.scale(n).sql(frame.column(n).number)} as z{index[n]}" for n in names
    )
    integers = ", ".join(
        f"z{i}, cast(z{i} * {ONE}e0 as bigint) as a{i}, "
        f"cast(z{i} * z{i} * {ONE}e0 as bigint) as b{i}"
        for i in range(len(names))
    )
    terms = ", ".join(
        _terms(frame, *pair, index[pair[0]], index[pair[1]]) for pair in pairs
    )
    row = frame.engine.rows(
        f"select {terms} from (select {integers} from (select {z} from {frame.source}))"
    )[0]
    found = []
    for k, pair in enumerate(pairs):
        n, *sums = row[6 * k : 6 * k + 6]
        found.append(_association(frame, pair, n, [s or 0 for s in sums]))
    return found


def _terms(frame: Frame, a: str, b: str, i: int, j: int) -> str:
    """Return the six aggregates of a pair: n, x, y, x², y² and xy."""
    # A filter costs a pass over the column: only where the other one has gaps.
    with_b = f" filter (where z{j} is not null)" if has_gaps(frame, b) else ""
    with_a = f" filter (where z{i} is not null)" if has_gaps(frame, a) else ""
    product = f"sum(cast(z{i} * z{j} * {ONE}e0 as bigint))"
    return (
        f"count(a{i}){with_b}, sum(a{i}){with_b}, sum(a{j}){with_a}, "
        f"sum(b{i}){with_b}, sum(b{j}){with_a}, {product}"
    )


def has_gaps(frame: Frame, name: str) -> bool:
    """Tell whether a measure has rows without a finite value."""
    profile = frame.profiles[name]
    return profile.n_null + profile.n_nan + profile.n_infinite > 0


def _association(frame: Frame, pair: Pair, n: int, sums: Sequence[int]) -> Association:
    r = correlation(n, sums)
    a, b = frame.column(pair[0]).number, frame.column(pair[1]).number
    evidence = (
        f"select corr({frame.centred(pair[0])}, {frame.centred(pair[1])}) as value, "
        f"count(*) as n_rows\nfrom {frame.source}\n"
        f"where {a} is not null\n    and {b} is not null"
    )
    return association(
        pair,
        "pearson",
        r,
        n_rows=n,
        evidence_sql=evidence,
        test=None if r is None else pearson_test(r, n),
        interval=None if r is None else fisher_interval(r, n),
        is_signed=True,
        reason="a column does not vary over the rows with both" if r is None else None,
    )


plugin = Pearson()
