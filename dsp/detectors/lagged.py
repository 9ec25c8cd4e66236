"""One series that leads another by some days."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.evidence_sql import shown
from dsp.detectors.relations import NEAR
from dsp.detectors.scores import normal_scores
from dsp.detectors.timeline import Series, series_of, weekly_pattern
from dsp.detectors.words import first, name
from dsp.engine.duckdb_engine import quote
from dsp.inference.tails import normal_tails
from dsp.numbers import correlation as written
from dsp.numbers import counted

if TYPE_CHECKING:
    from dsp.detectors.frame import Clock
    from dsp.detectors.scene import Scene

MAX_LAG = 30
MIN_DAYS = 90
MIN_R = 0.1
ORDER = 2


class Lagged:
    """One measure moves some days after another."""

    name = "lagged"

    def detect(self, scene: Scene) -> Found:
        """Correlate daily means at lags of up to 30 days, each freed of its own past."""
        clock = scene.frame.clock
        if clock is None or clock.bucket != "day" or clock.x[-1] < MIN_DAYS:
            return Found()
        white: dict[str, Any] = {}
        for m in scene.frame.measures.values():
            series = series_of(scene.frame, m.name, m.z, m.has)
            made = None if series is None else _whitened(series, int(clock.x[-1]) + 1)
            if made is not None:
                white[m.name] = made
        listed: list[Candidate] = []
        n_tests = 0
        for a, b in combinations(white, 2):
            n_tests += 2 * MAX_LAG
            candidate = _best(scene, clock, (a, white[a]), (b, white[b]))
            if candidate is not None:
                listed.append(candidate)
        return found(listed, n_tests)


def _whitened(series: Series, span: int) -> Any:
    """Return a series by day without trend, week and its own past; gaps are 0."""
    import numpy as np

    if len(series.x) < MIN_DAYS:
        return None
    y = series.value - (weekly_pattern(series) if series.is_daily else 0.0)
    y = y - np.polyval(np.polyfit(series.x, y, 2), series.x)
    y = y * np.sqrt(series.n / series.n.mean())
    days = np.zeros(span)
    days[series.x.astype(np.int64)] = y
    # What yesterday and the day before say of today.
    past = np.column_stack([np.roll(days, k)[ORDER:] for k in range(1, ORDER + 1)])
    now = days[ORDER:]
    own, *_ = np.linalg.lstsq(past, now, rcond=None)
    rest = days.copy()
    rest[ORDER:] = now - past @ own
    # Ranks: days of few rows have wild means.
    known = np.full(span, np.nan)
    known[series.x.astype(np.int64)] = rest[series.x.astype(np.int64)]
    return normal_scores(known)


def _best(
    scene: Scene, clock: Clock, one: tuple[str, Any], two: tuple[str, Any]
) -> Candidate | None:
    """Return the candidate of the lag at which two series go together most."""
    import numpy as np

    (a, x), (b, y) = one, two
    n = len(x)
    lags = [k for k in range(-MAX_LAG, MAX_LAG + 1) if k != 0]
    r = np.array([_at_lag(x, y, k) for k in lags])
    z = np.abs(r) * np.sqrt(n - np.abs(lags))
    place = int(np.argmax(z))
    p = normal_tails(float(z[place]))
    if p >= NEAR or abs(_at_lag(x, y, 0)) >= abs(r[place]):
        return None
    lag = lags[place]
    leader, follower = (a, b) if lag > 0 else (b, a)
    return Candidate(
        kind="lagged",
        columns=(leader, follower),
        target=follower,
        lag=abs(lag),
        direction="up" if r[place] > 0 else "down",
        effect_name="pearson_r",
        effect=float(r[place]),
        n_rows=scene.frame.n,
        impact=float(r[place] ** 2),
        test="cross-correlation of prewhitened daily means",
        unit="day",
        statistic=float(r[place]),
        p_value=p,
        is_large=abs(float(r[place])) >= MIN_R,
        evidence_sql=_by_lag(scene, clock, leader, follower),
        shape="relation",
        say=_say,
    )


def _at_lag(x: Any, y: Any, lag: int) -> float:
    """Return the correlation of x with y some days later."""
    n = len(x)
    if lag >= 0:
        return float(x[: n - lag] @ y[lag:]) / (n - lag)
    return float(x[-lag:] @ y[: n + lag]) / (n + lag)


def _by_lag(scene: Scene, clock: Clock, leader: str, follower: str) -> str:
    """Correlation of daily means by lag in days: x, value, n_rows (pairs of days)."""
    day = f"cast({quote(clock.column)} as date)"
    return (
        f"with days as (\n    select {day} as ts,\n"
        f"        avg({shown(scene, leader)}) as a,\n"
        f"        avg({shown(scene, follower)}) as b\n    from {scene.source}\n"
        f"    where isfinite({quote(clock.column)})\n    group by 1\n),\n"
        f"lags as (\n    select unnest(range({MAX_LAG + 1})) as x\n)\n"
        "select cast(x as double) as x,\n    corr(earlier.a, later.b) as value,\n"
        "    count(*) as n_rows\nfrom lags\ncross join days as earlier\n"
        "join days as later on later.ts = earlier.ts + cast(x as integer)\n"
        "group by x\norder by x"
    )


def _say(c: Candidate, found_rows: Rows) -> Words:
    leader, follower = name(c.columns[0]), name(c.columns[1])
    lag = counted(c.lag or 0, "day")
    how = "with" if c.direction == "up" else "against"
    title = f"{first(follower)} moves {how} {leader} of {lag} before"
    by_lag = {int(r["x"]): r["value"] for r in found_rows}
    best, now = by_lag.get(c.lag or 0), by_lag.get(0)
    if best is None or now is None:
        return Words(title, f"{title}. It is no proof of cause.", f"Watch {leader}.")
    return Words(
        title,
        f"Daily means of {follower} go {how} those of {leader} {lag} earlier: "
        f"correlation {written(best)}, against {written(now)} on the same day, over "
        f"{counted(int(found_rows[0]['n_rows']), 'day')}. What comes first need not be "
        "the cause.",
        f"Use {leader} as an early sign of {follower}, and check it on new days.",
        value=best,
        baseline=now,
    )


plugin = Lagged()
