"""Measures in which few rows carry much of the total."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
            c, moments = scene.columns[name], scene.moments[name]
            if number.event is not None or c.skewness is None or c.q50 is None:
                continue
            if c.skewness < MIN_SKEWNESS or moments.n < MIN_ROWS or c.q50 <= 0:
                continue
            if moments.mean < 1.25 * c.q50 or (c.min_number or 0) < 0:
                continue
            listed.append(
                Candidate(
                    kind="heavy_tail",
                    columns=(name,),
                    baseline=c.q50,
                    value=moments.mean,
                    effect_name="skewness",
                    effect=c.skewness,
                    n_rows=moments.n,
                    impact=1.0,
                    evidence_sql=(
                        f"select avg({number.sql}) as value,\n"
                        f"    median({number.sql}) as baseline,\n"
                        f"    count({number.sql}) as n_rows\nfrom {scene.source}"
                    ),
                    shape="fact",
                    facts={"form": "heavy_tail"},
                )
            )
        return Found(candidates=tuple(listed))


plugin = HeavyTail()
