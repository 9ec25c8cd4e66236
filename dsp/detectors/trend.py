"""A measure, a rate or the number of rows that rises or falls over time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.timeline import Series, fit_line, weekly_pattern
from dsp.inference.tails import t_tails

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_CHANGE = 0.05
MIN_SD = 0.1


class Trend:
    """A measure rises or falls over time."""

    name = "trend"

    def detect(self, scene: Scene) -> Found:
        """Fit a line to the means of each series; the variance allows for wandering."""
        line = scene.timeline
        if line is None:
            return Found()
        listed = [_trend(scene, s, line.is_daily) for s in line.all_series()]
        tested = [c for c in listed if c is not None]
        return found(tested, len(tested))


def _trend(scene: Scene, series: Series, is_daily: bool) -> Candidate | None:  # noqa: FBT001
    timeline = scene.timeline
    weekly = is_daily and len(series.x) >= 28
    line = fit_line(
        series.x, series.value, season=weekly_pattern(series) if weekly else None
    )
    if timeline is None or line is None:
        return None
    level = abs(float(series.value.mean()))
    change = line.end - line.start
    return Candidate(
        kind="trend",
        columns=time_columns(scene, series),
        target=series.name,
        time_start=series.dates[0].isoformat(),
        time_end=series.dates[-1].isoformat(),
        direction="up" if change > 0 else "down",
        baseline=line.start,
        value=line.end,
        effect_name="relative_change",
        effect=change / abs(line.start) if line.start else None,
        n_rows=int(series.n.sum()),
        impact=max(0.0, min(1.0, line.share)),
        test="regression on time, long-run variance",
        unit=timeline.bucket,
        statistic=line.t,
        p_value=t_tails(line.t, line.df),
        is_large=abs(change) >= max(MIN_CHANGE * level, MIN_SD * row_sd(scene, series)),
        evidence_sql=evidence.line_series(
            scene, timeline.column, timeline.bucket, series.name
        ),
        shape="series",
        facts={
            "form": "trend",
            "bucket": timeline.bucket,
            "n_points": len(series.x),
            "event": event_of(scene, series),
            "spread": row_sd(scene, series),
        },
    )


def time_columns(scene: Scene, series: Series) -> tuple[str, ...]:
    """Return the columns a finding over time is about."""
    return tuple(c for c in (series.name, scene.time) if c is not None)


def row_sd(scene: Scene, series: Series) -> float:
    """Return the standard deviation of single rows (of buckets, for row counts)."""
    if series.name is None:
        return float(series.value.std())
    return math.sqrt(scene.moments[series.name].var)


def event_of(scene: Scene, series: Series) -> str | None:
    """Return the event that a series is the share of, if it is one."""
    return None if series.name is None else scene.numbers[series.name].event


plugin = Trend()
