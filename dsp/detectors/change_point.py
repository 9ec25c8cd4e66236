"""A level that changes at a date, for all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.relations import NEAR
from dsp.detectors.terms import Term
from dsp.detectors.time_words import say_step, time_columns, time_facts
from dsp.detectors.timeline import Series, all_series, best_step, weekly_pattern

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_SD = 0.04
MIN_CHANGE = 0.05


class ChangePoint:
    """A level changes at a date."""

    name = "change_point"

    def detect(self, scene: Scene) -> Found:
        """Look for the best single step in each series."""
        listed = [_step(scene, s) for s in all_series(scene.frame)]
        near = [c for c in listed if c is not None and (c.p_value or 0.0) < NEAR]
        return found(near, len(listed))


def _step(scene: Scene, series: Series) -> Candidate | None:
    import numpy as np

    clock = series.clock
    y = series.value - (weekly_pattern(series) if series.is_daily else 0.0)
    weight = np.ones(len(y)) if series.name is None else series.n.astype(float)
    step = best_step(y, weight)
    if step is None:
        return None
    date = series.dates[step.at].isoformat()
    least = MIN_SD
    if series.name is None:
        least = MIN_CHANGE * abs(float(series.value.mean()))
    return Candidate(
        kind="change_point",
        columns=time_columns(scene, series),
        target=series.name,
        time_start=date,
        direction="up" if step.jump > 0 else "down",
        effect_name="cohens_d" if series.name is not None else "rows",
        effect=step.jump,
        n_rows=int(series.n.sum()),
        impact=float(series.n[step.at :].sum() / series.n.sum()),
        test="largest step, long-run variance",
        unit=clock.bucket,
        statistic=step.statistic,
        p_value=step.p_value,
        is_large=abs(step.jump) >= least,
        evidence_sql=evidence.step_series(
            scene, clock.column, clock.bucket, series.name, date
        ),
        shape="series",
        response=series.name,
        term=Term(form="step", date=date),
        say=say_step,
        facts=time_facts(scene, series),
    )


plugin = ChangePoint()
