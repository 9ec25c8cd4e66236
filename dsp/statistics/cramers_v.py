"""Cramér's V of two dimensions, from the table of their counts."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.inference.tables import chi_square, cramers_v
from dsp.records import Association
from dsp.statistics.frame import Frame, Pair, Table, association


class CramersV:
    """Strength of the relation of two dimensions, corrected for bias (0-1)."""

    name = "cramers_v"
    kinds = ("dimension", "dimension")

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return V of each pair with its chi-square test."""
        tables = frame.counted(pairs)
        return [_association(frame, pair, tables[pair]) for pair in pairs]


def _association(frame: Frame, pair: Pair, counts: Table) -> Association:
    rows = sorted({a for a, _ in counts})
    columns = sorted({b for _, b in counts})
    table = [[counts.get((a, b), 0) for b in columns] for a in rows]
    test = chi_square(table) if table else None
    value = cramers_v(table) if table else None
    return association(
        pair,
        "cramers_v",
        value,
        n_rows=sum(counts.values()),
        evidence_sql=f"{frame.pair_sql(*pair)}\norder by 1, 2",
        test=test,
        reason=None
        if value is not None
        else "a column has one value in the rows of both",
    )


plugin = CramersV()
