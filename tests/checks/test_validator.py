from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest

from dsp.checks import DataValidator, Validation
from dsp.checks.base import Plan
from dsp.engine import DuckEngine
from dsp.errors import ColumnNotFoundError
from dsp.records import CheckResult

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 1, 1)


@pytest.fixture
def check(engine: DuckEngine):
    """Return a function from a table to its validation."""

    def run(table: dict[str, Any] | pa.Table, **roles: str) -> Validation:
        data = table if isinstance(table, pa.Table) else pa.table(table)
        engine.put(data, "data", schema="raw")
        validator = DataValidator(engine, today=TODAY)
        return validator.validate(engine.table("data", schema="raw"), **roles)

    return run


def one(found: Validation, kind: str, *columns: str) -> CheckResult:
    (result,) = [
        r
        for r in found.results
        if r.kind == kind and (not columns or r.columns == columns)
    ]
    return result


def failed(found: Validation) -> dict[str, int]:
    return {r.kind: r.n_failed for r in found.results if r.outcome == "failed"}


def test_missing_values_weigh_by_their_share(check):
    none = [None]
    found = check(
        {
            "few": [1] * 96 + none * 4,
            "many": [1] * 90 + none * 10,
            "most": [1] * 40 + none * 60,
            "all_there": list(range(100)),
            "also": list(range(100)),
        }
    )
    outcomes = {
        r.columns: (r.outcome, r.severity, r.n_failed)
        for r in found.results
        if r.kind == "missing"
    }
    assert outcomes == {
        ("few",): ("passed", "warning", 4),
        ("many",): ("failed", "warning", 10),
        ("most",): ("failed", "error", 60),
        ("all_there", "also"): ("passed", "warning", 0),
    }


def test_nan_counts_as_missing(check):
    result = one(check({"x": [1.0, math.nan, None, 2.0]}), "missing", "x")
    assert (result.n_failed, result.failed_fraction) == (2, 0.5)


def test_no_rows_is_an_error_and_the_rest_is_not_evaluated(check):
    found = check({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())})
    assert one(found, "table_rows").outcome == "failed"
    missing = one(found, "missing")
    assert (missing.outcome, missing.reason) == ("not_evaluated", "the table has no rows")


def test_duplicate_rows_agree_with_pandas(check):
    frame = pd.DataFrame({"a": [1, 2, 1, None, None, 1], "b": list("xyxzzx")})
    found = check(pa.Table.from_pandas(frame))
    result = one(found, "duplicate_rows")
    assert result.n_failed == int(frame.duplicated().sum()) == 3
    rows = [f.row_number for f in found.failures if f.check_id == result.check_id]
    assert rows == [i + 1 for i in frame.index[frame.duplicated()]]


def test_repeated_identifiers_are_an_error(check):
    result = one(check({"order_id": [*range(99), 5]}), "identifiers")
    assert (result.outcome, result.severity, result.n_failed) == ("failed", "error", 1)


def test_texts_blank_and_padded(check):
    found = check({"t": ["a", " ", "", "b ", "\tc", None]})
    assert one(found, "blank_text").n_failed == 2
    assert one(found, "padded_text").n_failed == 2


def test_stand_ins_for_missing_values(check):
    found = check({"t": ["x", "N/A", "Unknown", "y"], "n": [1, -999, -999, 4]})
    assert one(found, "sentinels", "t").n_failed == 2
    assert one(found, "sentinels", "n").n_failed == 2


def test_a_999_among_its_like_is_a_value(check):
    assert "sentinels" not in failed(check({"n": [997, 998, 999, 999]}))


def test_far_outliers_agree_with_hand_figures(check):
    found = check({"x": [*range(1, 21), 36, 37, 1000]})
    # Quartiles of 23 values are the 6th and 18th: 6 and 18; fences -30 and 54.
    result = one(found, "outliers", "x")
    assert (result.n_failed, result.severity) == (1, "info")
    assert "−30 to 54" in result.observed


def test_infinite_values(check):
    assert failed(check({"x": [1.0, math.inf, -math.inf, math.nan]}))["non_finite"] == 3


@pytest.mark.parametrize(("name", "n"), [("price", 1), ("temperature", 0)])
def test_negative_amounts(check, name: str, n: int):
    assert failed(check({name: [5.0, -1.0, 2.0]})).get("negative", 0) == n


def test_dates_in_the_future_and_long_ago(check):
    found = check({"d": [date(2026, 1, 1), date(2026, 1, 2), date(1899, 12, 31)]})
    counts = [r.n_failed for r in found.results if r.kind == "date_range"]
    assert counts == [1, 1]


def test_missing_days(check):
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(60) if i not in (7, 8)]
    result = one(check({"day": days}), "time_gaps")
    assert (result.n_failed, result.n_rows) == (2, 60)


def test_numbers_mixed_with_words(check):
    result = one(check({"t": [*map(str, range(99)), "many"]}), "mixed_text")
    assert (result.outcome, result.n_failed) == ("failed", 1)


def test_spellings_that_differ_by_case_or_space(check):
    result = one(
        check({"t": ["New York"] * 5 + ["new york", "NewYork", "Rome"]}), "spellings"
    )
    assert result.n_failed == 2


def test_addresses_that_are_malformed(check):
    found = check({"mail": [f"p{i}@example.org" for i in range(9)] + ["nobody"]})
    assert one(found, "formats").n_failed == 1


def test_pairs_in_order(check):
    start = [datetime(2024, 1, 1, i % 24, tzinfo=UTC) for i in range(200)]
    end = [moment + timedelta(minutes=5) for moment in start]
    end[17] = start[17] - timedelta(minutes=1)
    found = check({"pickup": start, "dropoff": end})
    result = one(found, "column_order", "pickup", "dropoff")
    sample = [f for f in found.failures if f.check_id == result.check_id]
    assert (result.n_failed, [f.row_number for f in sample]) == (1, [18])
    assert json.loads(sample[0].row)["pickup"].startswith("2024-01-01 17:00")


def test_the_target_has_checks_of_its_own(check):
    found = check({"y": ["no"] * 95 + ["yes"] * 4 + [None]}, target="y")
    results = [r for r in found.results if r.kind == "target"]
    assert [(r.outcome, r.n_failed) for r in results] == [
        ("failed", 1),
        ("passed", 0),
        ("failed", 95),
    ]


def test_a_constant_target_is_an_error(check):
    found = check({"y": [1, 1, 1], "x": [1, 2, 3]}, target="y")
    assert failed(found)["constant"] == 3
    worst = [r for r in found.results if r.kind == "target" and r.outcome == "failed"]
    assert [r.severity for r in worst] == ["error"]


def test_an_unknown_column_names_the_nearest(check):
    with pytest.raises(ColumnNotFoundError, match='no column named "reveneu"'):
        check({"revenue": [1]}, target="reveneu")


def test_a_plan_that_the_engine_refuses_fails_alone(check, monkeypatch):
    from dsp.checks import validator
    from dsp.registry import plugins

    class Broken:
        name, order = "broken", 15

        def measures(self, subject: Any) -> tuple[str, ...]:
            return ("no_such_function(1)",)

        def plan(self, subject: Any, figures: Any) -> list[Plan]:
            return [
                Plan(
                    title="broken",
                    columns=(),
                    dimension="validity",
                    severity="error",
                    expectation="e",
                    passed="p",
                    failed="f",
                    action="a",
                    predicate="no_such_column > 1",
                )
            ]

    everything = {**plugins("checks"), "broken": Broken()}
    monkeypatch.setattr(validator, "plugins", lambda _: everything)
    found = check({"price": [1, -1]})
    assert one(found, "broken").outcome == "not_evaluated"
    assert [p.plugin for p in found.problems] == ["broken"]
    assert failed(found)["negative"] == 1


def test_two_thousand_columns(engine: DuckEngine):
    columns = {f"c{i}": [i, None, i] if i % 2 else ["a", "A", "b"] for i in range(2000)}
    engine.put(pa.table(columns), "data", schema="raw")
    found = DataValidator(engine).validate(engine.table("data", schema="raw"))
    assert sum(r.kind == "missing" for r in found.results) == 1001
    assert sum(r.kind == "spellings" for r in found.results) == 1000


@pytest.mark.shared
def test_titanic_agrees_with_pandas(shared_data: Path, engine: DuckEngine):
    path = shared_data / "titanic.csv"
    frame = pd.read_csv(path)
    engine.execute("create table data as from read_csv($path)", {"path": str(path)})
    found = DataValidator(engine).validate(engine.table("data"), target="survived")
    n_missing = {
        r.columns[0]: r.n_failed
        for r in found.results
        if r.kind == "missing" and r.n_failed
    }
    assert n_missing == {c: int(n) for c, n in frame.isna().sum().items() if n}
    assert one(found, "duplicate_rows").n_failed == int(frame.duplicated().sum())


@pytest.mark.shared
def test_taxis_agree_with_pandas(shared_data: Path, engine: DuckEngine):
    path = shared_data / "taxis.csv"
    frame = pd.read_csv(path, parse_dates=["pickup", "dropoff"])
    engine.execute("create table data as from read_csv($path)", {"path": str(path)})
    found = DataValidator(engine).validate(engine.table("data"), time="pickup")
    wrong = int((frame["pickup"] > frame["dropoff"]).sum())
    assert one(found, "column_order", "pickup", "dropoff").n_failed == wrong
    low, high = frame["fare"].quantile([0.25, 0.75], interpolation="lower")
    far = (
        (frame["fare"] < 4 * low - 3 * high) | (frame["fare"] > 4 * high - 3 * low)
    ).sum()
    assert one(found, "outliers", "fare").n_failed == int(far)


def test_sentences_agree_with_their_numbers(check):
    data = {"price": [-1.0, *[2.0 + i for i in range(30)]], "n": [None, *range(30)]}
    found = check(data)
    assert one(found, "negative").observed == ("1 of 31 values of price is negative.")
    lacking = [r for r in found.results if r.kind == "missing" and "n" in r.columns]
    assert lacking[0].observed == "n lacks 1 of 31 values (3.2%)."


def test_names_that_look_like_slots_are_kept_apart(check):
    data = {"{input}": [None, 1, 2], "{n}": [None, 1, 2], "%s {value}": [None, 1, 2]}
    said = {r.observed for r in check(data).results if r.kind == "missing"}
    assert said == {
        "{input} lacks 1 of 3 values (33.3%).",
        "(n) lacks 1 of 3 values (33.3%).",
        "%s {value} lacks 1 of 3 values (33.3%).",
    }
