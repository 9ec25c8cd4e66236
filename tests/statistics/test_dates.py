"""Details of dates against pandas and counting by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.engine import DuckEngine, Store, StoredTable
from dsp.records import DatePart, DateProfile
from dsp.statistics import StatisticsEngine
from dsp.statistics.dates import SENTINELS

DAYS = [date(2024, 1, 1) + timedelta(days=i) for i in range(60)]


def at(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type] # noqa: DTZ001 - no zone is meant


def detailed(engine: DuckEngine, values: Any) -> tuple[DateProfile, list[DatePart]]:
    array = values if isinstance(values, pa.Array) else pa.array(values)
    engine.put(pa.table({"it's": array}), "data", schema="clean")
    stored = StoredTable(engine, "data", "clean")
    room = StatisticsEngine(engine)
    records = room.details(stored, room.profile(stored).columns)
    profile = next(r for r in records if isinstance(r, DateProfile))
    return profile, [r for r in records if isinstance(r, DatePart)]


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        ([date(y, 1, 1) for y in range(1990, 2000)], "year"),
        ([date(y, 12, 31) for y in range(1990, 2000)], "year"),
        ([date(2020 + m // 12, m % 12 + 1, 1) for m in range(0, 30, 3)], "quarter"),
        (
            [d.date() for d in pd.date_range("2020-01-31", periods=9, freq="QE")],
            "quarter",
        ),
        ([date(2020 + m // 12, m % 12 + 1, 1) for m in range(30)], "month"),
        ([d.date() for d in pd.date_range("2020-01-31", periods=9, freq="ME")], "month"),
        ([date(2024, 1, 2) + timedelta(days=7 * i) for i in range(9)], "week"),
        (DAYS, "day"),
        ([at(2024, 1, 1) + timedelta(days=i) for i in range(9)], "day"),
        ([at(2024, 1, 1) + timedelta(hours=i) for i in range(9)], "hour"),
        ([at(2024, 1, 1) + timedelta(minutes=i) for i in range(9)], "minute"),
        ([at(1924, 1, 1) + timedelta(seconds=i) for i in range(9)], "second"),
        ([at(1924, 1, 1, 0, 0, 0, 7000)], "millisecond"),
        ([at(1924, 1, 1, 0, 0, 0, 7001)], "microsecond"),
        ([at(2024, 1, 1, 5).replace(tzinfo=UTC)], "hour"),
        ([time(9), time(23), None], "hour"),
        ([time(9, 30), time(23)], "minute"),
        ([date(2024, 1, 1)], "day"),
    ],
)
def test_granularity_is_the_coarsest_unit(
    engine: DuckEngine, values: list[Any], unit: str
) -> None:
    assert detailed(engine, values)[0].granularity == unit


def test_gaps_are_counted_in_the_unit_of_the_dates(engine: DuckEngine) -> None:
    days = [d for d in DAYS if d.day not in (10, 11, 12)]
    profile, _ = detailed(engine, [*days, *days, None])
    assert (profile.n_values, profile.n_days, profile.span_days) == (108, 54, 60)
    assert (profile.gap_unit, profile.n_gaps, profile.n_missing) == ("day", 2, 6)
    assert (profile.longest_gap, profile.gap_start, profile.gap_end) == (
        *(3, "2024-01-09", "2024-01-13"),
    )
    months = [date(2020, m, 1) for m in (1, 2, 3, 7, 8, 12)]
    profile, _ = detailed(engine, months)
    assert (profile.gap_unit, profile.n_gaps, profile.n_missing) == ("month", 2, 6)
    # The first of the longest ones.
    assert (profile.gap_start, profile.gap_end) == ("2020-03-01", "2020-07-01")
    working = [d for d in DAYS if d.weekday() < 5 and d != date(2024, 1, 17)]
    profile, _ = detailed(engine, working)
    assert (profile.gap_unit, profile.n_gaps, profile.n_missing) == ("weekday", 1, 1)
    assert (profile.gap_start, profile.gap_end) == ("2024-01-16", "2024-01-18")
    assert (profile.n_weekend, profile.longest_gap) == (0, 1)


def test_sentinels_are_the_days_they_say(engine: DuckEngine) -> None:
    for text, number in SENTINELS.items():
        assert date.fromisoformat(text) - date(1970, 1, 1) == timedelta(days=number)
    values = [*DAYS, date(1900, 1, 1), date(1900, 1, 1), date(9999, 12, 31)]
    profile, _ = detailed(engine, values)
    assert (profile.n_sentinel, profile.sentinels) == (3, ("1900-01-01", "9999-12-31"))


def test_dates_beyond_python_and_infinite_ones_are_counted(engine: DuckEngine) -> None:
    engine.execute(
        "create table far as select unnest([date '5881580-07-10', date 'infinity', null, "
        "date '4000-01-01 (BC)', date '1970-01-01', date '-infinity']) as d"
    )
    stored = StoredTable(engine, "far")
    room = StatisticsEngine(engine)
    found = room.details(stored, room.profile(stored).columns)
    profile = next(r for r in found if isinstance(r, DateProfile))
    assert (profile.n_values, profile.n_days, profile.granularity) == (3, 3, "day")
    assert (profile.gap_start, profile.gap_end) == (
        "1970-01-01",
        f"day {2**31 - 2} since 1970-01-01",
    )


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("us"), pa.time64("us")])
def test_no_values_have_a_reason(engine: DuckEngine, kind: pa.DataType) -> None:
    profile, parts = detailed(engine, pa.array([None, None], kind))
    assert (profile.n_values, profile.granularity, parts) == (0, None, [])
    assert profile.reason == "no finite values"
    assert engine.rows(profile.profile_sql)[0][0] == 0


def check(engine: DuckEngine, values: Sequence[datetime | None]) -> None:
    profile, parts = detailed(engine, pa.array(values, pa.timestamp("us")))
    known = pd.Series([v for v in values if v is not None], dtype="datetime64[us]")
    days = sorted(set(known.dt.normalize()))
    assert profile.n_values == len(known)
    again = engine.sql(profile.profile_sql).to_pylist()[0]
    assert {name: getattr(profile, name) for name in again} == again
    if not len(known):
        return
    assert profile.n_days == len(days)
    assert profile.span_days == (days[-1] - days[0]).days + 1
    assert profile.n_weekend == (known.dt.day_of_week > 4).sum()
    if profile.gap_unit == "day":
        breaks = [(b - a).days - 1 for a, b in pairwise(days)]
        assert profile.n_gaps == sum(b > 0 for b in breaks)
        assert profile.n_missing == sum(breaks)
        assert profile.longest_gap == max([0, *breaks])
    counted = {
        "weekday": Counter(known.dt.day_of_week + 1),
        "month": Counter(known.dt.month),
        "hour": Counter(known.dt.hour),
    }
    if set(counted["hour"]) == {0}:
        del counted["hour"]
    for part, numbers in counted.items():
        found = [p for p in parts if p.part == part]
        assert [(p.number, p.n_rows) for p in found] == sorted(numbers.items())
        assert [p.fraction for p in found] == [p.n_rows / len(known) for p in found]
        assert engine.rows(found[0].profile_sql) == sorted(numbers.items())
    assert {p.part for p in parts} == set(counted)
    names = {p.label for p in parts if p.part == "weekday"}
    assert names == set(known.dt.day_name())
    assert {p.label for p in parts if p.part == "month"} == set(known.dt.month_name())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.datetimes(at(1900, 1, 1), at(2100, 12, 31)),
            st.datetimes(at(2024, 1, 1), at(2024, 1, 20)),
            st.dates(date(1960, 1, 1), date(1980, 1, 1)).map(
                lambda d: at(d.year, d.month, d.day)
            ),
        ),
        max_size=40,
    )
)
def test_any_timestamps_agree_with_pandas(values: list[datetime | None]) -> None:
    check(DuckEngine(threads=2), values)


def test_dates_reach_their_tables(engine: DuckEngine) -> None:
    profile, parts = detailed(engine, [at(2024, 1, 1, 7), at(2024, 3, 2, 9)])
    engine.execute("drop schema clean cascade")
    store = Store(engine)
    store.create()
    store.insert([profile, *parts])
    assert store.read(DateProfile) == [profile]
    assert store.read(DatePart) == parts
    assert [(p.part, p.label) for p in parts] == [
        *[("hour", "07:00"), ("hour", "09:00")],
        *[("month", "January"), ("month", "March")],
        *[("weekday", "Monday"), ("weekday", "Saturday")],
    ]
