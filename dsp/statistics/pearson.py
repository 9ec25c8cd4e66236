"""Pearson's correlation of two measures, from sums of products around their means."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.inference.correlation import fisher_interval, pearson_test
from dsp.records import Association
from dsp.statistics.frame import Frame, Pair, association
from dsp.statistics.sums import Spread, correlation


class Pearson:
    """Linear correlation of the rows that have both values."""

    name = "pearson"
    kinds = ("measure", "measure")
    on_demand = False

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return the correlation of each pair with Fisher's interval and t test."""
        return [_association(frame, pair, frame.spread(*pair)) for pair in pairs]


def gappy(frame: Frame, pairs: Sequence[Pair]) -> frozenset[str]:
    """Return the measures that have rows without a finite value."""
    profiles = {name: frame.profiles[name] for pair in pairs for name in pair}
    return frozenset(
        name
        for name, profile in profiles.items()
        if profile.n_null + profile.n_nan + profile.n_infinite > 0
    )


def _association(frame: Frame, pair: Pair, spread: Spread) -> Association:
    r, n = correlation(spread), spread.n
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
