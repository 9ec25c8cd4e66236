"""Spread of a measure, or the mix of a dimension, that differs between two periods."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.evidence_sql import bucket_sql, shown, text
from dsp.detectors.relations import NEAR
from dsp.detectors.responses import spread_of
from dsp.detectors.terms import Term
from dsp.detectors.time_words import when
from dsp.detectors.timeline import Series, fit_line, long_run_variance, series_of
from dsp.detectors.words import first, name, rows, total
from dsp.engine.duckdb_engine import literal, quote
from dsp.inference.tails import t_tails
from dsp.numbers import amount, share

if TYPE_CHECKING:
    from dsp.detectors.frame import Clock
    from dsp.detectors.scene import Scene

MIN_POINTS = 24
MIN_SD = 0.03
MIN_SHARE = 0.005
LONG = 180
"""Days from which shares are drawn by month."""


class Drift:
    """Spread or mix differs between the first and the second period."""

    name = "drift"

    def detect(self, scene: Scene) -> Found:
        """Compare the two halves of the rows in time, by means of periods."""
        frame, clock = scene.frame, scene.frame.clock
        if clock is None:
            return Found()
        listed: list[Candidate] = []
        n_tests = 0
        for m in frame.measures.values():
            if m.event is not None:
                continue
            series = series_of(frame, m.name, spread_of(m.z, m.has), m.has)
            test = None if series is None else _halves(series)
            n_tests += test is not None
            if test is not None and test[1] < NEAR:
                listed.append(_spread(scene, clock, m.name, test))
        for group in frame.dimensions.values():
            known = group.code >= 0
            for place in range(len(group.labels)):
                inside = (group.code == place).astype(float)
                series = series_of(frame, group.name, inside, known)
                if series is None:
                    continue
                mix = group.name, group.labels[place]
                candidates, count = _shift(scene, clock, series, mix)
                listed += [c for c in candidates if (c.p_value or 0.0) < NEAR]
                n_tests += count
        return found(listed, n_tests)


Halves = tuple[float, float, str, int]
"""Difference of the second half, its p value, the date where halves meet, and rows."""


def _halves(series: Series) -> Halves | None:
    """Test equal means in both halves of the rows, with the long-run variance."""
    import numpy as np

    weight = series.n.astype(float)
    n, all_rows = len(weight), float(weight.sum())
    if n < MIN_POINTS:
        return None
    at = int(np.searchsorted(np.cumsum(weight), all_rows / 2)) + 1
    if not 5 < at < n - 5:
        return None
    first_rows, last_rows = float(weight[:at].sum()), float(weight[at:].sum())
    old = float(weight[:at] @ series.value[:at]) / first_rows
    new = float(weight[at:] @ series.value[at:]) / last_rows
    level = np.where(np.arange(n) < at, old, new)
    variance, df = long_run_variance((series.value - level) * np.sqrt(weight))
    if variance <= 0:
        return None
    t = (new - old) / math.sqrt(variance * (1 / first_rows + 1 / last_rows))
    return new - old, t_tails(t, df), series.dates[at].isoformat(), int(all_rows)


def _spread(scene: Scene, clock: Clock, measure: str, test: Halves) -> Candidate:
    gap, p, date, n = test
    return Candidate(
        kind="drift",
        columns=(measure, clock.column),
        target=measure,
        time_start=date,
        direction="wider" if gap > 0 else "narrower",
        effect_name="spread_difference",
        effect=gap,
        n_rows=n,
        impact=0.5,
        test="t of distances from the median by half, long-run variance",
        unit=clock.bucket,
        p_value=p,
        is_large=abs(gap) >= MIN_SD,
        evidence_sql=_widths(scene, clock, measure, date),
        shape="bars",
        response=measure,
        aspect="spread",
        term=Term(form="step", date=date),
        say=_say_spread,
        facts={"bucket": clock.bucket},
    )


def _shift(
    scene: Scene, clock: Clock, series: Series, mix: tuple[str, str]
) -> tuple[list[Candidate], int]:
    """Return that a share moves, bit by bit or between the halves, and the tests."""
    halves, line = _halves(series), fit_line(series.x, series.value)
    if line is not None and (halves is None or line.share > _share(series, halves)):
        p = t_tails(line.t, line.df)
        made = _mix(scene, clock, mix, gap=line.end - line.start, p=p)
        start, end = series.dates[0].isoformat(), series.dates[-1].isoformat()
        gradual = replace(
            made,
            time_start=start,
            time_end=end,
            n_rows=int(series.n.sum()),
            test="regression of the share on time, long-run variance",
            evidence_sql=_line_of_shares(scene, clock, *mix),
            shape="series",
            term=Term(form="trend"),
            say=_say_shift,
            facts={"bucket": _bucket(clock)},
        )
        return [gradual], 1 + (halves is not None)
    if halves is None:
        return [], 0
    gap, p, date, n = halves
    made = _mix(scene, clock, mix, gap=gap, p=p)
    sudden = replace(
        made,
        time_start=date,
        n_rows=n,
        evidence_sql=_shares(scene, clock, *mix, date),
        term=Term(form="step", date=date),
    )
    return [sudden], 1 + (line is not None)


def _share(series: Series, halves: Halves) -> float:
    """Return the share of the variance of a series that two levels explain."""
    import numpy as np

    gap, _, date, _ = halves
    late = np.array([d.isoformat() >= date for d in series.dates])
    part = float(late.mean())
    return gap * gap * part * (1 - part) / max(float(series.value.var()), 1e-300)


def _mix(
    scene: Scene, clock: Clock, mix: tuple[str, str], *, gap: float, p: float
) -> Candidate:
    dimension, label = mix
    return Candidate(
        kind="drift",
        columns=(dimension, clock.column),
        segment_column=dimension,
        segment_value=label,
        direction="up" if gap > 0 else "down",
        effect_name="difference_of_shares",
        effect=gap,
        n_rows=0,
        impact=1.0,
        test="t of shares by half, long-run variance",
        unit=clock.bucket,
        p_value=p,
        is_large=abs(gap) >= MIN_SHARE,
        evidence_sql="",
        shape="bars",
        response=dimension,
        aspect="share",
        response_value=label,
        say=_say_mix,
        facts={"bucket": clock.bucket},
    )


def _sides(clock: Clock, date: str) -> str:
    start = f"cast({quote(clock.column)} as date)"
    return f"case when {start} < date {literal(date)} then 'before' else 'after' end"


def _widths(scene: Scene, clock: Clock, measure: str, date: str) -> str:
    value = shown(scene, measure)
    return (
        f"select {_sides(clock, date)} as label,\n"
        f"    cast(quantile_cont({value}, 0.75) - quantile_cont({value}, 0.25) as double)"
        f" as value,\n    count({value}) as n_rows\nfrom {scene.source}\n"
        f"where isfinite({quote(clock.column)})\ngroup by 1\norder by 1 desc"
    )


def _shares(scene: Scene, clock: Clock, *named: str) -> str:
    dimension, label, date = named
    return (
        f"select {_sides(clock, date)} as label,\n"
        f"    avg(cast({text(dimension)} = {literal(label)} as integer)) as value,\n"
        f"    count(*) as n_rows\nfrom {scene.source}\n"
        f"where isfinite({quote(clock.column)}) and {quote(dimension)} is not null\n"
        "group by 1\norder by 1 desc"
    )


def _bucket(clock: Clock) -> str:
    """Return the period in which shares are drawn: months where there are some."""
    is_long = clock.bucket == "day" and clock.x[-1] >= LONG
    return "month" if is_long else clock.bucket


def _line_of_shares(scene: Scene, clock: Clock, *named: str) -> str:
    """Share of a value by month with the straight line through it, each row alike."""
    dimension, label = named
    return (
        "with points as (\n"
        f"    select {bucket_sql(_bucket(clock), clock.column)} as ts,\n"
        f"        avg(cast({text(dimension)} = {literal(label)} as integer)) as value,\n"
        f"        count(*) as n_rows\n    from {scene.source}\n"
        f"    where isfinite({quote(clock.column)}) and {quote(dimension)} is not null\n"
        "    group by 1\n)\nselect ts,\n    value,\n"
        "    regr_intercept(value, ts - first_ts) over ()\n"
        "    + regr_slope(value, ts - first_ts) over () * (ts - first_ts) as expected,\n"
        "    n_rows\n"
        "from (select *, min(ts) over () as first_ts from points)\norder by ts"
    )


def _both(found_rows: Rows) -> tuple[Any, Any] | None:
    sides = {r["label"]: r["value"] for r in found_rows}
    if sides.get("before") is None or sides.get("after") is None:
        return None
    return sides["before"], sides["after"]


def _say_spread(c: Candidate, found_rows: Rows) -> Words:
    measure, date = name(c.target), when(str(c.time_start), c)
    title = f"{first(measure)} spreads {c.direction} in the second half of the time"
    sides = _both(found_rows)
    if sides is None:
        return Words(title, f"{title}.", f"Compare {measure} before and after {date}.")
    return Words(
        title,
        f"The middle half of {measure} spans {amount(sides[0])} before {date} and "
        f"{amount(sides[1])} from then on, over {rows(total(found_rows))}. Limits and "
        "models made on the first half do not fit the second.",
        f"Set limits for {measure} on recent rows only.",
        value=sides[1],
        baseline=sides[0],
    )


def _say_shift(c: Candidate, found_rows: Rows) -> Words:
    dimension, label = name(c.segment_column), name(c.segment_value)
    verb = "rose" if c.direction == "up" else "fell"
    title = f"{first(dimension)} {label} {verb} as a share of rows"
    advice = f"Compare {dimension} values on their own, or weigh them alike, over time."
    if len(found_rows) < 2 or found_rows[0]["expected"] is None:
        return Words(title, f"{title}.", advice)
    low, high = found_rows[0], found_rows[-1]
    old, new = low["expected"], high["expected"]
    if (new > old) != (c.direction == "up") or min(old, new) < 0:
        return Words(title, f"{title}.", advice)
    start, end = (when(row["ts"], c) for row in (low, high))
    return Words(
        f"{first(dimension)} {label} {verb} from {share(old)} to {share(new)} of rows "
        f"since {start}",
        f"The line through {len(found_rows)} {c.facts['bucket']}s takes {dimension} "
        f"{label} from {share(old)} of rows in {start} to {share(new)} in {end}. "
        "Averages over all rows move with the mix.",
        advice,
        value=new,
        baseline=old,
    )


def _say_mix(c: Candidate, found_rows: Rows) -> Words:
    dimension, label = name(c.segment_column), name(c.segment_value)
    date = when(str(c.time_start), c)
    how = "more" if c.direction == "up" else "less"
    title = f"{first(dimension)} {label} is {how} frequent in the second half of the time"
    sides = _both(found_rows)
    if sides is None:
        return Words(title, f"{title}.", f"Compare the mix before and after {date}.")
    return Words(
        title,
        f"{first(dimension)} {label} makes up {share(sides[0])} of rows before {date} "
        f"and {share(sides[1])} from then on, over {rows(total(found_rows))}. Averages "
        "over all rows move with the mix.",
        f"Compare {dimension} values on their own, or weigh them alike, across {date}.",
        value=sides[1],
        baseline=sides[0],
    )


plugin = Drift()
