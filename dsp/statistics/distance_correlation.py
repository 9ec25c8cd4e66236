"""Distance correlation of measures with the target."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.inference.distance import distance_correlation
from dsp.records import Association
from dsp.statistics.frame import Frame, Pair, association


class DistanceCorrelation:
    """How far a measure and the target are from independent, whatever the shape (0-1).

    Over all rows with both up to 5,000 rows of the table (200,000 when it is asked for);
    beyond, over about as many that are drawn by row number, and `method` says so.
    """

    name = "distance_correlation"
    kinds = ("measure", "measure")
    on_demand = False

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return the distance correlation with the target, and its test."""
        aimed = [pair for pair in pairs if frame.target in pair]
        return [_association(frame, pair) for pair in aimed]


def _association(frame: Frame, pair: Pair) -> Association:
    import numpy as np

    samples, draw = frame.statistics.samples, frame.draw
    x, y = samples[pair]
    both = np.isfinite(x) & np.isfinite(y)
    value, test = distance_correlation(x[both], y[both])
    a, b = (frame.column(name).number for name in pair)
    n_rows = int(both.sum())
    return association(
        pair,
        "distance_correlation",
        value,
        n_rows=n_rows,
        evidence_sql=(
            f"select {a} as a, {b} as b, 1 as n_rows\nfrom {draw.of(frame.source)}\n"
            f"where {a} is not null\n    and {b} is not null"
        ),
        test=test,
        method=None if draw.is_all else f"a sample of {n_rows:,} rows by row number",
        reason=None if value is not None else "a column does not vary over the rows",
    )


plugin = DistanceCorrelation()
