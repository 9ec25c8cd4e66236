"""Missingness that breaks at a date: logging failed, or a field became optional."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.evidence_sql import bucket_sql
from dsp.detectors.relations import NEAR
from dsp.detectors.terms import Term
from dsp.detectors.time_words import when
from dsp.detectors.timeline import best_step, series_of
from dsp.detectors.words import first, name
from dsp.engine.duckdb_engine import literal, quote
from dsp.numbers import share

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_JUMP = 0.01


class QualityBreak:
    """The share of missing values of a column changes at a date."""

    name = "quality_break"

    def detect(self, scene: Scene) -> Found:
        """Look for the best step in the share of missing values by period."""
        listed = [_break(scene, column) for column in scene.frame.missing]
        near = [c for c in listed if c is not None and (c.p_value or 0.0) < NEAR]
        return found(near, len(listed))


def _break(scene: Scene, column: str) -> Candidate | None:
    import numpy as np

    frame, clock = scene.frame, scene.frame.clock
    if clock is None or column == clock.column:
        return None
    missing = frame.missing[column].astype(float)
    series = series_of(frame, column, missing, np.ones(frame.n, dtype=bool))
    step = None if series is None else best_step(series.value, series.n.astype(float))
    if series is None or step is None:
        return None
    date = series.dates[step.at].isoformat()
    return Candidate(
        kind="quality_break",
        columns=(column, clock.column),
        target=column,
        time_start=date,
        direction="up" if step.jump > 0 else "down",
        effect_name="difference_of_shares",
        effect=step.jump,
        n_rows=int(series.n.sum()),
        impact=float(series.n[step.at :].sum() / series.n.sum()),
        test="largest step in the share of missing values, long-run variance",
        unit=clock.bucket,
        statistic=step.statistic,
        p_value=step.p_value,
        is_large=abs(step.jump) >= MIN_JUMP,
        evidence_sql=_shares(scene, column, clock.column, clock.bucket, date),
        shape="series",
        response=column,
        aspect="missing",
        term=Term(form="step", date=date),
        say=_say,
        facts={"bucket": clock.bucket},
    )


def _shares(scene: Scene, column: str, *clock: Any) -> str:
    """Share of missing values by period, with the shares before and from a date."""
    time, bucket, date = clock
    return (
        f"with points as (\n    select {bucket_sql(bucket, time)} as ts,\n"
        f"        avg(cast({quote(column)} is null as double)) as value,\n"
        f"        count(*) as n_rows\n    from {scene.source}\n"
        f"    where isfinite({quote(time)})\n    group by 1\n)\n"
        "select ts,\n    value,\n    n_rows,\n"
        "    sum(value * n_rows) over sides / sum(n_rows) over sides as expected\n"
        f"from points\nwindow sides as (partition by ts >= date {literal(date)})\n"
        "order by ts"
    )


def _say(c: Candidate, found_rows: Rows) -> Words:
    column = name(c.columns[0])
    date = when(str(c.time_start), c)
    how = "more" if c.direction == "up" else "less"
    title = f"{first(column)} is missing {how} often from {date} on"
    if not found_rows:
        return Words(title, f"{title}.", f"Ask what changed around {date}.")
    before, after = found_rows[0]["expected"], found_rows[-1]["expected"]
    return Words(
        title,
        f"{first(column)} is missing in {share(before)} of rows before {date} and in "
        f"{share(after)} from then on, over {len(found_rows)} {c.facts['bucket']}s. "
        "What is missing may differ from what is there.",
        f"Find out what changed in the recording of {column} around {date}; "
        "do not compare figures across it.",
        value=after,
        baseline=before,
    )


plugin = QualityBreak()
