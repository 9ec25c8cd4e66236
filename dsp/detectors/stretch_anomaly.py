"""Days in a row on which rows, or a total, are out of line, and back in line after."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.dominance import adds_up
from dsp.detectors.evidence_sql import shown
from dsp.detectors.relations import NEAR
from dsp.detectors.scores import normal_scores
from dsp.detectors.time_words import say_stretch
from dsp.detectors.timeline import rolling_median
from dsp.engine.duckdb_engine import literal, quote
from dsp.inference.tails import t_tails

if TYPE_CHECKING:
    from dsp.detectors.frame import Clock, Measure
    from dsp.detectors.scene import Scene

MIN_DAYS = 120
SHORTEST, LONGEST = 4, 28
WEEKS = 6
"""Same weekdays on either side whose median is what was expected."""
MIN_CHANGE = 0.1
MOST = 2
"""Stretches of one series that are named."""
LEAST_Z = 4.0
OVERLAP = 4
"""Windows that count as one search: most of their days are the same."""
MIN_MONTH = 15
TWO_YEARS = 700
"""Days from which what each month of the year does can be told from what happens."""
YEAR = 364
"""Days after which a season comes back on the same weekday."""
AROUND = 60


class Stretch(NamedTuple):
    """Days in a row that are out of line.

    Attributes
    ----------
    first, days
        Place of the first day, and how many there are.
    z
        Their mean distance from what was expected, in robust standard errors.
    change
        The same distance as a share of what was expected.
    p_value
        With the search over all first days and lengths in it.
    """

    first: int
    days: int
    z: float
    change: float
    p_value: float


class StretchAnomaly:
    """Several days in a row are out of line."""

    name = "stretch_anomaly"

    def detect(self, scene: Scene) -> Found:
        """Compare every stretch of days with the same weekdays around it."""
        frame, clock = scene.frame, scene.frame.clock
        if clock is None or not clock.is_daily or clock.x[-1] + 1 < MIN_DAYS:
            return Found()
        start = clock.dates[0]
        target = frame.measures.get(frame.target or "")
        totals = None
        if target is not None and adds_up(target):
            totals = daily_totals(clock, target)
        listed: list[tuple[Stretch, Measure | None]] = []
        for s in stretches(daily_totals(clock, None), start):
            # What carries the total says more than how many rows there are.
            carries = totals is not None and _goes_along(totals, start, s)
            listed.append((s, target if carries else None))
        if totals is not None:
            own = stretches(totals, start)
            listed += [(s, target) for s in own if not _overlaps(s, listed)]
        near = [(s, m) for s, m in listed if s.p_value < NEAR]
        return found(
            [_candidate(scene, clock, m, s) for s, m in near],
            1 + (totals is not None),
        )


def _goes_along(totals: Any, start: date, s: Stretch) -> bool:
    """Tell whether a total is out of line as rows are, at least half as far."""
    rest = _relative_rest(totals, start)
    if rest is None or not s.change:
        return False
    return float(rest[s.first : s.first + s.days].mean()) / s.change >= 0.5


def _overlaps(s: Stretch, listed: list[tuple[Stretch, Measure | None]]) -> bool:
    return any(
        s.first < other.first + other.days and other.first < s.first + s.days
        for other, _ in listed
        if other.p_value < NEAR
    )


def daily_totals(clock: Clock, m: Measure | None) -> Any:
    """Return rows a day, or the total of a measure, 0 on days without rows.

    Values beyond the highest twentieth count as that: a stretch is made of all its rows.
    """
    import numpy as np

    use = clock.step >= 0 if m is None else m.has & (clock.step >= 0)
    day = clock.x.astype(np.int64)[clock.step[use]]
    weights = None
    if m is not None:
        x = m.x[use]
        weights = np.minimum(x, np.quantile(x, 0.95))
    totals: Any = np.bincount(day, weights=weights, minlength=int(clock.x[-1]) + 1)
    return totals.astype(float)


def stretches(values: Any, start: date) -> list[Stretch]:
    """Return the stretches that are furthest out of line, at most two, apart.

    Parameters
    ----------
    values
        One figure a day, without gaps.
    start
        The first day.

    Returns
    -------
    list of Stretch
        Each 4 to 28 days long and back in line after. What comes back a year later, or
        was there a year before, is a season and is left out.
    """
    import numpy as np

    rest = _relative_rest(values, start)
    if rest is None:
        return []
    n = len(rest)
    # Ranks: no single day makes a stretch, and sums of their scores have known tails.
    sums = np.concatenate([[0.0], np.cumsum(normal_scores(rest))])
    lengths = range(SHORTEST, min(LONGEST, n // 20) + 1)
    scores = {days: _window_scores(sums, days) for days in lengths}
    known = {days: z for days, z in scores.items() if z is not None}
    listed: list[Stretch] = []
    for _ in range(MOST):
        best = None
        for days, z in known.items():
            at = int(np.argmax(np.abs(z)))
            if best is None or abs(z[at]) > abs(known[best[1]][best[0]]):
                best = at, days
        if best is None:
            break
        at, days = best
        z = float(known[days][at])
        if abs(z) < LEAST_Z:
            break
        if not _is_season(known[days], at):
            p = n * len(known) / OVERLAP * t_tails(z, max(3.0, n / days - 2))
            left, right = _trimmed(rest, at, at + days)
            change = float(rest[left:right].mean())
            listed.append(Stretch(left, right - left, z, change, min(1.0, p)))
        for length, scored in known.items():
            scored[max(0, at - length - days) : at + 2 * days] = 0.0
    return listed


def _relative_rest(values: Any, start: date) -> Any:
    """Return how far each day is from what was expected, as a share of that."""
    import numpy as np

    n = len(values)
    usual = np.zeros(n)
    for day in range(7):
        usual[day::7] = rolling_median(values[day::7], WEEKS)
    middle = float(np.median(usual))
    if middle <= 0:
        return None
    rest = (values - usual) / np.maximum(usual, 0.1 * middle)
    return rest - _yearly_part(rest, start) if n >= TWO_YEARS else rest


def _yearly_part(rest: Any, start: date) -> Any:
    """Return what all years have in common, month by month.

    That is the least of the medians of a calendar month where all have one sign, else
    nothing: what happens once is in one of them only.
    """
    import numpy as np

    days = np.datetime64(start) + np.arange(len(rest))
    month = days.astype("datetime64[M]").astype(np.int64)
    known = [m for m in np.unique(month) if (month == m).sum() >= MIN_MONTH]
    medians = {int(m): float(np.median(rest[month == m])) for m in known}
    part = np.zeros(len(rest))
    for place in range(12):
        found = [median for m, median in medians.items() if m % 12 == place]
        low, high = (min(found), max(found)) if len(found) > 1 else (0.0, 0.0)
        common = low if low > 0 else high if high < 0 else 0.0
        part[month % 12 == place] = common
    return part


def _spread(values: Any) -> float:
    """Return a robust standard deviation, of the middle half or nine tenths."""
    import numpy as np

    low, left, right, high = np.percentile(values, [5, 25, 75, 95])
    return max(float(right - left) / 1.349, float(high - low) / 3.29)


def _window_scores(sums: Any, days: int) -> Any:
    """Return sums over windows in their own robust standard deviations.

    Days that go together widen all sums of their length, and so take away from each.
    """
    import numpy as np

    total = sums[days:] - sums[:-days]
    total = total - float(np.median(total))
    spread = _spread(total)
    if spread <= 0:
        return None
    # It must have come back into line, and have been there before.
    edge = max(7, days)
    z = total / spread
    z[:edge] = 0.0
    z[-edge:] = 0.0
    return z


def _trimmed(rest: Any, left: int, right: int) -> tuple[int, int]:
    """Return a stretch without days at its ends that are less than half as far out."""
    half = float(rest[left:right].mean()) / 2
    while right - left > SHORTEST and rest[left] * half < half * half:
        left += 1
    while right - left > SHORTEST and rest[right - 1] * half < half * half:
        right -= 1
    return left, right


def _is_season(z: Any, at: int) -> bool:
    """Tell whether the same days of the year before or after are out of line as well."""
    import numpy as np

    for other in (at - YEAR, at + YEAR):
        near = z[max(0, other - 7) : max(0, other + 8)]
        if len(near) and float(np.max(near * np.sign(z[at]))) >= 0.4 * abs(z[at]):
            return True
    return False


def _candidate(scene: Scene, clock: Clock, m: Measure | None, s: Stretch) -> Candidate:
    start = clock.dates[0] + timedelta(days=s.first)
    end = start + timedelta(days=s.days - 1)
    inside = (clock.x >= s.first) & (clock.x < s.first + s.days)
    n_rows = int(inside[clock.step[clock.step >= 0]].sum())
    name = None if m is None else m.name
    return Candidate(
        kind="point_anomaly",
        columns=tuple(c for c in (name, clock.column) if c is not None),
        target=name,
        time_start=start.isoformat(),
        time_end=end.isoformat(),
        direction="up" if s.z > 0 else "down",
        effect_name="relative_change",
        effect=s.change,
        n_rows=n_rows,
        impact=math.sqrt(s.days / (clock.x[-1] + 1)),
        test="robust z of a stretch against the same weekdays around it",
        unit="day",
        statistic=s.z,
        p_value=s.p_value,
        is_large=abs(s.change) >= MIN_CHANGE,
        evidence_sql=_series(scene, clock, name, start.isoformat(), end.isoformat()),
        shape="series",
        say=say_stretch,
        facts={"bucket": "day", "event": None, "days": s.days},
    )


def _series(scene: Scene, clock: Clock, name: str | None, start: str, end: str) -> str:
    """Totals by day around a stretch, what the same weekdays make usual, and sums."""
    value = "count(*)" if name is None else f"sum({shown(scene, name)})"
    when = f"cast({quote(clock.column)} as date)"
    first, last = f"date {literal(start)}", f"date {literal(end)}"
    return (
        f"with points as (\n    select {when} as ts,\n"
        f"        cast({value} as double) as value\n    from {scene.source}\n"
        f"    where isfinite({quote(clock.column)})\n    group by 1\n),\n"
        "usual as (\n    select ts,\n        value,\n"
        f"        median(value) filter (ts not between {first} and {last}) over (\n"
        "            partition by isodow(ts) order by ts\n"
        f"            rows between {WEEKS} preceding and {WEEKS} following\n"
        "        ) as expected\n    from points\n)\n"
        "select ts,\n    value,\n    expected,\n"
        f"    sum(value) filter (ts between {first} and {last}) over () as stretch,\n"
        f"    sum(expected) filter (ts between {first} and {last}) over () as usual\n"
        f"from usual\nwhere ts between {first} - {AROUND} and {last} + {AROUND}\n"
        "order by ts"
    )


plugin = StretchAnomaly()
