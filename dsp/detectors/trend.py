"""A measure, a rate or the number of rows that rises or falls over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.relations import MIN_R, NEAR
from dsp.detectors.terms import Term
from dsp.detectors.time_words import say_trend, time_columns, time_facts
from dsp.detectors.timeline import Series, all_series, fit_line, weekly_pattern
from dsp.inference.tails import t_tails

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_CHANGE = 0.05
"""Relative change that makes a trend of the number of rows worth saying."""
WEEKS = 28


class Trend:
    """A measure rises or falls over time."""

    name = "trend"

    def detect(self, scene: Scene) -> Found:
        """Fit a line to the means of each series; the variance allows for wandering."""
        listed = [_trend(scene, s) for s in all_series(scene.frame)]
        near = [c for c in listed if c is not None and (c.p_value or 0.0) < NEAR]
        return found(near, len(listed))


def _trend(scene: Scene, series: Series) -> Candidate | None:
    season = None
    if series.is_daily and len(series.x) >= WEEKS:
        season = weekly_pattern(series)
    line = fit_line(series.x, series.value, season=season)
    if line is None:
        return None
    change = line.end - line.start
    if series.name is None:
        is_large = abs(change) >= MIN_CHANGE * abs(float(series.value.mean()))
        effect_name, effect = "relative_change", change / max(abs(line.start), 1e-9)
    else:
        # A line from -h to h has a standard deviation of h / sqrt(3).
        effect_name, effect = "rank_r", change / 12**0.5
        is_large = abs(effect) >= MIN_R
    clock = series.clock
    return Candidate(
        kind="trend",
        columns=time_columns(scene, series),
        target=series.name,
        time_start=series.dates[0].isoformat(),
        time_end=series.dates[-1].isoformat(),
        direction="up" if change > 0 else "down",
        effect_name=effect_name,
        effect=effect,
        n_rows=int(series.n.sum()),
        impact=max(0.0, min(1.0, line.share)),
        test="regression on time, long-run variance",
        unit=clock.bucket,
        statistic=line.t,
        p_value=t_tails(line.t, line.df),
        is_large=is_large,
        evidence_sql=evidence.line_series(scene, clock.column, clock.bucket, series.name),
        shape="series",
        response=series.name,
        term=Term(form="trend"),
        say=say_trend,
        facts=time_facts(scene, series),
    )


plugin = Trend()
