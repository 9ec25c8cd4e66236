"""Cramér's V of two dimensions, from the table of their counts."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.inference.tables import chi_square, cramers_v
from dsp.records import Association
from dsp.statistics.frame import Frame, Pair, association


class CramersV:
    """Strength of the relation of two dimensions, corrected for bias (0-1)."""

    name = "cramers_v"
    kinds = ("dimension", "dimension")
    on_demand = False

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return V of each pair with its chi-square test."""
        return [_association(frame, pair) for pair in pairs]


def _association(frame: Frame, pair: Pair) -> Association:
    counts = frame.table(*pair)
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)].tolist()
    test = chi_square(counts) if counts else None
    value = cramers_v(counts) if counts else None
    return association(
        pair,
        "cramers_v",
        value,
        n_rows=sum(map(sum, counts)),
        evidence_sql=f"{frame.pair_sql(*pair)}\norder by 1, 2",
        test=test,
        reason=None
        if value is not None
        else "a column has one value in the rows of both",
    )


plugin = CramersV()
