"""Single dates that are far out of line with their neighbours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.relations import NEAR
from dsp.detectors.terms import Term
from dsp.detectors.time_words import say_anomaly, time_columns, time_facts
from dsp.detectors.timeline import (
    Series,
    all_series,
    rolling_median,
    series_of,
    weekly_pattern,
)
from dsp.inference.tails import t_tails

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_POINTS = 30
MIN_Z = 6.0
MAX_DATES = 3
FEW = 3
"""Rows a period up to which values count, not ranks."""


class PointAnomaly:
    """A single date is out of line."""

    name = "point_anomaly"

    def detect(self, scene: Scene) -> Found:
        """Compare each day or month with the median of its neighbours."""
        listed: list[Candidate] = []
        tested = [
            _in_units(scene, s)
            for s in all_series(scene.frame)
            if len(s.x) >= MIN_POINTS and s.clock.bucket != "year"
        ]
        for series in tested:
            listed += _anomalies(scene, series)
        near = [c for c in listed if (c.p_value or 0.0) < NEAR]
        return found(near, len(tested))


def _in_units(scene: Scene, series: Series) -> Series:
    """Return a series of few rows a period in robust units: ranks know no extremes."""
    import numpy as np

    if series.name is None or float(np.median(series.n)) > FEW:
        return series
    m = scene.frame.measures[series.name]
    low, middle, high = np.percentile(m.x[m.has], [25, 50, 75])
    if m.event is not None or not high > low:
        return series
    away = np.where(m.has, (m.x - middle) / (high - low), 0.0)
    return series_of(scene.frame, series.name, away, m.has) or series


def _anomalies(scene: Scene, series: Series) -> list[Candidate]:
    import numpy as np

    clock = series.clock
    is_ranked = float(np.median(series.n)) > FEW
    pattern = weekly_pattern(series) if series.is_daily else np.zeros(len(series.x))
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
        date = series.dates[i].isoformat()
        listed.append(
            Candidate(
                kind="point_anomaly",
                columns=time_columns(scene, series),
                target=series.name,
                time_start=date,
                time_end=date,
                direction="up" if z[i] > 0 else "down",
                effect_name="robust_z",
                effect=float(z[i]),
                n_rows=int(series.n[i]),
                impact=float(series.n[i] / series.n.sum()),
                test="robust z against neighbours, tail fitted",
                unit=clock.bucket,
                statistic=float(z[i]),
                p_value=min(1.0, len(z) * _tail(np.delete(z, i), float(z[i]))),
                is_large=abs(z[i]) >= MIN_Z,
                evidence_sql=evidence.usual_series(
                    scene, clock.column, clock.bucket, series.name
                ),
                shape="series",
                response=series.name if is_ranked else None,
                term=Term(form="day", date=date) if is_ranked else None,
                say=say_anomaly,
                facts=time_facts(scene, series),
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
