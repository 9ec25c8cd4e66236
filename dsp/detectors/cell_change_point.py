"""Rows of two values together that become more or fewer at a date."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.evidence_sql import text
from dsp.detectors.relations import NEAR
from dsp.detectors.time_words import say_cell_step
from dsp.detectors.timeline import best_step
from dsp.engine.duckdb_engine import literal, quote

if TYPE_CHECKING:
    from dsp.detectors.frame import Clock, Dimension
    from dsp.detectors.scene import Scene

MAX_DIMENSIONS = 8
"""Dimensions, those most related to the target first, whose pairs are looked at."""
MAX_CELLS = 400
MAX_PERIODS = 120
"""Periods are joined until there are at most so many."""
MIN_ROWS = 100
MIN_CHANGE = 0.1


class Cells(NamedTuple):
    """Rows by period with a value a, with a value b, with both, and with either known."""

    both: Any
    a: Any
    b: Any
    every: Any


class CellChangePoint:
    """The rows of two values together change at a date."""

    name = "cell_change_point"

    def detect(self, scene: Scene) -> Found:
        """Look for a step in the odds ratio of each pair of values over time."""
        clock = scene.frame.clock
        if clock is None:
            return Found()
        # Rates of an event have steps of their own.
        named = scene.frame.measures
        groups = [g for g in scene.frame.dimensions.values() if g.name not in named]
        listed: list[Candidate] = []
        n_tests = 0
        for one, two in combinations(groups[:MAX_DIMENSIONS], 2):
            if len(one.labels) * len(two.labels) <= MAX_CELLS:
                # In the order of the table: what comes first is often the wider.
                a, b = sorted((one, two), key=lambda g: scene.columns[g.name].position)
                best, count = _pair(scene, clock, a, b)
                n_tests += count
                listed += best
        return found(listed, n_tests)


def _pair(
    scene: Scene, clock: Clock, a: Dimension, b: Dimension
) -> tuple[list[Candidate], int]:
    """Return the cell whose step is clearest: it makes steps in the others as well."""
    import numpy as np

    periods = len(clock.dates)
    length = -(-periods // MAX_PERIODS)
    n_periods = -(-periods // length)
    use = (a.code >= 0) & (b.code >= 0) & (clock.step >= 0)
    at = clock.step[use] // length
    cell = (a.code[use] * len(b.labels) + b.code[use]) * n_periods + at
    shape = (len(a.labels), len(b.labels), n_periods)
    n = np.bincount(cell, minlength=math.prod(shape)).reshape(shape).astype(float)
    every = n.sum(axis=(0, 1))
    best: tuple[Any, int, int] | None = None
    n_tests = 0
    for i, j in np.ndindex(shape[:2]):
        cells = Cells(n[i, j], n[i].sum(axis=0), n[:, j].sum(axis=0), every)
        step = cell_step(cells)
        if step is None:
            continue
        n_tests += 1
        if best is None or step.statistic > best[0].statistic:
            best = step, i, j
    if best is None or best[0].p_value >= NEAR:
        return [], n_tests
    step, i, j = best
    first = step.at * length
    values = a.labels[i], b.labels[j]
    cells = Cells(n[i, j], n[i].sum(axis=0), n[:, j].sum(axis=0), every)
    usual, late = _usual_since(cells, step.at), float(cells.both[step.at :].sum())
    if usual <= 0 or (late > usual) != (step.jump > 0):
        return [], n_tests
    change = late / usual - 1
    made = _candidate(scene, clock, (a, b), values, clock.dates[first].isoformat())
    rows = float(cells.both.sum())
    return [
        replace(
            made,
            direction="up" if change > 0 else "down",
            effect=change,
            n_rows=int(rows),
            impact=rows / float(every.sum()),
            statistic=step.statistic,
            p_value=step.p_value,
            is_large=abs(change) >= MIN_CHANGE,
            facts=made.facts | {"rows_a_period": (late - usual) / (periods - first)},
        )
    ], n_tests


def cell_step(cells: Cells) -> Any:
    """Return the step of the log odds ratio of two values over time, or None.

    What either value does alone over time is in the margins and makes no step.

    References
    ----------
    Plackett (1965) for the expected count given margins and odds ratio; Mantel and
    Haenszel (1959) for the odds ratio of all periods.
    """
    import numpy as np

    both, a, b, every = cells
    only_a, only_b = a - both, b - both
    neither = every - a - b + both
    if min(float(x.sum()) for x in (both, only_a, only_b, neither)) < MIN_ROWS:
        return None
    known = every > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        over = float((both * neither / every)[known].sum())
        under = float((only_a * only_b / every)[known].sum())
        if over <= 0 or under <= 0:
            return None
        usual = expected_cells(a, b, every, over / under)
        parts = (usual, a - usual, b - usual, every - a - b + usual)
        weight = 1 / sum(1 / part for part in parts)
    good = known & np.isfinite(weight) & (weight > 0)
    if int(good.sum()) < len(every):
        # A period without one of the values says nothing.
        if int(good.sum()) < 12:
            return None
        step = best_step((both - usual)[good] / weight[good], weight[good])
        place = np.flatnonzero(good)
        return step and step._replace(at=int(place[step.at]))
    return best_step((both - usual) / weight, weight)


def expected_cells(a: Any, b: Any, every: Any, ratio: float) -> Any:
    """Return the rows with both values that margins and an odds ratio make expected.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([40.0]), np.array([30.0]), np.array([100.0])
    >>> expected_cells(*one, 1.0).tolist()
    [12.0]
    >>> x = float(expected_cells(*one, 4.0)[0])
    >>> round(x * (100 - 40 - 30 + x) / ((40 - x) * (30 - x)), 9)
    4.0
    """
    import numpy as np

    if abs(ratio - 1) < 1e-9:
        return a * b / every
    s = every + (a + b) * (ratio - 1)
    root = np.sqrt(np.maximum(s * s - 4 * ratio * (ratio - 1) * a * b, 0.0))
    return (s - root) / (2 * (ratio - 1))


def _usual_since(cells: Cells, at: int) -> float:
    """Return the rows from a period on that the other three cells make expected."""
    both, a, b, every = cells
    only_a, only_b, neither = a - both, b - both, every - a - b + both
    before = [float(x[:at].sum()) for x in (both, only_a, only_b, neither)]
    after = [float(x[at:].sum()) for x in (only_a, only_b, neither)]
    if min(*before, *after) <= 0:
        return 0.0
    ratio = before[0] * before[3] / before[1] / before[2]
    return ratio * after[0] * after[1] / after[2]


def _candidate(
    scene: Scene,
    clock: Clock,
    groups: tuple[Dimension, Dimension],
    values: tuple[str, str],
    date: str,
) -> Candidate:
    names = groups[0].name, groups[1].name
    return Candidate(
        kind="change_point",
        columns=(*names, clock.column),
        segment_column=names[0],
        segment_value=values[0],
        time_start=date,
        effect_name="relative_change",
        n_rows=0,
        test="largest step of the log odds ratio, long-run variance",
        unit=clock.bucket,
        evidence_sql=_series(scene, clock, names, values, date),
        shape="series",
        say=say_cell_step,
        facts={"bucket": clock.bucket, "values": values},
    )


def _series(
    scene: Scene,
    clock: Clock,
    names: tuple[str, str],
    values: tuple[str, str],
    date: str,
) -> str:
    """Rows with both values by month, and what rows with one of them make usual."""
    has_a, has_b = (
        f"{text(name)} = {literal(value)}"
        for name, value in zip(names, values, strict=True)
    )
    when = quote(clock.column)
    bucket = "month" if clock.bucket == "day" else clock.bucket
    known = " and ".join(f"{quote(name)} is not null" for name in names)
    before, after = (f"filter (day {sign} date {literal(date)})" for sign in ("<", ">="))
    others = "sum(only_a) {0} * sum(only_b) {0} / sum(neither) {0}"
    usual = f"sum(n_both) {before} / ({others.format(before)})"
    return (
        f"with days as (\n    select cast({when} as date) as day,\n"
        f"        count(*) filter ({has_a} and {has_b}) as n_both,\n"
        f"        count(*) filter ({has_a} and not {has_b}) as only_a,\n"
        f"        count(*) filter ({has_b} and not {has_a}) as only_b,\n"
        f"        count(*) filter (not {has_a} and not {has_b}) as neither\n"
        f"    from {scene.source}\n    where isfinite({when}) and {known}\n"
        "    group by 1\n),\nsides as (\n    select\n"
        f"        sum(n_both) {after} as since,\n"
        f"        {usual} as usual_ratio,\n"
        f"        {others.format(after)} as others\n    from days\n)\n"
        f"select cast(date_trunc('{bucket}', day) as date) as ts,\n"
        "    cast(sum(n_both) as double) as value,\n"
        "    any_value(usual_ratio) * sum(only_a) * sum(only_b) / nullif(sum(neither), 0)"
        " as expected,\n"
        "    cast(any_value(since) as double) as since,\n"
        "    any_value(usual_ratio * others) as usual\n"
        "from days, sides\ngroup by 1\norder by 1"
    )


plugin = CellChangePoint()
