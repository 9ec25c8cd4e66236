"""Cycles other than the week and the year: by hour, by day of the month, every N days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.evidence_sql import shown
from dsp.detectors.gram import grouped
from dsp.detectors.relations import MIN_R, NEAR, f_of
from dsp.detectors.scores import normal_scores
from dsp.detectors.seasonality import spherical
from dsp.detectors.terms import YEAR, Term
from dsp.detectors.time_words import figures, time_columns, time_facts, what
from dsp.detectors.timeline import Series, all_series, weekly_pattern
from dsp.detectors.words import first
from dsp.engine.duckdb_engine import literal, quote
from dsp.numbers import day

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MAX_DAYS = 60
MIN_CYCLES = 6
MIN_MONTHS = 6
MONTH = 28
"""Days that every month has."""
MIN_SHARE = 0.03
"""Least share of the variance between days that a cycle of days explains."""
MIN_ALIKE = 0.5
"""Least correlation of the cycle in the first and in the second half."""
MIN_ROWS = 200


class Fold(NamedTuple):
    """A series cut into cycles: what was cut, and its test."""

    period: str
    days: int
    statistic: float
    p_value: float
    effect: float
    is_alike: bool


class Cycle:
    """Cycles of the day, of the month, and of some days."""

    name = "cycle"

    def detect(self, scene: Scene) -> Found:
        """Compare hours within days, and places within whole months and cycles."""
        listed: list[Candidate] = []
        n_tests = 0
        for series in all_series(scene.frame):
            folds = _folds(series) if series.is_daily else []
            n_tests += len(folds)
            best = min(folds, key=lambda f: f.p_value, default=None)
            if best is not None and best.p_value < NEAR and best.is_alike:
                listed.append(_of_days(scene, series, best))
            if series.name is None or series.clock.hour is None:
                continue
            n_tests += 1
            candidate = _of_hours(scene, series)
            if candidate is not None:
                listed.append(candidate)
        return found(listed, n_tests)


def _folds(series: Series) -> list[Fold]:
    """Test the days of the month, and every length from 2 days that fits six times."""
    import numpy as np

    span = int(series.clock.x[-1]) + 1
    by_day = np.full(span, np.nan)
    by_day[series.x.astype(np.int64)] = _rest(series)
    folds = [_fold("monthly", MONTH, _months(series, by_day), least=MIN_MONTHS)]
    for days in range(2, min(MAX_DAYS, span // MIN_CYCLES) + 1):
        if days != 7:
            matrix = by_day[: span // days * days].reshape(-1, days)
            folds.append(_fold(f"{days} days", days, matrix, least=MIN_CYCLES))
    return [fold for fold in folds if fold is not None]


def _rest(series: Series) -> Any:
    """Return a series without line, week and year."""
    import numpy as np

    # Ranks: one wild day must not move the pattern of its weekday.
    scores = series._replace(value=normal_scores(series.value))
    y = scores.value - weekly_pattern(scores)
    x = series.x / YEAR
    columns = [np.ones(len(x)), x, x * x]
    if x[-1] - x[0] >= 1:
        for k in (1, 2, 3):
            columns += [np.cos(2 * np.pi * k * x), np.sin(2 * np.pi * k * x)]
    design = np.column_stack(columns)
    factors, *_ = np.linalg.lstsq(design, y, rcond=None)
    return y - design @ factors


def _months(series: Series, by_day: Any) -> Any:
    """Return values by month (rows) and day of the month (columns, 1 to 28)."""
    import numpy as np

    date = series.clock.dates[0]
    days = np.datetime64(date, "D") + np.arange(len(by_day))
    month = days.astype("datetime64[M]")
    place = (days - month.astype("datetime64[D]")).astype(np.int64)
    row = (month - month[0]).astype(np.int64)
    matrix = np.full((int(row[-1]) + 1, MONTH), np.nan)
    use = place < MONTH
    matrix[row[use], place[use]] = by_day[use]
    return matrix


def _fold(period: str, days: int, matrix: Any, *, least: int) -> Fold | None:
    import numpy as np

    whole = matrix[~np.isnan(matrix).any(axis=1)]
    outcome = spherical(whole) if len(whole) >= least else None
    if outcome is None:
        return None
    half = len(whole) // 2
    one, two = whole[:half].mean(axis=0), whole[half:].mean(axis=0)
    one, two = one - one.mean(), two - two.mean()
    length = float(np.sqrt((one @ one) * (two @ two)))
    is_alike = length > 0 and float(one @ two) / length >= MIN_ALIKE
    return Fold(
        period, days, outcome.statistic, outcome.p_value, outcome.effect, is_alike
    )


def _of_days(scene: Scene, series: Series, fold: Fold) -> Candidate:
    clock = series.clock
    when = f"cast({quote(clock.column)} as date)"
    start = clock.dates[0]
    if fold.period == "monthly":
        place, term = f"day({when})", Term(form="monthly")
    else:
        began = f"date {literal(start.isoformat())}"
        # Rows that were not drawn may be older: their remainder is negative.
        past = f"datediff('day', {began}, {when}) % {fold.days}"
        place = f"({past} + {fold.days}) % {fold.days} + 1"
        term = Term(form="cycle", days=fold.days)
    return Candidate(
        kind="seasonality",
        columns=time_columns(scene, series),
        target=series.name,
        period=fold.period,
        effect_name="partial_eta_squared",
        effect=fold.effect,
        n_rows=int(series.n.sum()),
        impact=fold.effect,
        test="F over days of whole cycles, freed of week and year",
        unit="day",
        statistic=fold.statistic,
        p_value=fold.p_value,
        is_large=fold.effect >= MIN_SHARE,
        evidence_sql=_by_place(scene, series, place),
        shape="relation",
        response=series.name,
        term=term,
        say=_say,
        facts=time_facts(scene, series) | {"start": start.isoformat()},
    )


def _of_hours(scene: Scene, series: Series) -> Candidate | None:
    """Compare hours on rows freed of the level of their day."""
    import numpy as np

    clock, m = series.clock, scene.frame.measures[str(series.name)]
    use = m.has & (clock.hour >= 0) & (clock.step >= 0)
    if int(use.sum()) < MIN_ROWS:
        return None
    step = np.where(use, clock.step, 0)
    n = np.maximum(np.bincount(step[use], minlength=len(clock.dates)), 1)
    level = np.bincount(step[use], weights=m.z[use], minlength=len(clock.dates)) / n
    test = f_of(grouped(np.maximum(clock.hour, 0), 24, m.z - level[step], use))
    if test is None or test.p_value >= NEAR:
        return None
    return Candidate(
        kind="seasonality",
        columns=time_columns(scene, series),
        target=series.name,
        period="daily",
        effect_name="omega_squared",
        effect=test.omega,
        n_rows=test.n,
        impact=test.omega,
        test="F of hours, freed of the level of each day",
        statistic=test.statistic,
        p_value=test.p_value,
        is_large=test.omega >= MIN_R**2,
        evidence_sql=_by_place(scene, series, f"hour({quote(clock.column)})"),
        shape="relation",
        response=series.name,
        term=Term(form="daily"),
        say=_say,
        facts=time_facts(scene, series),
    )


def _by_place(scene: Scene, series: Series, place: str) -> str:
    """Mean by place in the cycle: x, value, n_rows."""
    when = quote(series.clock.column)
    value = f"count(*) / count(distinct cast({when} as date))"
    count = "count(*)"
    if series.name is not None:
        value = f"avg({shown(scene, series.name)})"
        count = f"count({shown(scene, series.name)})"
    return (
        f"select cast({place} as double) as x,\n    {value} as value,\n"
        f"    {count} as n_rows\nfrom {scene.source}\nwhere isfinite({when})\n"
        "group by 1\norder by 1"
    )


def _say(c: Candidate, found_rows: Rows) -> Words:
    subject, write, period = what(c), figures(c), str(c.period)
    known = [r for r in found_rows if r["value"] is not None]
    title = f"{first(subject)} has a {period} cycle"
    if period.endswith("days"):
        title = f"{first(subject)} repeats every {period}"
    if len(known) < 2:
        return Words(title, f"{title}.", "Compare whole cycles only.")
    high, low = (f(known, key=lambda r: r["value"]) for f in (max, min))
    names = [_place(period, int(r["x"])) for r in (high, low)]
    on = "in the hour from" if period == "daily" else "on"
    within, counting = {
        "daily": ("day", ""),
        "monthly": ("month", " of the month"),
    }.get(period, ("cycle", f" of it, counted from {day(c.facts.get('start'))}"))
    if not period.endswith("days"):
        title = f"{first(subject)} goes by the {within}"
    return Words(
        f"{title}: {names[0]} high, {names[1]} low",
        f"{title}: it averages {write(high['value'])} {on} {names[0]} and "
        f"{write(low['value'])} {on} {names[1]}{counting}, over all of the data.",
        f"Compare whole {within}s, or the same part of each {within}.",
        value=high["value"],
        baseline=low["value"],
    )


def _place(period: str, x: int) -> str:
    return f"{x:02d}:00" if period == "daily" else f"day {x}"


plugin = Cycle()
