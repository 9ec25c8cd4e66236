"""Single dates that are far out of line with their neighbours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.timeline import Series, rolling_median, weekly_pattern
from dsp.detectors.trend import time_columns
from dsp.inference.tails import t_tails

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_POINTS = 30
MIN_Z = 6.0
MIN_CHANGE = 0.1
MIN_ERRORS = 4.0
"""One wild row moves a mean by about one of its own standard errors, not by four."""
MAX_DATES = 3


class PointAnomaly:
    """A single date is out of line."""

    name = "point_anomaly"

    def detect(self, scene: Scene) -> Found:
        """Compare each day or month with the median of its neighbours."""
        line = scene.timeline
        if line is None or line.bucket == "year":
            return Found()
        listed: list[Candidate] = []
        all_series = [s for s in line.all_series() if len(s.x) >= MIN_POINTS]
        for series in all_series:
            listed += _anomalies(scene, series)
        return found(listed, len(all_series))


def _anomalies(scene: Scene, series: Series) -> list[Candidate]:
    import numpy as np

    timeline = scene.timeline
    if timeline is None:
        return []
    pattern = weekly_pattern(series) if timeline.is_daily else np.zeros(len(series.x))
    usual = rolling_median(series.value)
    rest = series.value - pattern - rolling_median(series.value - pattern)
    if series.name is not None:
        # A mean of few rows strays more.
        rest = rest * np.minimum(1.0, np.sqrt(series.n / np.median(series.n)))
    z = _robust_z(rest)
    if z is None:
        return []
    listed = []
    edge = {0, len(z) - 1} if series.name is None else set()
    for at in np.argsort(-np.abs(z), kind="stable")[:MAX_DATES]:
        i = int(at)
        if i in edge:
            continue
        value, expected = float(series.value[i]), float(usual[i])
        date = series.dates[i].isoformat()
        change = abs(value - expected) / max(abs(expected), 1e-300)
        listed.append(
            Candidate(
                kind="point_anomaly",
                columns=time_columns(scene, series),
                target=series.name,
                time_start=date,
                time_end=date,
                direction="up" if value > expected else "down",
                baseline=expected,
                value=value,
                effect_name="robust_z",
                effect=float(z[i]),
                n_rows=int(series.n[i]),
                impact=float(series.n[i] / series.n.sum()),
                test="robust z against neighbours, tail fitted",
                unit=timeline.bucket,
                statistic=float(z[i]),
                p_value=min(1.0, len(z) * _tail(np.delete(z, i), float(z[i]))),
                is_large=abs(z[i]) >= MIN_Z
                and change >= MIN_CHANGE
                and abs(value - expected) >= MIN_ERRORS * float(series.error[i]),
                evidence_sql=evidence.usual_series(
                    scene, timeline.column, timeline.bucket, series.name
                ),
                shape="series",
                facts={
                    "form": "anomaly",
                    "bucket": timeline.bucket,
                    "event": None
                    if series.name is None
                    else scene.numbers[series.name].event,
                },
            )
        )
    return listed


def _robust_z(rest: Any) -> Any:
    """Return residuals in robust standard deviations, or None without spread."""
    import numpy as np

    middle = np.median(rest)
    spread = 1.4826 * float(np.median(np.abs(rest - middle)))
    wide = float(np.subtract(*np.percentile(rest, [95, 5]))) / 3.29
    spread = max(spread, wide)
    return (rest - middle) / spread if spread > 0 else None


def _tail(others: Any, z: float) -> float:
    """Return the two-sided tail of t with the kurtosis of all other usual points."""
    import numpy as np

    usual = others[np.argsort(np.abs(others), kind="stable")[: len(others) - MAX_DATES]]
    centred = usual - usual.mean()
    m2 = float((centred**2).mean())
    kurtosis = float((centred**4).mean()) / m2**2 - 3 if m2 > 0 else 0.0
    df = 4 + 6 / kurtosis if kurtosis > 0.05 else 120.0
    scale = math.sqrt(m2 * (df - 2) / df) if m2 > 0 else 1.0
    return t_tails(z / max(scale, 1.0), df)


plugin = PointAnomaly()
