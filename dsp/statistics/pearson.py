"""Pearson's correlation of two measures, from fixed-point cross-products."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsp.inference.correlation import fisher_interval, pearson_test
from dsp.records import Association
from dsp.statistics.frame import Frame, Pair, association
from dsp.statistics.moments import ONE
from dsp.statistics.products import Products


class Pearson:
    """Linear correlation of the rows that have both values."""

    name = "pearson"
    kinds = ("measure", "measure")

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return the correlation of each pair with Fisher's interval and t test."""

        def inner(names: Sequence[str]) -> str:
            z = ", ".join(
                f"{frame.scale(name).sql(frame.column(name).number)} as z{i}"
                for i, name in enumerate(names)
            )
            whole = ", ".join(
                f"z{i}, cast(z{i} * {ONE}e0 as bigint) as a{i}, "
                f"cast(z{i} * z{i} * {ONE}e0 as bigint) as b{i}"
                for i in range(len(names))
            )
            return f"select {whole} from (select {z} from {frame.source})"

        product = f"cast({{x}} * {{y}} * {ONE}e0 as bigint)"
        products = Products(frame.engine, inner, product, gappy(frame, pairs))
        sums = products.sums(pairs)
        return [_association(frame, pair, *sums[pair]) for pair in pairs]


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


def gappy(frame: Frame, pairs: Sequence[Pair]) -> frozenset[str]:
    """Return the measures that have rows without a finite value."""
    profiles = {name: frame.profiles[name] for pair in pairs for name in pair}
    return frozenset(
        name
        for name, profile in profiles.items()
        if profile.n_null + profile.n_nan + profile.n_infinite > 0
    )


def _association(frame: Frame, pair: Pair, n: int, *sums: int) -> Association:
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
