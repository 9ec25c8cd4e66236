"""Measures in which few rows carry much of the total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import fact_words
from dsp.detectors.base import Candidate, Found

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_SKEWNESS = 2.0
MIN_ROWS = 100


class HeavyTail:
    """A long right tail: the mean lies far above the median."""

    name = "heavy_tail"

    def detect(self, scene: Scene) -> Found:
        """Read skewness and median of the profile, confirm the mean."""
        listed = []
        for name, number in scene.numbers.items():
            c, m = scene.columns[name], scene.frame.measures.get(name)
            if m is None or number.event is not None:
                continue
            if c.skewness is None or c.q50 is None or c.q50 <= 0:
                continue
            if c.skewness < MIN_SKEWNESS or m.n < MIN_ROWS:
                continue
            if m.x[m.has].mean() < 1.25 * c.q50 or (c.min_number or 0) < 0:
                continue
            listed.append(
                Candidate(
                    kind="heavy_tail",
                    columns=(name,),
                    effect_name="skewness",
                    effect=c.skewness,
                    n_rows=m.n,
                    impact=1.0,
                    evidence_sql=(
                        f"select avg({number.sql}) as value,\n"
                        f"    median({number.sql}) as baseline,\n"
                        f"    count({number.sql}) as n_rows,\n"
                        f"    skewness({number.sql}) as skewness\nfrom {scene.source}"
                    ),
                    shape="fact",
                    say=fact_words.heavy_tail,
                )
            )
        return Found(candidates=tuple(listed))


plugin = HeavyTail()
