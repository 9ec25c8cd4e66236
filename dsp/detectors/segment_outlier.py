"""One value of a dimension whose mean is far from all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp.detectors import evidence_sql as evidence
from dsp.detectors import significance as tests
from dsp.detectors.base import Candidate, Found, found

if TYPE_CHECKING:
    from dsp.detectors.scene import Groups, Scene

MIN_ROWS = 20
MIN_SHARE = 0.6
MIN_SD = 0.2
MIN_CHANGE = 0.1
MAX_NUMBERS = 12


class SegmentOutlier:
    """One category value is far from the others."""

    name = "segment_outlier"

    def detect(self, scene: Scene) -> Found:
        """Test each value against the rest, for the target and the first measures."""
        listed: list[Candidate] = []
        n_tests = 0
        for profile in scene.dimensions:
            if profile.column_name == scene.target:
                continue
            groups = scene.groups(profile.column_name)
            for number in scene.subjects[:MAX_NUMBERS]:
                n, mean, var = groups.moments[number]
                for at in range(len(n)):
                    outcome = _against_rest(n, mean, var, at)
                    if outcome is None:
                        continue
                    n_tests += 1
                    if outcome.p_value >= 0.05:
                        continue
                    listed += _candidate(scene, profile.column_name, number, at, outcome)
        return found(listed, n_tests)


def _against_rest(n: Any, mean: Any, var: Any, at: int) -> Any:
    if n[at] < MIN_ROWS or n.sum() - n[at] < MIN_ROWS or (n >= MIN_ROWS).sum() < 3:
        return None
    own = (float(n[at]), float(mean[at]), float(var[at]))
    return tests.welch(own, _rest(n, mean, var, at))


def _rest(n: Any, mean: Any, var: Any, at: int) -> tuple[float, float, float]:
    """Return rows, mean and variance of all groups but one."""
    import numpy as np

    keep = (np.arange(len(n)) != at) & (n > 0)
    rest, centre, spread = n[keep], mean[keep], var[keep]
    count = float(rest.sum())
    level = float((rest * centre).sum() / count)
    squares = ((rest - 1) * spread + rest * (centre - level) ** 2).sum()
    return count, level, float(squares / max(count - 1, 1))


def _candidate(
    scene: Scene, dimension: str, number: str, at: int, outcome: Any
) -> list[Candidate]:
    groups: Groups = scene.groups(dimension)
    n, mean, var = groups.moments[number]
    count, level, _ = _rest(n, mean, var, at)
    value = float(mean[at])
    change = abs(value - level) / abs(level) if level else float("inf")
    is_large = (
        change >= MIN_CHANGE
        and abs(outcome.effect) >= MIN_SD
        and _explained(n, mean, at) >= MIN_SHARE
    )
    label = groups.labels[at]
    return [
        Candidate(
            kind="segment_outlier",
            columns=(dimension, number),
            target=number,
            segment_column=dimension,
            segment_value=label,
            direction="up" if value > level else "down",
            baseline=level,
            value=value,
            effect_name="cohens_d",
            effect=outcome.effect,
            n_rows=int(n[at]),
            impact=float(n[at] / (n[at] + count)),
            test="Welch's t",
            statistic=outcome.statistic,
            p_value=outcome.p_value,
            is_large=is_large,
            evidence_sql=evidence.outlier_bars(scene, dimension, number, label),
            shape="bars",
            facts={
                "form": "segment",
                "number": number,
                "event": scene.numbers[number].event,
                "n_all": int(n[at] + count),
            },
        )
    ]


def _explained(n: Any, mean: Any, at: int) -> float:
    """Return the part of the variance between groups that one group makes."""
    import numpy as np

    has = n > 0
    total = float(n[has].sum())
    grand = float((n[has] * mean[has]).sum() / total)
    between = float((n[has] * (mean[has] - grand) ** 2).sum())
    if between <= 0 or not np.isfinite(between):
        return 0.0
    own = float(n[at] * (mean[at] - grand) ** 2) * total / max(total - n[at], 1)
    return float(own / between)


plugin = SegmentOutlier()
