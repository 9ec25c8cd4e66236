"""Missing values that gather in some values of a dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import evidence_sql as evidence
from dsp.detectors import significance as tests
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.grouping import contrast

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_V = 0.1
MIN_DIFFERENCE = 0.05
MIN_LEAK = 0.9


class MissingDependent:
    """Missingness depends on another column."""

    name = "missing_dependent"

    def detect(self, scene: Scene) -> Found:
        """Test the missingness of each column against each dimension."""
        import numpy as np

        names = [c.column_name for c in scene.dimensions]
        if scene.target_task in ("event", "classes") and scene.target:
            names = [scene.target, *(n for n in names if n != scene.target)]
        listed: list[Candidate] = []
        n_tests = 0
        if not scene.gappy:
            return Found()
        for dimension in names:
            groups = scene.groups(dimension)
            for column, present in groups.present.items():
                missing = groups.n - present
                outcome = tests.contingency(np.column_stack([missing, present]))
                if outcome is None:
                    continue
                n_tests += 1
                if outcome.p_value >= 0.05:
                    continue
                gives_away = dimension == scene.target and outcome.effect >= MIN_LEAK
                ends = contrast(groups.labels, groups.n, missing / groups.n)
                listed.append(
                    Candidate(
                        kind="leakage" if gives_away else "missing_dependent",
                        target=dimension if gives_away else None,
                        columns=(column, dimension),
                        baseline=ends.low,
                        value=ends.high,
                        effect_name="cramers_v",
                        effect=outcome.effect,
                        n_rows=int(groups.n.sum()),
                        impact=float(missing.sum() / groups.n.sum()),
                        test="chi-squared",
                        statistic=outcome.statistic,
                        p_value=outcome.p_value,
                        is_large=outcome.effect >= MIN_V
                        and ends.high - ends.low >= MIN_DIFFERENCE,
                        evidence_sql=evidence.missing_bars(scene, dimension, column),
                        shape="bars",
                        facts={
                            "form": "filled_after" if gives_away else "missing",
                            "high_label": ends.high_label,
                            "low_label": ends.low_label,
                        },
                    )
                )
        return found(listed, n_tests)


plugin = MissingDependent()
