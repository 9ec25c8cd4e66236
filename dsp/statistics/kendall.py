"""Kendall's rank correlation of two measures."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.inference.dense_ranks import Codes, with_both
from dsp.inference.kendall import kendall
from dsp.records import Association
from dsp.statistics.frame import MOST_BYTES, Frame, Pair, association


class Kendall:
    """Tau-b: concordant less discordant pairs of rows, ties taken into account."""

    name = "kendall"
    kinds = ("measure", "measure")
    on_demand = True

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return tau-b of each pair, over the rows with both, and its test."""
        names = list(dict.fromkeys(name for pair in pairs for name in pair))
        if not frame.fits_in_memory(len(names)):
            reason = f"its ranks need more than {MOST_BYTES // 1024**2:,} MB"
            sizes = [frame.spread(*pair).n for pair in pairs]
            return [
                association(
                    pair,
                    self.name,
                    None,
                    n_rows=n,
                    evidence_sql=_evidence(frame, pair),
                    reason=reason,
                )
                for pair, n in zip(pairs, sizes, strict=True)
            ]
        codes = frame.codes(names)
        return [_measured(frame, pair, codes[pair[0]], codes[pair[1]]) for pair in pairs]


def _measured(frame: Frame, pair: Pair, a: Codes, b: Codes) -> Association:
    x, y = with_both(a, b)
    tau, test = kendall(x, y)
    return association(
        pair,
        "kendall",
        tau,
        n_rows=len(x[0]),
        evidence_sql=_evidence(frame, pair),
        test=test,
        is_signed=True,
        reason="a column does not vary over the rows with both" if tau is None else None,
    )


def _evidence(frame: Frame, pair: Pair) -> str:
    """Return SQL that counts the rows by both values, which is all that tau needs."""
    a, b = (frame.column(name).number for name in pair)
    return (
        f"select {a} as a, {b} as b, count(*) as n_rows\nfrom {frame.source}\n"
        f"where {a} is not null\n    and {b} is not null\ngroup by 1, 2\norder by 1, 2"
    )


plugin = Kendall()
