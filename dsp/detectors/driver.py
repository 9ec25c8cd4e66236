"""Which columns move the target: correlation, group means, or shares of its classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import evidence_sql as evidence
from dsp.detectors import significance as tests
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.grouping import Contrast, contrast, share_contrast

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_R = 0.1
COPY_R = 0.995
"""From here on a measure is a copy of the target, which is leakage."""
MIN_OMEGA = 0.01
MIN_V = 0.1


class Driver:
    """A column moves the target, linearly or as group means."""

    name = "driver"

    def detect(self, scene: Scene) -> Found:
        """Test every measure and dimension against the target."""
        target, task = scene.target, scene.target_task
        if target is None or task is None:
            return Found()
        tested = [
            *([] if task == "classes" else self._measures(scene, target)),
            *self._dimensions(scene, target, task),
        ]
        if task == "classes":
            tested += self._classes(scene, target)
        return found([c for c in tested if c is not None], len(tested))

    def _measures(self, scene: Scene, target: str) -> list[Candidate | None]:
        listed: list[Candidate | None] = []
        for (a, b), (n, r) in scene.correlations.items():
            if target not in (a, b) or n < 10:
                continue
            x = b if a == target else a
            outcome = tests.correlation(n, r)
            low, high = tests.fisher_interval(n, r)
            listed.append(
                Candidate(
                    kind="driver",
                    columns=(x, target),
                    target=target,
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
                    is_large=MIN_R <= abs(r) < COPY_R,
                    evidence_sql=evidence.relation(scene, x, target),
                    shape="relation",
                    facts={"form": "relation", "x": x, "event": scene.event},
                )
            )
        return listed

    def _dimensions(self, scene: Scene, target: str, task: str) -> list[Candidate | None]:
        listed: list[Candidate | None] = []
        for profile in scene.dimensions:
            dimension = profile.column_name
            if dimension == target:
                continue
            if task == "classes":
                listed.append(_shares(scene, dimension, target))
            else:
                listed.append(means(scene, dimension, target))
        return listed

    def _classes(self, scene: Scene, target: str) -> list[Candidate | None]:
        return [
            means(scene, target, name, target=target)
            for name in scene.numbers
            if name != target
        ]


def means(
    scene: Scene, dimension: str, number: str, *, target: str | None = None
) -> Candidate | None:
    """Compare the means of a number over the values of a dimension."""
    groups = scene.groups(dimension)
    n, mean, var = groups.moments[number]
    kept = n >= 5
    outcome = tests.group_means(n[kept], mean[kept], var[kept])
    if outcome is None:
        return None
    ends: Contrast = contrast(groups.labels, n, mean)
    event = scene.numbers[number].event
    spread = abs(ends.high - ends.low)
    scale = max(abs(ends.high), abs(ends.low))
    return Candidate(
        kind="driver",
        columns=(dimension, number),
        target=target or number,
        baseline=ends.low,
        value=ends.high,
        effect_name="omega_squared",
        effect=outcome.effect,
        n_rows=int(n[kept].sum()),
        impact=outcome.effect,
        test="Welch's F",
        statistic=outcome.statistic,
        p_value=outcome.p_value,
        is_large=outcome.effect >= MIN_OMEGA and spread > 0.02 * scale,
        evidence_sql=evidence.mean_bars(scene, dimension, number),
        shape="bars",
        facts={
            "form": "means",
            "dimension": dimension,
            "number": number,
            "event": event,
            "high_label": ends.high_label,
            "low_label": ends.low_label,
            "n_groups": int(kept.sum()),
        },
    )


def _shares(scene: Scene, dimension: str, target: str) -> Candidate | None:
    labels, classes, counts = scene.table_of(dimension, target)
    outcome = tests.contingency(counts)
    if outcome is None:
        return None
    ends = share_contrast(labels, classes, counts)
    return Candidate(
        kind="driver",
        columns=(dimension, target),
        target=target,
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
        evidence_sql=evidence.share_bars(scene, dimension, target, ends.of),
        shape="bars",
        facts={
            "form": "shares",
            "dimension": dimension,
            "of": target,
            "wanted": ends.of,
            "high_label": ends.high_label,
            "low_label": ends.low_label,
        },
    )


plugin = Driver()
