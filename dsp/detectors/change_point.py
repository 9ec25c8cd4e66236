"""A level that changes at a date, where a step explains clearly more than a line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.timeline import Series, long_run_variance, weekly_pattern
from dsp.detectors.trend import event_of, row_sd, time_columns
from dsp.inference.tails import t_tails

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_POINTS = 30
MIN_CHANGE = 0.1
MIN_SD = 0.1
CLEARLY = 8.0


class ChangePoint:
    """A level changes at a date."""

    name = "change_point"

    def detect(self, scene: Scene) -> Found:
        """Look for the best single step in each series."""
        line = scene.timeline
        if line is None:
            return Found()
        listed = [_step(scene, s) for s in line.all_series()]
        tested = [c for c in listed if c is not None]
        return found(tested, len(tested))


def _step(scene: Scene, series: Series) -> Candidate | None:
    import numpy as np
    from scipy.special import kolmogorov

    timeline, n = scene.timeline, len(series.x)
    if timeline is None or n < MIN_POINTS:
        return None
    y = series.value - (weekly_pattern(series) if timeline.is_daily else 0.0)
    y = y - y.mean()
    edge = max(5, n // 20)
    k = np.arange(1, n)
    bridge = np.abs(np.cumsum(y)[:-1])
    # The step that leaves the least: the bridge weighted by where it stands.
    weighted = bridge / np.sqrt(k * (n - k) / n)
    weighted[: edge - 1] = 0
    weighted[n - edge :] = 0
    at = int(np.argmax(weighted)) + 1
    step = np.where(np.arange(n) < at, y[:at].mean(), y[at:].mean())
    rest = y - step
    variance, df = long_run_variance(rest)
    if variance <= 0:
        return None
    jump = float(y[at:].mean() - y[:at].mean())
    t = jump / math.sqrt(variance * (1 / at + 1 / (n - at)))
    supremum = float(bridge[edge - 1 : n - edge].max()) / math.sqrt(n * variance)
    p = max(float(kolmogorov(supremum)), min(1.0, n * t_tails(t, df)))
    before, after = float(series.value[:at].mean()), float(series.value[at:].mean())
    date, spread = series.dates[at].isoformat(), row_sd(scene, series)
    limit = max(MIN_CHANGE * (abs(before) or abs(after)), MIN_SD * spread)
    return Candidate(
        kind="change_point",
        columns=time_columns(scene, series),
        target=series.name,
        time_start=date,
        direction="up" if after > before else "down",
        baseline=before,
        value=after,
        effect_name="relative_change",
        effect=(after - before) / abs(before) if before else None,
        n_rows=int(series.n.sum()),
        impact=max(0.0, 1 - float((rest * rest).sum()) / float((y * y).sum())),
        test="largest step, long-run variance",
        unit=timeline.bucket,
        statistic=supremum,
        p_value=p,
        is_large=abs(after - before) >= limit
        and _beats_line(series.x, y, rest, variance),
        evidence_sql=evidence.step_series(
            scene, timeline.column, timeline.bucket, series.name, date
        ),
        shape="series",
        facts={
            "form": "step",
            "bucket": timeline.bucket,
            "event": event_of(scene, series),
            "n_before": at,
            "n_after": n - at,
            "spread": spread,
        },
    )


def _beats_line(x: object, y: object, rest: object, variance: float) -> bool:
    """Tell whether the step leaves clearly less than a straight line does."""
    import numpy as np

    px, py, pr = np.asarray(x, float), np.asarray(y, float), np.asarray(rest, float)
    dx = px - px.mean()
    line = py - float((dx * py).sum() / (dx * dx).sum()) * dx
    left, kept = float((pr * pr).sum()), float((line * line).sum())
    n_free = len(py) * min(1.0, left / len(py) / variance)
    return left > 0 and n_free * math.log(kept / left) > CLEARLY


plugin = ChangePoint()
