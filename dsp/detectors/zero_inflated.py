"""Measures that are exactly zero in many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import fact_words
from dsp.detectors.base import Candidate, Found

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_SHARE = 0.3
MIN_ROWS = 100
MIN_VALUES = 10
TIMES = 3.0
"""Zeros must be this many times as frequent as the next value."""


class ZeroInflated:
    """Many zeros."""

    name = "zero_inflated"

    def detect(self, scene: Scene) -> Found:
        """Count zeros and the next most frequent value in the frame."""
        import numpy as np

        listed = []
        for m in scene.frame.measures.values():
            if m.event is not None or m.n < MIN_ROWS:
                continue
            values, count = np.unique(m.x[m.has], return_counts=True)
            zeros = int(count[values == 0].sum())
            share = zeros / m.n
            if share < MIN_SHARE or len(values) < MIN_VALUES:
                continue
            if zeros < TIMES * int(count[values != 0].max()):
                continue
            value = scene.value_sql(m.name)
            listed.append(
                Candidate(
                    kind="zero_inflated",
                    columns=(m.name,),
                    effect_name="share_of_rows",
                    effect=share,
                    n_rows=zeros,
                    impact=share,
                    evidence_sql=(
                        f"select avg(cast({value} = 0 as integer)) as value,\n"
                        f"    count({value}) as n_rows,\n"
                        f"    median({value}) filter ({value} <> 0) as baseline\n"
                        f"from {scene.source}"
                    ),
                    shape="fact",
                    say=fact_words.zero_inflated,
                )
            )
        return Found(candidates=tuple(listed))


plugin = ZeroInflated()
