"""Dates: how fine they are, which days are missing, weekdays, months and hours.

The data is read once, counted by day and hour; all else comes from that small table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine
from dsp.records import ColumnProfile, DatePart, DateProfile
from dsp.statistics.base import DATED, Column

SENTINELS = {
    "0001-01-01": -719_162,
    "1900-01-01": -25_567,
    "1970-01-01": 0,
    "1999-12-31": 10_956,
    "2099-12-31": 47_481,
    "2100-12-31": 47_846,
    "2999-12-31": 376_199,
    "9999-12-31": 2_932_896,
}
"""Days that often stand for "unknown" or "never", in days since 1970-01-01."""
FEW_DAYS = 3
"""Below this many days no unit coarser than a day is seen."""
WEEKDAYS = 14
"""From this many days on, none of them on a weekend, only weekdays are missed."""

_DAY = 86_400_000_000
_FAR = 2_000_000_000
"""Days since 1970-01-01 beyond which a month may not end any more."""
_LABELS = {
    "weekday": (
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    ),
    "month": (
        *("January", "February", "March", "April", "May", "June", "July", "August"),
        *("September", "October", "November", "December"),
    ),
    "hour": tuple(f"{hour:02}:00" for hour in range(24)),
}
_PART_SQL = {"weekday": "isodow", "month": "month", "hour": "hour"}
_FINER = {
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
    "millisecond": 1_000,
}
"""Units below a day in microseconds, from coarse to fine."""
_STEPS = {
    "year": "y",
    "quarter": "y * 4 + (m - 1) // 3",
    "month": "y * 12 + m",
    "week": "(d - w) // 7",
    "weekday": "(d - w) // 7 * 5 + least(4, w)",
    "day": "d",
}
"""The number of a day among units that whole days can have, from coarse to fine."""
_FACTS = """
    count(*) as n_days, cast(sum(n) as bigint) as n, min(d) as low, max(d) as high,
    cast(coalesce(sum(n) filter (where w > 4), 0) as bigint) as n_weekend,
    bool_and(is_first) as first_days, bool_and(is_last) as last_days,
    min(m) as low_month, max(m) as high_month, min(m % 3) as low_third,
    max(m % 3) as high_third, min(w) = max(w) as week""".strip()


def date_profiles(
    engine: DuckEngine, source: str, columns: Sequence[ColumnProfile]
) -> Iterator[DateProfile | DatePart]:
    """Yield granularity, gaps and parts of every column of dates or times, all exact.

    The granularity is the coarsest unit that all values are whole in: year, quarter or
    month (its first days or its last ones), week (one weekday), day, hour and finer.
    Gaps are counted in `gap_unit`: that unit, or weekdays where none is on a weekend.
    Infinite dates are left out; times with a zone are taken in UTC.
    """
    for profile in columns:
        column = Column(profile.column_name, profile.data_type, profile.position)
        if column.family in (*DATED, "time"):
            facts = engine.sql(_query(column, source)).to_pylist()[0]
            yield from _records(column, profile, facts, source)


def _query(column: Column, source: str) -> str:
    """Return the query of one row of facts, which reads the data once."""
    finite = f"isfinite({column.sql})" if column.family in DATED else "true"
    moments = f"{column.sql} - date '1970-01-01' as d, 0 as r"
    picked = source
    if column.data_type != "DATE":
        # Whole numbers know no time zones; the rest of a division is made positive.
        moments = f"(e - r) // {_DAY} as d, r"
        value = f"cast({column.sql} as time)" if column.family == "time" else column.sql
        picked = (
            f"(select e, (e % {_DAY} + {_DAY}) % {_DAY} as r, {column.sql}\n        "
            f"from (select epoch_us({value}) as e, {column.sql} from {source}))"
        )
    finer = ", ".join(f"count_if(r % {step} <> 0) as {u}" for u, step in _FINER.items())
    steps = ", ".join(f"{sql} as s_{unit}" for unit, sql in _STEPS.items())
    gaps = ", ".join(f"s_{u} - lag(s_{u}) over (order by d) - 1 as g_{u}" for u in _STEPS)
    counted = ", ".join(
        f"cast(coalesce(count_if(g_{u} > 0), 0) as bigint) as n_{u}, "
        f"cast(coalesce(sum(greatest(g_{u}, 0)), 0) as bigint) as sum_{u}, "
        f"max(g_{u}) as max_{u}, arg_max(before, g_{u}) as from_{u}, "
        f"arg_max(d, g_{u}) as to_{u}"
        for u in _STEPS
    )
    fine = ", ".join(f"cast(sum({u}) as bigint) as fine_{u}" for u in _FINER)
    known = ", ".join(map(str, SENTINELS.values()))
    return f"""
with moments as (
    select {moments} from {picked}
    where {column.sql} is not null and {finite}
),
hours as (
    select d, r // 3600000000 as h, count(*) as n, {finer}
    from moments group by 1, 2
),
days as (
    select d, n, date '1970-01-01' + cast(d as integer) as day, year(day) as y,
        month(day) as m, (d % 7 + 10) % 7 as w, day(day) = 1 as is_first,
        case when d < {_FAR} then day = last_day(day) else false end as is_last
    from (select d, cast(sum(n) as bigint) as n from hours group by 1)
),
gaps as (
    select d, lag(d) over (order by d) as before, {gaps}
    from (select d, {steps} from days)
),
parts as (
    select 'weekday' as part, w + 1 as number, sum(n) as n from days group by 2
    union all select 'month', m, sum(n) from days group by 2
    union all select 'hour', h, sum(n) from hours group by 2
)
select a.*, b.*, c.*,
    (select list([d, n] order by d) from days where d in ({known})) as sentinels,
    (select list({{'part': part, 'number': number, 'n': cast(n as bigint)}}
        order by part, number) from parts) as parts
from (select {_FACTS} from days) as a, (select {counted} from gaps) as b,
    (select {fine}, min(h) as low_hour, max(h) as high_hour from hours) as c
""".strip()


def _records(
    column: Column, profile: ColumnProfile, facts: Mapping[str, Any], source: str
) -> Iterator[DateProfile | DatePart]:
    value = column.sql
    finite = f"isfinite({value})" if column.family in DATED else f"{value} is not null"
    picked = f"from {source}\nwhere {finite}"
    n, unit = facts["n"] or 0, _granularity(column, facts)
    figures = _dated(facts, unit, value, picked) if column.family in DATED and n else {}
    yield DateProfile(
        column_name=column.name,
        n_values=n,
        granularity=unit,
        first_value=profile.min_value,
        last_value=profile.max_value,
        reason=None if n else "no finite values",
        **{"profile_sql": f"select count(*) as n_values\n{picked}"} | figures,
    )
    wanted = [part for part in _LABELS if column.family in DATED or part == "hour"]
    for found in facts["parts"] or ():
        part, number = found["part"], found["number"]
        is_idle = part == "hour" and facts["low_hour"] == facts["high_hour"] == 0
        if part not in wanted or is_idle:
            continue
        yield DatePart(
            column_name=column.name,
            part=part,
            number=number,
            label=_LABELS[part][number - (part != "hour")],
            n_rows=found["n"],
            fraction=found["n"] / n,
            profile_sql=f"select {_PART_SQL[part]}({value}) as number, count(*) as n_rows"
            f"\n{picked}\ngroup by 1\norder by 1",
        )


def _granularity(column: Column, facts: Mapping[str, Any]) -> str | None:
    """Return the coarsest unit that all values are whole in."""
    if not facts["n"]:
        return None
    for unit in _FINER:
        if unit == "hour" and facts["high_hour"] == 0 and facts["fine_hour"] == 0:
            return _coarse(facts) if column.family in DATED else "hour"
        if facts[f"fine_{unit}"] == 0:
            return unit
    return "microsecond"


def _coarse(facts: Mapping[str, Any]) -> str:
    if facts["n_days"] < FEW_DAYS:
        return "day"
    if facts["first_days"] or facts["last_days"]:
        end = 1 if facts["first_days"] else 12
        if facts["low_month"] == facts["high_month"] == end:
            return "year"
        if facts["low_third"] == facts["high_third"] == end % 3:
            return "quarter"
        return "month"
    return "week" if facts["week"] else "day"


def _dated(
    facts: Mapping[str, Any], unit: str | None, value: str, picked: str
) -> dict[str, Any]:
    """Return the fields that only dates have."""
    step = unit if unit in _STEPS else "day"
    if step == "day" and facts["n_days"] >= WEEKDAYS and not facts["n_weekend"]:
        step = "weekday"
    longest = facts[f"max_{step}"] or 0
    found = dict(facts["sentinels"] or ())
    return {
        "n_days": facts["n_days"],
        "span_days": facts["high"] - facts["low"] + 1,
        "gap_unit": step,
        "n_gaps": facts[f"n_{step}"],
        "n_missing": facts[f"sum_{step}"],
        "longest_gap": max(0, longest),
        "gap_start": _day(facts[f"from_{step}"]) if longest > 0 else None,
        "gap_end": _day(facts[f"to_{step}"]) if longest > 0 else None,
        "n_weekend": facts["n_weekend"],
        "n_sentinel": sum(found.values()),
        "sentinels": tuple(name for name, day in SENTINELS.items() if day in found),
        "profile_sql": "select count(*) as n_values,\n    "
        f"count(distinct cast({value} as date)) as n_days,\n    "
        f"max(cast({value} as date)) - min(cast({value} as date)) + 1 as span_days,\n    "
        f"count_if(isodow({value}) > 5) as n_weekend\n{picked}",
    }


def _day(number: int) -> str:
    """Return a day since 1970-01-01 as ISO text; days before year 1 as a number."""
    from datetime import date, timedelta

    try:
        return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
    except OverflowError:
        return f"day {number} since 1970-01-01"
