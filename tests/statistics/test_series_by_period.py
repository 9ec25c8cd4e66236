"""Series of a table against pandas, statsmodels, brute force and their own SQL."""

from __future__ import annotations

import math
import warnings
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter
from statsmodels.tsa.seasonal import STL
from statsmodels.tsa.stattools import acf, adfuller, kpss

from dsp.engine import DuckEngine, Store
from dsp.inference.series_changes import Change
from dsp.records import Autocorrelation, ChangePoint, SeriesRow, TimeColumn, TimeGap
from dsp.statistics import StatisticsEngine
from dsp.statistics.series import SeriesResult, entities, result, times
from dsp.statistics.series.subjects import Subject, shown_changes
from tests.conftest import HOSTILE_NAMES

FIGURES = ("n_times", "n_repeated", "regularity", "n_missing")


def looked_at(engine: DuckEngine, table: Any, **named: Any) -> SeriesResult:
    """Return the series of a table, after holding every figure against its SQL."""
    stored = engine.put(table, "data", schema="clean")
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(stored, **named).columns
    found = statistics.series(stored, columns, **named)
    _hold(engine, found)
    return found


def _hold(engine: DuckEngine, found: SeriesResult) -> None:
    for column in found.time_columns:
        for name, value in engine.sql(column.evidence_sql).to_pylist()[0].items():
            figure = getattr(column, name)
            if column.n_times is not None or name in ("regularity", "n_missing"):
                assert figure == pytest.approx(value, rel=1e-12), name
    for gap in found.time_gaps:
        rows = engine.sql(gap.evidence_sql).to_pylist()
        assert [str(r["gap_start"]).removesuffix(" 00:00:00") for r in rows] == [
            gap.gap_start
        ]
        assert rows[0]["n_missing"] == gap.n_missing
        span = rows[0]["gap_end"] - rows[0]["gap_start"]
        assert span.total_seconds() == gap.seconds
    for row in found.series:
        values = engine.sql(row.evidence_sql).to_pylist()
        assert len(values) == row.n_periods
        known = [v["value"] for v in values if v["value"] is not None]
        if row.mean is None:
            assert known == []
        else:
            assert row.mean == pytest.approx(math.fsum(known) / len(known), rel=1e-9)
    for change in found.change_points:
        (means,) = engine.sql(change.evidence_sql).to_pylist()
        assert change.before == pytest.approx(means["before"], rel=1e-9)
        assert change.after == pytest.approx(means["after"], rel=1e-9)


def values_of(engine: DuckEngine, row: SeriesRow) -> list[float | None]:
    return [v for _, v in engine.rows(row.evidence_sql)]


def series(found: SeriesResult, measure: str | None, aggregate: str) -> SeriesRow:
    return next(
        r for r in found.series if (r.measure, r.aggregate) == (measure, aggregate)
    )


def dated(at: Any, **more: Any) -> pa.Table:
    moments = pa.array(pd.DatetimeIndex(at).to_pydatetime(), pa.timestamp("us"))
    n = len(moments)
    rng = np.random.default_rng(n)
    return pa.table({"at": moments, "x": rng.normal(size=n)} | more)


@pytest.mark.parametrize(
    ("frequency", "start", "step"),
    [
        ("s", "2024-02-28 23:59:00", "second"),
        ("min", "1969-12-31 23:00", "minute"),
        ("10min", "2024-01-01 00:05", "10 minutes"),
        ("h", "2024-03-30", "hour"),
        ("4h", "2024-01-01 02:00", "4 hours"),
        ("D", "1969-11-01", "day"),
        ("D", "2023-12-01 06:30", "day"),
        ("B", "1969-11-03", "business day"),
        ("2D", "2024-01-01", "2 days"),
        ("W-WED", "2020-01-01", "week"),
        ("14D", "2020-01-01", "2 weeks"),
        ("MS", "1966-01-01", "month"),
        ("ME", "2020-01-31", "month"),
        ("2MS", "2020-01-01", "2 months"),
        ("QS-FEB", "1965-02-01", "quarter"),
        ("YE", "1950-12-31", "year"),
    ],
)
def test_steps_of_the_calendar_are_found(
    engine: DuckEngine, frequency: str, start: str, step: str
) -> None:
    at = pd.date_range(start, periods=40, freq=frequency)
    found = looked_at(engine, dated(at))
    (column,) = found.time_columns
    assert (column.step, column.regularity, column.n_missing) == (step, 1.0, 0)
    assert (column.n_times, column.n_repeated, column.is_sorted) == (40, 0, True)
    assert (column.granularity, column.n_periods) == (step, 40)
    assert found.time_gaps == ()
    row = series(found, "x", "mean")
    assert (row.n_periods, row.n_filled, row.n_partial) == (40, 0, 0)
    table = dated(at)
    assert values_of(engine, row) == pytest.approx(table["x"].to_pylist(), rel=1e-12)


@pytest.mark.parametrize("frequency", ["h", "D", "B", "W", "MS", "QS", "YE", "10min"])
def test_missing_times_are_counted_and_listed(engine: DuckEngine, frequency: str) -> None:
    at = pd.date_range("1968-01-01", periods=80, freq=frequency)
    kept = at.delete([5, 6, 7, 20, 50, 51])
    found = looked_at(engine, dated(kept))
    (column,) = found.time_columns
    assert column.n_missing == 6
    assert column.regularity == pytest.approx(70 / 73)
    gaps = [(g.rank, pd.Timestamp(g.gap_start), g.n_missing) for g in found.time_gaps]
    assert gaps == [(1, at[4], 3), (2, at[49], 2), (3, at[19], 1)]
    assert [pd.Timestamp(g.gap_end) for g in found.time_gaps] == [at[8], at[52], at[21]]
    row = series(found, "x", "mean")
    assert (row.n_periods, row.n_filled) == (80, 6)
    assert sum(v is None for v in values_of(engine, row)) == 6
    rows = values_of(engine, series(found, None, "count"))
    assert [i for i, n in enumerate(rows) if n == 0] == [5, 6, 7, 20, 50, 51]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(-500, 500), min_size=3, max_size=60),
    st.integers(1, 4),
)
def test_regularity_and_gaps_equal_brute_force(days: list[int], repeats: int) -> None:
    moments = [date(1970, 1, 1) + timedelta(days=d) for d in days] * repeats
    table = pa.table({"at": moments, "x": [float(i) for i in range(len(moments))]})
    engine = DuckEngine(threads=2)
    try:
        found = looked_at(engine, table, time="at")
    finally:
        engine.close()
    (column,) = found.time_columns
    distinct = sorted(set(days))
    assert column.n_times == len(distinct)
    assert column.n_repeated == len(moments) - len(distinct)
    assert column.n_backward == sum(b < a for a, b in pairwise(days * repeats))
    if len(distinct) < 3:
        return
    steps = [b - a for a, b in pairwise(distinct)]
    if column.step == "day":
        assert column.regularity == pytest.approx(steps.count(1) / len(steps))
        assert column.n_missing == sum(s - 1 for s in steps)
        expected = sorted((s - 1 for s in steps if s > 1), reverse=True)[:20]
        assert [g.n_missing for g in found.time_gaps] == expected
    most = max(steps.count(s) for s in steps) / len(steps)
    assert (column.step is None) <= (most <= 0.5)
    assert column.regularity is not None
    assert column.regularity >= most


def test_statistics_are_those_of_statsmodels_on_periods_of_pandas(
    engine: DuckEngine,
) -> None:
    rng = np.random.default_rng(4)
    n = 6_000
    day = np.sort(rng.integers(0, 400, n))
    at = [date(2023, 1, 1) + timedelta(days=int(d)) for d in day]
    week = np.array([d.weekday() for d in at])
    x = rng.normal(10, 1, n) + 2 * (week == 4) + 0.01 * day
    x[::50] = np.nan
    found = looked_at(engine, pa.table({"at": at, "x": x}))
    frame = pd.DataFrame({"at": pd.to_datetime(at), "x": x}).set_index("at")["x"]
    by_day = frame.resample("D")
    expected = {
        (None, "count"): by_day.size().astype(float),
        ("x", "mean"): by_day.mean(),
        ("x", "sum"): by_day.sum(),
    }
    assert {(r.measure, r.aggregate) for r in found.series} == set(expected)
    for (measure, aggregate), values in expected.items():
        row = series(found, measure, aggregate)
        assert values_of(engine, row) == pytest.approx(values.tolist(), rel=1e-12)
        assert row.mean == pytest.approx(values.mean(), rel=1e-12)
        assert row.sd == pytest.approx(values.std(), rel=1e-9)
        _agrees(row, found, values.to_numpy())
    mean = series(found, "x", "mean")
    assert (mean.cycle, mean.cycle_length) == ("week", 7)
    assert mean.peak == "Friday"
    assert mean.verdict == "trend-stationary"
    assert mean.n_changes == 0


def _agrees(row: SeriesRow, found: SeriesResult, values: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        root = adfuller(values, result_object=True)
        line = adfuller(values, regression="ct", result_object=True)
        flat = kpss(values, result_object=True)
        straight = kpss(values, regression="ct", result_object=True)
    assert row.adf_lags == root.lags
    assert row.kpss_lags == flat.lags
    assert (row.adf_statistic, row.adf_p_value) == pytest.approx(tuple(root), rel=1e-9)
    assert (row.adf_trend_statistic, row.adf_trend_p_value) == pytest.approx(
        tuple(line), rel=1e-9
    )
    assert (row.kpss_statistic, row.kpss_p_value) == pytest.approx(tuple(flat), rel=1e-9)
    assert (row.kpss_trend_statistic, row.kpss_trend_p_value) == pytest.approx(
        tuple(straight), rel=1e-9
    )
    r = acf(values, nlags=40)
    listed = [a for a in found.autocorrelations if a.series_id == row.series_id]
    assert [a.lag for a in listed] == list(range(1, 41))
    assert [a.acf for a in listed] == pytest.approx(r[1:], rel=1e-9, abs=1e-12)
    assert row.lag_1 == listed[0].acf
    assert all(a.is_outside == (abs(a.acf) > a.bound) for a in listed)
    assert row.cycle_length is not None
    parts = STL(values, period=row.cycle_length).fit()
    strength = 1 - parts.resid.var() / (parts.resid + parts.seasonal).var()
    assert row.seasonal_strength == pytest.approx(max(0, strength), abs=1e-9)
    strength = 1 - parts.resid.var() / (parts.resid + parts.trend).var()
    assert row.trend_strength == pytest.approx(max(0, strength), abs=1e-9)


@pytest.mark.parametrize(
    ("frequency", "length", "name", "peak"),
    [
        ("h", 24, "day", "02:00"),
        ("D", 7, "week", "Wednesday"),
        ("MS", 12, "year", "March"),
        ("QS", 4, "year", "quarter 3"),
        ("B", 5, "week", "Wednesday"),
        ("min", 60, "hour", "minute 2"),
        ("W-MON", 52, "year", "week of 15 January"),
        ("3D", 9, "cycle", "3 of 9"),
    ],
)
def test_cycles_of_the_calendar_are_named(
    engine: DuckEngine, frequency: str, length: int, name: str, peak: str
) -> None:
    at = pd.date_range("2018-01-01", periods=max(210, 5 * length), freq=frequency)
    noise = np.random.default_rng(3).normal(size=len(at))
    table = dated(at, y=10.0 * (np.arange(len(at)) % length == 2) + noise / 4)
    row = series(looked_at(engine, table), "y", "mean")
    assert (row.cycle, row.cycle_length, row.peak) == (name, length, peak)
    assert row.seasonal_strength is not None
    assert row.seasonal_strength > 0.9
    assert row.n_changes == 0


def test_a_shift_is_found_beside_trend_and_season(engine: DuckEngine) -> None:
    rng = np.random.default_rng(9)
    n = 300
    t = np.arange(n)
    at = pd.date_range("2023-01-01", periods=n, freq="D")
    season = 3 * np.sin(2 * np.pi * t / 7)
    table = dated(
        at,
        shifted=season + rng.normal(size=n) + 3 * (t >= 180),
        rising=season + rng.normal(size=n) + 0.05 * t,
        walking=np.cumsum(rng.normal(size=n)),
    )
    found = looked_at(engine, table)
    assert [c.series_id for c in found.change_points] == ["mean_3"]
    (change,) = found.change_points
    assert abs((pd.Timestamp(change.changed_at) - at[180]).days) <= 3
    assert change.effect == pytest.approx(3, abs=0.6)
    assert change.kind == "level"
    assert series(found, "rising", "mean").verdict == "trend-stationary"
    assert series(found, "walking", "mean").verdict == "unit root"


def test_a_wider_spread_is_found_beside_a_missing_period(engine: DuckEngine) -> None:
    rng = np.random.default_rng(10)
    at = pd.date_range("2023-01-01", periods=300, freq="D").delete([200])
    wider = 1e9 + rng.normal(size=299) * np.where(np.arange(299) < 150, 1, 4)
    found = looked_at(engine, dated(at, wider=wider))
    (change,) = found.change_points
    assert (change.series_id, change.kind, change.change) == ("mean_3", "spread", 1)
    assert abs((pd.Timestamp(change.changed_at) - at[150]).days) <= 6
    assert change.effect == pytest.approx(4, abs=0.8)
    row = series(found, "wider", "mean")
    assert (row.n_changes, row.n_spread_changes) == (0, 1)


def test_changes_of_spread_must_show_in_the_steps() -> None:
    noise = np.random.default_rng(19).normal(size=200)
    noise[50] = np.nan
    wider = noise * np.where(np.arange(200) < 120, 1, 2)
    found = [
        Change(index=60, before=1.0, after=2.0, effect=1.0, gain=5.0),
        Change(index=120, before=1.0, after=2.0, effect=1.0, gain=5.0),
        Change(index=170, before=2.0, after=1.0, effect=-1.0, gain=5.0),
    ]
    same, more = (Subject("x", "x", "mean", v, "") for v in (noise, wider))
    assert shown_changes(same, found) == []
    assert [c.index for c in shown_changes(more, found)] == [120]
    narrower = Subject("x", "x", "mean", wider[::-1], "")
    assert [c.index for c in shown_changes(narrower, [found[2]])] == [170]


def test_seasons_make_no_changes(engine: DuckEngine) -> None:
    rng = np.random.default_rng(21)
    n, n_wrong, n_spread, n_tried = 200, 0, 0, 0
    at = pd.date_range("2023-01-01", periods=n, freq="D")
    t = np.arange(n)
    for _ in range(17):
        columns = {}
        for i in range(6):
            noise = lfilter([1.0], [1.0, -0.4], rng.normal(size=n))
            columns[f"y{i}"] = noise + (3 + 30 * (i % 2)) * np.sin(2 * np.pi * t / 7)
        table = dated(at, **columns).drop_columns("x")
        found = looked_at(engine, table)
        n_wrong += sum((r.n_changes or 0) > 0 for r in found.series)
        n_spread += sum((r.n_spread_changes or 0) > 0 for r in found.series)
        n_tried += sum(r.n_changes is not None for r in found.series)
    assert n_tried == 102
    assert n_wrong < 0.05 * n_tried
    assert n_spread < 0.05 * n_tried


def test_partial_periods_at_the_ends_are_left_out(engine: DuckEngine) -> None:
    start = datetime(2024, 1, 1, 10, 20, tzinfo=UTC).replace(tzinfo=None)
    rng = np.random.default_rng(5)
    seconds = np.sort(rng.uniform(0, 40 * 86_400, 30_000)).round().tolist()
    at = [start + timedelta(seconds=s) for s in seconds]
    found = looked_at(engine, pa.table({"at": at, "x": rng.normal(size=30_000)}))
    (column,) = found.time_columns
    assert (column.step, column.granularity) == (None, "hour")
    assert column.reason is not None
    assert column.reason.startswith("irregular: the most frequent step, ")
    row = series(found, None, "count")
    assert (row.first_period, row.last_period) == (
        "2024-01-01 11:00:00",
        "2024-02-10 09:00:00",
    )
    assert (row.n_partial, column.n_periods) == (2, row.n_periods + 2)
    counts = pd.Series(1, index=pd.DatetimeIndex(at)).resample("h").sum()
    assert values_of(engine, row) == counts.tolist()[1:-1]
    assert series(found, "x", "sum").n_periods == row.n_periods


def test_days_that_begin_within_a_month_make_it_partial(engine: DuckEngine) -> None:
    n = 6_000
    at = pd.date_range("2001-01-03", periods=n, freq="D")
    row = looked_at(engine, dated(at)).series[0]
    assert row.granularity == "week"
    # 2001-01-03 is a Wednesday, 2017-06-07 too.
    assert (row.first_period, row.last_period) == ("2001-01-08", "2017-05-29")
    assert row.n_partial == 2
    assert row.reason == "all periods have the same value"


def test_months_of_different_length_are_one_step(engine: DuckEngine) -> None:
    at = [date(y, m, 1) for y in range(1968, 1973) for m in range(1, 13)]
    ends = pairwise([*at, date(1973, 1, 1)])
    days = [(b - a).days + i / 1_000 for i, (a, b) in enumerate(ends)]
    found = looked_at(engine, pa.table({"at": at, "x": days}))
    assert found.time_columns[0].step == "month"
    row = series(found, "x", "mean")
    assert values_of(engine, row) == days
    assert (row.valley, row.cycle) == ("February", "year")


def test_summer_time_changes_nothing(engine: DuckEngine) -> None:
    at = pd.date_range("2024-03-20", periods=500, freq="h", tz="UTC")
    zone = pa.timestamp("us", tz="Europe/Zurich")
    x = np.random.default_rng(1).normal(size=500)
    expected = looked_at(engine, pa.table({"at": at.tz_localize(None), "x": x}))
    for name in ("Europe/Zurich", "Australia/Lord_Howe"):
        engine.execute(f"set TimeZone = '{name}'")
        found = looked_at(engine, pa.table({"at": pa.array(at, zone), "x": x}))
        assert found.time_columns[0].step == "hour"
        assert found.time_columns[0].n_missing == 0
        assert found.autocorrelations == expected.autocorrelations


@pytest.mark.parametrize(
    "kind", ["TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ", "TIMESTAMP"]
)
def test_every_type_of_time_is_read(engine: DuckEngine, kind: str) -> None:
    engine.execute(
        "create schema clean; create table clean.data as select cast(timestamp "
        f"'1969-12-30' + to_hours(cast(range as integer)) as {kind}) as t, "
        "sin(range) as x from range(90)"
    )
    table = engine.table("data", schema="clean")
    statistics = StatisticsEngine(engine)
    found = statistics.series(table, statistics.profile(table).columns)
    _hold(engine, found)
    (column,) = found.time_columns
    assert (column.step, column.regularity, column.n_missing) == ("hour", 1.0, 0)
    expected = [math.sin(i) for i in range(90)]
    assert values_of(engine, series(found, "x", "mean")) == pytest.approx(expected)


def test_entities_tell_rows_of_a_time_apart(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = pd.date_range("2020-01-01", periods=60, freq="MS")
    names = ["a", "b", "c", "d"]
    rows = [(t, name) for t in at for name in names]
    rows.remove((at[30], "c"))
    table = dated(
        [t for t, _ in rows],
        place=[name for _, name in rows],
        coin=[str(i % 2) for i in range(len(rows))],
    )
    (column,) = looked_at(engine, table).time_columns
    assert (column.entity_column, column.step) == ("place", "month")
    assert column.n_repeated == 239 - 60
    assert column.entity_regularity == pytest.approx(234 / 235)
    monkeypatch.setattr(entities, "MOST_ROWS", 100)
    assert looked_at(engine, table).time_columns[0].entity_column is None


def test_rows_with_a_repeated_time_and_entity_have_no_entity(engine: DuckEngine) -> None:
    at = [t for t in pd.date_range("2020-01-01", periods=60, freq="D") for _ in "abc"]
    table = dated(at, place=["a", "b", "b"] * 60)
    assert looked_at(engine, table).time_columns[0].entity_column is None


def test_values_far_from_zero_keep_their_digits(engine: DuckEngine) -> None:
    rng = np.random.default_rng(8)
    small = rng.integers(-1000, 1000, 300) / 1024
    at = pd.date_range("2020-01-01", periods=300, freq="D")
    found = looked_at(engine, dated(at, far=1e12 + small, near=small))
    near, far = series(found, "near", "mean"), series(found, "far", "mean")
    assert far.lag_1 == pytest.approx(near.lag_1, rel=1e-12)
    assert far.adf_statistic == pytest.approx(near.adf_statistic, rel=1e-9)
    assert far.kpss_statistic == pytest.approx(near.kpss_statistic, rel=1e-9)
    assert far.sd == pytest.approx(near.sd, rel=1e-12)
    assert far.mean == pytest.approx(1e12 + small.mean(), rel=1e-15)


def test_threads_and_order_of_rows_change_nothing() -> None:
    rng = np.random.default_rng(6)
    n = 20_000
    at = [
        datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=int(m))
        for m in rng.integers(0, 9e5, n)
    ]
    table = pa.table({"at": at, "x": rng.lognormal(size=n)})
    found = []
    for threads, order in ((1, np.arange(n)), (2, rng.permutation(n))):
        engine = DuckEngine(threads=threads)
        found.append(looked_at(engine, table.take(pa.array(order))))
        engine.close()
    assert found[0].series == found[1].series
    assert found[0].autocorrelations == found[1].autocorrelations
    assert found[0].change_points == found[1].change_points


def test_hostile_names_and_a_stored_result(engine: DuckEngine) -> None:
    n = 60
    rng = np.random.default_rng(2)
    at = [date(2024, 1, 1) + timedelta(days=i) for i in range(n)]
    table = pa.table(
        {"it's": at} | {name: rng.normal(size=n) for name in HOSTILE_NAMES[1:]}
    )
    found = looked_at(engine, table)
    assert found.time_columns[0].column_name == "it's"
    assert {r.measure for r in found.series} == {None, *HOSTILE_NAMES[1:7]}
    assert found.time_columns[0].reason == "series of 6 of 9 measures"
    engine.execute("drop schema if exists clean cascade")
    store = Store(engine)
    store.create()
    store.insert(found.records)
    assert tuple(store.read(TimeColumn)) == found.time_columns
    assert tuple(store.read(SeriesRow)) == found.series
    assert tuple(store.read(Autocorrelation)) == found.autocorrelations
    assert tuple(store.read(ChangePoint)) == found.change_points
    assert tuple(store.read(TimeGap)) == found.time_gaps


def test_the_target_comes_first(engine: DuckEngine) -> None:
    at = pd.date_range("2020-01-01", periods=60, freq="D")
    rng = np.random.default_rng(2)
    table = dated(at, **{f"y{i}": rng.normal(size=60) for i in range(9)})
    found = looked_at(engine, table, target="y8")
    assert [r.measure for r in found.series][:3] == [None, "y8", "x"]


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ([date(2024, 1, 1)], "fewer than two distinct times"),
        ([date(2024, 1, 1)] * 5, "fewer than two distinct times"),
        ([None] * 5, "fewer than two distinct times"),
        ([date(9999, 12, 31), date(2024, 1, 1)], "fewer than two distinct times"),
        ([date(2024, 1, 1), date(2024, 1, 2)], "fewer than three distinct times"),
        ([date(1, 1, 1), date(9000, 1, 1), date(9998, 12, 31)], "too far apart"),
        ([date(1900, 1, 1), date(1910, 5, 1), date(1960, 1, 2)], "too far apart"),
    ],
)
def test_too_few_times_are_said(engine: DuckEngine, at: list[Any], reason: str) -> None:
    table = pa.table({"at": pa.array(at, pa.date32()), "x": [1.5] * len(at)})
    found = looked_at(engine, table, time="at")
    assert reason in (found.time_columns[0].reason or "")
    assert all(r.verdict is None and r.reason for r in found.series)
    assert found.change_points == ()


def test_infinite_dates_are_no_times(engine: DuckEngine) -> None:
    engine.execute(
        "create schema clean; create table clean.data as "
        "select date '2024-01-01' + cast(range as integer) as day, random() as x "
        "from range(50) union all by name select unnest([date 'infinity', "
        "date '-infinity', null, date '5881580-07-10']) as day, 1.0 as x"
    )
    table = engine.table("data", schema="clean")
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(table).columns
    found = statistics.series(table, columns)
    _hold(engine, found)
    (column,) = found.time_columns
    assert (column.n_rows, column.n_dated, column.n_times) == (54, 50, 50)
    assert (column.first_time, column.last_time) == ("2024-01-01", "2024-02-19")
    assert (column.step, column.n_missing) == ("day", 0)


def test_measures_without_values_say_so(engine: DuckEngine) -> None:
    n = 60
    at = pd.date_range("2020-01-01", periods=n, freq="D")
    rare = [float(i) if i % 4 == 0 else None for i in range(n)]
    table = dated(
        at,
        rare=rare,
        none=pa.nulls(n, pa.float64()),
        huge=[(-1) ** i * 1e308 / (1 + i // 2) for i in range(n)],
    )
    found = looked_at(engine, table)
    assert {r.measure for r in found.series} == {None, "x", "rare", "huge"}
    assert series(found, "rare", "mean").reason == "45 of 60 periods have no value"
    assert series(found, None, "count").reason == "all periods have the same value"
    huge = series(found, "huge", "mean")
    power = sum((1 + i // 2) ** -2.0 for i in range(n))
    assert huge.sd == pytest.approx(1e308 * math.sqrt(power / (n - 1)))
    assert huge.lag_1 is not None
    assert huge.lag_1 < -0.5


def test_tables_without_times_have_no_series(engine: DuckEngine) -> None:
    assert looked_at(engine, pa.table({"x": [1.5, 2.5]})) == SeriesResult()
    empty = pa.table({"at": pa.array([], pa.date32()), "x": pa.array([], pa.float64())})
    assert looked_at(engine, empty, time="at") == SeriesResult()


def test_limits_are_said(engine: DuckEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "MOST_TIMES", 100)
    monkeypatch.setattr(result, "MOST_MEASURES", 1)
    at = pd.date_range("2020-01-01", periods=3_000, freq="h").delete(range(1_000, 1_050))
    table = dated(at, y=np.random.default_rng(1).normal(size=2_950))
    found = looked_at(engine, table)
    (column,) = found.time_columns
    assert column.reason == "series of 1 of 2 measures"
    assert (column.n_times, column.step, column.granularity) == (2_950, "hour", "hour")
    assert [(g.unit, g.n_missing) for g in found.time_gaps] == [("hour", 50)]
    assert [r.measure for r in found.series] == [None, "x"]
    mixed = table.take(pa.array(np.random.default_rng(2).permutation(2_950)))
    (column,) = looked_at(engine, mixed).time_columns
    assert column.reason == "more than 100 times, not in order; series of 1 of 2 measures"
    assert (column.n_times, column.step, column.granularity) == (None, None, "hour")


@example([0, 0, 0, 2, 2], 600)
@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from([0, 1, 1, 1, 2, 5]), min_size=5, max_size=80),
    st.sampled_from([1, 60, 600, 3_600, 86_400, 7_200]),
)
def test_times_in_order_are_seen_the_same_however_many(
    steps: list[int], seconds: int
) -> None:
    start = datetime(1969, 12, 30, 7, tzinfo=UTC)
    at = [start + timedelta(seconds=seconds * int(s)) for s in np.cumsum(steps)]
    table = pa.table({"at": pa.array(at, pa.timestamp("us")), "x": range(len(at))})
    engine = DuckEngine(threads=2)
    try:
        expected = looked_at(engine, table, time="at")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(times, "MOST_TIMES", 2)
            found = looked_at(engine, table, time="at")
    finally:
        engine.close()
    (known,), (passed,) = expected.time_columns, found.time_columns
    assert passed.n_times == known.n_times
    assert (passed.step, passed.n_missing) == (known.step, known.n_missing)
    if known.step is not None:
        assert passed.regularity == known.regularity
        assert found.time_gaps == expected.time_gaps


def test_nasty_tables_have_series_that_equal_their_queries(
    engine: DuckEngine, nasty: tuple[str, Any]
) -> None:
    found = looked_at(engine, nasty[1])
    n_rows = [c.n_rows for c in found.time_columns]
    assert n_rows == ([40] if nasty[0] == "mixed_types" else [])
    for row in found.series:
        assert row.verdict is not None or row.reason


@pytest.mark.shared
def test_panels_and_weather_are_seen_as_such(
    engine: DuckEngine, shared_data: Any
) -> None:
    stocks = pd.read_csv(shared_data / "stocks.csv")
    stocks["date"] = pd.to_datetime(stocks["date"], format="%b %d %Y")
    (column,) = looked_at(engine, pa.Table.from_pandas(stocks)).time_columns
    assert (column.step, column.entity_column) == ("month", "symbol")
    weather = pd.read_csv(shared_data / "seattle-weather.csv", parse_dates=["date"])
    found = looked_at(engine, pa.Table.from_pandas(weather))
    (column,) = found.time_columns
    assert (column.step, column.n_missing, column.n_times) == ("day", 0, 1461)
    row = series(found, "temp_max", "mean")
    assert (row.cycle, row.cycle_length) == ("year", 365)
    assert row.seasonal_strength is not None
    assert row.seasonal_strength > 0.8
