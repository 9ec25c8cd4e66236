"""Categories that depend on each other."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from dsp.detectors import evidence_sql as evidence
from dsp.detectors import significance as tests
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.grouping import share_contrast
from dsp.detectors.scene import MAX_PAIRED

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_V = 0.1


class AssociationDetector:
    """Two categories depend on each other."""

    name = "association"

    def detect(self, scene: Scene) -> Found:
        """Test pairs of the twelve dimensions nearest to the target."""
        names = [c.column_name for c in scene.dimensions if c.column_name != scene.target]
        listed = []
        for a, b in combinations(names[:MAX_PAIRED], 2):
            left, right, counts = scene.table_of(a, b)
            outcome = tests.contingency(counts)
            if outcome is None:
                continue
            ends = share_contrast(left, right, counts)
            listed.append(
                Candidate(
                    kind="association",
                    columns=(a, b),
                    baseline=ends.low,
                    value=ends.high,
                    effect_name="cramers_v",
                    effect=outcome.effect,
                    n_rows=int(counts.sum()),
                    impact=outcome.effect**2,
                    test="chi-squared",
                    statistic=outcome.statistic,
                    p_value=outcome.p_value,
                    is_large=outcome.effect >= MIN_V,
                    evidence_sql=evidence.share_bars(scene, a, b, ends.of),
                    shape="bars",
                    facts={
                        "form": "shares",
                        "dimension": a,
                        "of": b,
                        "wanted": ends.of,
                        "high_label": ends.high_label,
                        "low_label": ends.low_label,
                    },
                )
            )
        return found(listed, len(listed))


plugin = AssociationDetector()
