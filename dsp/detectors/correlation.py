"""Measures that move together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import evidence_sql as evidence
from dsp.detectors import significance as tests
from dsp.detectors.base import Candidate, Found, found

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_R = 0.1


class Correlation:
    """Two measures move together."""

    name = "correlation"

    def detect(self, scene: Scene) -> Found:
        """Test every pair of measures; pairs with the target are drivers."""
        listed = []
        for (a, b), (n, r) in scene.correlations.items():
            if scene.target in (a, b) or n < 10:
                continue
            outcome = tests.correlation(n, r)
            low, high = tests.fisher_interval(n, r)
            listed.append(
                Candidate(
                    kind="correlation",
                    columns=(a, b),
                    direction="up" if r > 0 else "down",
                    effect_name="pearson_r",
                    effect=r,
                    effect_low=low,
                    effect_high=high,
                    n_rows=n,
                    impact=r * r,
                    test="Pearson correlation",
                    statistic=outcome.statistic,
                    p_value=outcome.p_value,
                    is_large=abs(r) >= MIN_R,
                    evidence_sql=evidence.relation(scene, a, b),
                    shape="relation",
                    facts={"form": "relation", "x": a},
                )
            )
        return found(listed, len(listed))


plugin = Correlation()
