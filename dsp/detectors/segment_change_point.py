"""A level that changes at a date in one value of a dimension only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.evidence_sql import bucket_sql, shown, text
from dsp.detectors.relations import NEAR
from dsp.detectors.terms import Term
from dsp.detectors.time_words import say_segment_step
from dsp.detectors.timeline import best_step
from dsp.engine.duckdb_engine import literal, quote

if TYPE_CHECKING:
    from dsp.detectors.frame import Clock, Dimension, Measure
    from dsp.detectors.scene import Scene

MIN_SD = 0.04
MIN_ROWS = 100


class SegmentChangePoint:
    """A level changes at a date in one segment."""

    name = "segment_change_point"

    def detect(self, scene: Scene) -> Found:
        """Look for a step in each value's distance from all other rows."""
        frame = scene.frame
        if frame.clock is None:
            return Found()
        listed: list[Candidate] = []
        n_tests = 0
        for group in frame.dimensions.values():
            for m in frame.measures.values():
                if m.name != group.name:
                    candidates, count = _pair(scene, frame.clock, group, m)
                    listed += candidates
                    n_tests += count
        return found(listed, n_tests)


def _pair(
    scene: Scene, clock: Clock, group: Dimension, m: Measure
) -> tuple[list[Candidate], int]:
    import numpy as np

    periods, k = len(clock.dates), len(group.labels)
    use = m.has & (clock.step >= 0) & (group.code >= 0)
    cell = group.code[use] * periods + clock.step[use]
    n = np.bincount(cell, minlength=k * periods).reshape(k, periods).astype(float)
    total = np.bincount(cell, weights=m.z[use], minlength=k * periods)
    total = total.reshape(k, periods)
    n_all, total_all = n.sum(axis=0), total.sum(axis=0)
    listed = []
    n_tests = 0
    for place in range(k):
        inside, rest = n[place], n_all - n[place]
        both = (inside > 0) & (rest > 0)
        if float(inside.sum()) < MIN_ROWS or float(rest.sum()) < MIN_ROWS:
            continue
        n_tests += 1
        gap = total[place][both] / inside[both]
        gap = gap - (total_all - total[place])[both] / rest[both]
        weight = inside[both] * rest[both] / n_all[both]
        step = best_step(gap, weight)
        if step is None or step.p_value >= NEAR or abs(step.jump) < MIN_SD:
            continue
        date = np.array(clock.dates)[both][step.at].isoformat()
        listed.append(_candidate(scene, group, m, step=step, place=place, date=date))
    return listed, n_tests


def _candidate(
    scene: Scene, group: Dimension, m: Measure, *, step: Any, place: int, date: str
) -> Candidate:
    clock = scene.frame.clock
    label = group.labels[place]
    column, bucket = ("", "day") if clock is None else (clock.column, clock.bucket)
    return Candidate(
        kind="change_point",
        columns=(group.name, m.name, column),
        target=m.name,
        segment_column=group.name,
        segment_value=label,
        time_start=date,
        direction="up" if step.jump > 0 else "down",
        effect_name="cohens_d",
        effect=step.jump,
        n_rows=int(group.n[place]),
        impact=float(group.n[place] / max(group.n.sum(), 1)),
        test="largest step against all others, long-run variance",
        unit=bucket,
        statistic=step.statistic,
        p_value=step.p_value,
        evidence_sql=_series(
            scene, group.name, label, m.name, column=column, bucket=bucket, date=date
        ),
        shape="series_by",
        response=m.name,
        term=Term(form="step", date=date, within=(group.name, label)),
        say=say_segment_step,
        facts={"bucket": bucket, "event": m.event},
    )


def _series(
    scene: Scene,
    dimension: str,
    label: str,
    measure: str,
    *,
    column: str,
    bucket: str,
    date: str,
) -> str:
    """Mean by period of the segment and of all others, with means before and after."""
    value = shown(scene, measure)
    other = "(all others)" if label != "(all others)" else "(the rest)"
    return (
        f"with points as (\n    select {bucket_sql(bucket, column)} as ts,\n"
        f"        case when {text(dimension)} = {literal(label)} then {literal(label)} "
        f"else {literal(other)} end as label,\n"
        f"        avg({value}) as value,\n        count({value}) as n_rows\n"
        f"    from {scene.source}\n    where isfinite({quote(column)}) "
        f"and {quote(dimension)} is not null\n    group by 1, 2\n"
        f"    having count({value}) > 0\n)\n"
        "select ts,\n    value,\n    label,\n    n_rows,\n"
        f"    sum(value * n_rows) over sides / sum(n_rows) over sides as expected\n"
        "from points\n"
        f"window sides as (partition by label, ts >= date {literal(date)})\n"
        "order by label, ts"
    )


plugin = SegmentChangePoint()
