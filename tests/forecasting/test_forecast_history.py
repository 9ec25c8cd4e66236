"""Histories in SQL: steps, gaps, zones, and rows that make no series."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

import dsp
from dsp.engine import StoredTable
from dsp.errors import ColumnNotFoundError, DspError, SettingError, TargetError
from dsp.forecasting.clocks import Question
from dsp.forecasting.filling import filled
from dsp.forecasting.history import History, read_history
from dsp.forecasting.periods import NAMES, Frequency, frequency_named

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

BERLIN = ZoneInfo("Europe/Berlin")


def history(engine: DuckEngine, rows: dict[str, Any], **asked: Any) -> History:
    engine.put(pa.table(rows), "rows")
    question = Question("t", "y", **asked)
    return read_history(StoredTable(engine, "rows"), question)


def days(n: int, step: int = 1) -> list[date]:
    return [date(2023, 1, 2) + timedelta(days=step * i) for i in range(n)]


def months(n: int, step: int = 1) -> list[date]:
    return [date(2000 + step * i // 12, step * i % 12 + 1, 15) for i in range(n)]


def minutes(n: int, step: int) -> list[datetime]:
    first = datetime(2024, 1, 1, tzinfo=UTC)
    return [first + timedelta(minutes=step * i) for i in range(n)]


WORKDAYS = [d for d in days(60) if d.weekday() < 5]


@pytest.mark.parametrize(
    ("times", "name"),
    [
        (minutes(90, 1), "minute"),
        (minutes(90, 15), "quarter hour"),
        (minutes(90, 60), "hour"),
        (minutes(90, 240), "4 hours"),
        (days(40), "day"),
        (WORKDAYS, "business day"),
        (days(40, 7), "week"),
        (months(40), "month"),
        (months(20, 3), "quarter"),
        (months(12, 12), "year"),
        ([1950 + i for i in range(20)], "year"),
        (["2020-01", "2020-02", "2020-03", "2020-05"], "month"),
        (["2020Q1", "2020Q2", "2020Q3", "2020Q4"], "quarter"),
        ([date(2024, 2, 29)], "day"),
    ],
)
def test_the_step_is_found(engine: DuckEngine, times: list[Any], name: str) -> None:
    found = history(engine, {"t": times, "y": [float(i) for i in range(len(times))]})
    assert found.frequency.name == name
    assert found.lengths[0] >= len(times)


def test_a_step_is_found_in_spite_of_gaps(engine: DuckEngine) -> None:
    times = [t for i, t in enumerate(days(100)) if i % 7 != 3 and i not in (50, 51)]
    found = history(engine, {"t": times, "y": [1.0 + i for i in range(len(times))]})
    assert found.frequency.name == "day"
    assert int(np.isnan(found.values).sum()) == 100 - len(times)


@pytest.mark.parametrize("name", NAMES)
def test_periods_are_numbered_alike_in_sql_and_python(
    engine: DuckEngine, name: str
) -> None:
    step = Frequency(name, weekday=2 if name == "week" else 0)
    for text in ("1969-12-28 23:59:00", "2024-02-29 13:07:05"):
        when = datetime.fromisoformat(text).replace(tzinfo=UTC)
        ts = f"timestamp '{text}'"
        number = step.number_sql(ts)
        row = engine.rows(f"select {number}, {step.start_sql(number)}")[0]
        assert row[0] == step.number(when)
        assert row[1] == step.start(row[0]).replace(tzinfo=None)
        assert step.number(step.start(row[0])) == row[0]


@pytest.mark.parametrize(("month", "day", "n"), [(3, 25, 335), (10, 21, 337)])
def test_an_hour_is_neither_lost_nor_doubled_by_summer_time(
    engine: DuckEngine, month: int, day: int, n: int
) -> None:
    first = datetime(2024, month, day, tzinfo=BERLIN).astimezone(UTC)
    last = datetime(2024, month, day, tzinfo=BERLIN) + timedelta(days=14)
    assert int((last.astimezone(UTC) - first) / timedelta(hours=1)) == n
    times = [(first + timedelta(hours=i)).astimezone(BERLIN) for i in range(n)]
    column = pa.array(times, pa.timestamp("us", "Europe/Berlin"))
    found = history(engine, {"t": column, "y": [float(i) for i in range(n)]})
    assert found.frequency.name == "hour"
    assert found.values[:, 0].tolist() == [float(i) for i in range(n)]


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_days_are_local_dates(engine: DuckEngine, zone: str | None) -> None:
    local = [datetime(2024, 3, 1, tzinfo=BERLIN) + timedelta(days=i) for i in range(60)]
    column = pa.array(local, pa.timestamp("us", "Europe/Berlin"))
    rows = {"t": column, "y": [float(i) for i in range(60)]}
    found = history(engine, rows, timezone=zone)
    assert found.frequency.name == "day"
    assert found.frequency.start(int(found.starts[0])).date() == date(2024, 3, 1)
    assert found.values[:, 0].tolist() == [float(i) for i in range(60)]


def test_hours_are_added_up_to_local_days(engine: DuckEngine) -> None:
    first = datetime(2024, 3, 29, tzinfo=BERLIN).astimezone(UTC)
    times = [first + timedelta(hours=i) for i in range(24 * 4 - 1)]
    column = pa.array(times, pa.timestamp("us", "UTC"))
    rows = {"t": column, "units": [1.0] * len(times)}
    engine.put(pa.table(rows), "rows")
    question = Question(
        "t", "units", frequency="day", timezone="Europe/Berlin", aggregate="sum"
    )
    found = read_history(StoredTable(engine, "rows"), question)
    # Sunday, 31 March 2024 has 23 hours.
    assert found.values[:, 0].tolist() == [24, 24, 23, 24]


@pytest.mark.parametrize(
    ("name", "how", "expected"),
    [("sold", "sum", 5.0), ("unit_price", "mean", 2.5), ("change", "mean", 2.5)],
)
def test_amounts_are_summed_and_measures_averaged(
    engine: DuckEngine, name: str, how: str, expected: float
) -> None:
    start = [-2.0, -2.0] if name == "change" else [2.0, 2.0]
    rows = {"t": [*days(4), *days(4)], name: [*start, 3.0, 2.0, *start, 3.0, 3.0]}
    engine.put(pa.table(rows), "rows")
    found = read_history(StoredTable(engine, "rows"), Question("t", name))
    assert found.aggregate == how
    assert found.values[3, 0] == expected


def test_the_last_row_of_a_period_can_be_taken(engine: DuckEngine) -> None:
    rows = {"t": minutes(48, 30), "y": [float(i) for i in range(48)]}
    found = history(engine, rows, aggregate="last", frequency="hour")
    assert found.values[:, 0].tolist() == [float(i) for i in range(1, 48, 2)]


def test_months_that_are_not_whole_are_left_out(engine: DuckEngine) -> None:
    times = [date(2023, 1, 20) + timedelta(days=i) for i in range(200)]
    found = history(
        engine, {"t": times, "y": [1.0] * 200}, frequency="month", aggregate="sum"
    )
    assert found.values[:, 0].tolist() == [28, 31, 30, 31, 30, 31]
    assert len(found.notes) == 2


def test_evidence_gives_the_history_again(engine: DuckEngine) -> None:
    name = 'it\'s; "odd" -- name'
    engine.put(
        pa.table(
            {"t": months(30), name: [i + 0.5 for i in range(30)], "by": ["a'b"] * 30}
        ),
        "rows",
    )
    question = Question("t", name, ("by",))
    found = read_history(StoredTable(engine, "rows"), question)
    again = engine.rows(found.evidence[0])
    assert found.names == ("a'b",)
    assert [row[1] for row in again] == found.values[:, 0].tolist()
    assert again[0][0].isoformat() == "2000-01-01T00:00:00"


def test_values_that_are_no_numbers_are_missing(engine: DuckEngine) -> None:
    y = [1.0, float("nan"), 3.0, float("inf"), None, 6.0]
    found = history(engine, {"t": days(6), "y": y}, frequency="day")
    assert np.isnan(found.values[:, 0]).tolist() == [
        False,
        True,
        False,
        True,
        True,
        False,
    ]


def test_a_long_history_is_cut_and_that_is_said(engine: DuckEngine) -> None:
    found = history(engine, {"t": minutes(3_200, 60), "y": [1.0] * 3_200})
    assert found.lengths.tolist() == [3_000]
    assert found.notes == ("only the latest 3,000 periods of a series are used",)


def test_gaps_are_filled_with_the_season() -> None:
    t = np.arange(60.0)
    truth = (0.1 * t + np.tile([0.0, 5.0, 1.0, -6.0], 15))[:, None]
    holes = truth.copy()
    holes[[21, 22, 23, 40]] = np.nan
    found = filled(holes, np.array([60]), 4)
    assert found == pytest.approx(truth, abs=0.3)
    assert found[~np.isnan(holes)].tolist() == truth[~np.isnan(holes)].tolist()


@pytest.mark.parametrize(
    ("rows", "asked", "error", "words"),
    [
        ({"t": [1, 2], "y": [1.0, 2.0]}, {}, SettingError, "no years"),
        ({"t": ["x"], "y": [1.0]}, {}, SettingError, 'no times, such as "x"'),
        ({"t": [1.5], "y": [1.0]}, {}, SettingError, "holds no times"),
        ({"t": days(2), "y": ["a", "b"]}, {}, TargetError, "holds no numbers"),
        ({"t": pa.nulls(2, pa.date32()), "y": [1.0, 2.0]}, {}, DspError, "no row has"),
        ({"t": days(2), "z": [1.0, 2.0]}, {}, ColumnNotFoundError, 'named "y"'),
        ({"t": days(2), "y": [1.0, 2.0]}, {"by": ("q",)}, ColumnNotFoundError, "q"),
        ({"t": days(2), "y": [1.0, 2.0]}, {"aggregate": "max"}, SettingError, "max"),
        ({"t": days(2), "y": [1.0, 2.0]}, {"frequency": "mont"}, SettingError, "month"),
        ({"t": days(2), "y": [1.0, 2.0]}, {"timezone": "UTC"}, SettingError, "no time"),
        (
            {"t": pa.array([0], pa.timestamp("us", "UTC")), "y": [1.0]},
            {"timezone": "Mars/Base"},
            SettingError,
            "Mars/Base",
        ),
    ],
)
def test_what_makes_no_series_is_said(
    engine: DuckEngine, rows: Any, asked: Any, error: type[DspError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        history(engine, rows, **asked)
    assert caught.value.hint


def test_names_of_steps_may_be_written_in_several_ways() -> None:
    assert frequency_named("Monthly").name == "month"
    assert frequency_named("business_day").name == "business day"


def test_a_csv_file_can_be_forecast(tmp_path: Any) -> None:
    lines = [f"{d},{5 + i % 7}" for i, d in enumerate(days(120))]
    path = tmp_path / "sold.csv"
    path.write_text("\n".join(["day,sold", *lines]), encoding="utf-8")
    found = dsp.forecast(path, time="day", target="sold", horizon=7)
    assert [round(p.value) for p in found.of()] == [5 + i % 7 for i in range(120, 127)]
