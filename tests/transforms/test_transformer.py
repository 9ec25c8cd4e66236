from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest

from dsp.engine import DuckEngine
from dsp.transforms import DataTransformer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def clean(engine: DuckEngine):
    """Return a function from columns to (clean values by column, steps)."""

    def run(**columns: Any) -> tuple[dict[str, list[Any]], dict[str, list[str]]]:
        engine.put(pa.table(columns), "data", schema="raw")
        done = DataTransformer(engine).transform(engine.table("data", schema="raw"))
        steps: dict[str, list[str]] = {}
        for step in done.steps:
            steps.setdefault(step.columns[0], []).append(step.transform)
        return engine.fetch(done.table).to_pydict(), steps

    return run


def test_nan_becomes_null_and_infinity_stays(engine: DuckEngine):
    engine.put(pa.table({"x": [1.0, math.nan, math.inf, None, math.nan]}), "data")
    done = DataTransformer(engine).transform(engine.table("data"))
    (step,) = done.steps
    assert (step.transform, step.columns, step.n_changed) == ("nan_to_null", ("x",), 2)
    assert engine.fetch(done.table)["x"].to_pylist() == [1.0, None, math.inf, None, None]


def test_blank_is_null_before_trim(clean):
    values, steps = clean(t=["a ", "", " \t", None, "b", "\u00a0c"])
    assert values["t"] == ["a", None, None, None, "b", "c"]
    assert steps == {"t": ["blank_to_null", "trim"]}


def test_counts_of_changes(engine: DuckEngine):
    engine.put(pa.table({"t": ["a ", "", " \t", None, "b", " c"]}), "data")
    done = DataTransformer(engine).transform(engine.table("data"))
    assert [step.n_changed for step in done.steps] == [2, 2]


def test_nothing_to_do_is_no_select(engine: DuckEngine):
    engine.put(pa.table({"t": ["a", None], "n": [1, 2]}), "data")
    done = DataTransformer(engine).transform(engine.table("data"))
    assert (done.select, done.steps) == (None, ())
    assert done.table.columns == ("t", "n")


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1", " 22", None, "-3"], [1, 22, None, -3]),
        (["1.5", "2", "1e3"], [1.5, 2.0, 1000.0]),
        (["0.5", "0", "10"], [0.5, 0.0, 10.0]),
        (["1,234,567", "12"], [1234567.0, 12.0]),
        (["1,234.50", "12"], [1234.5, 12.0]),
        (["3,5", "12,25", "4"], [3.5, 12.25, 4.0]),
        (["1.234,5", "7,25"], [1234.5, 7.25]),
        (["12%", "3.5 %"], [12.0, 3.5]),
        (["$1,200", "$5.50"], [1200.0, 5.5]),
        (["€5.50", "€12.00"], [5.5, 12.0]),
    ],
)
def test_texts_that_are_numbers(clean, texts: list[Any], numbers: list[Any]):
    values, _ = clean(n=texts)
    assert values["n"] == numbers


@pytest.mark.parametrize(
    "texts",
    [
        ["01234", "5678"],  # a code
        ["1,234", "2,500"],  # thousands or decimals
        ["1", "two"],
        ["12e4567", "1"],  # infinite
        ["123456789012345678901", "1"],  # too long for a whole number: an identifier
        ["$5", "€5"],  # two currencies
        ["inf", "nan"],
        ["1.234", "2,5"],  # two notations
        [None, None],
    ],
)
def test_texts_that_stay(clean, texts: list[Any]):
    values, steps = clean(n=pa.array(texts, pa.string()))
    assert (values["n"], steps) == (texts, {})


def test_digits_that_are_labels_stay(clean):
    values, steps = clean(zip=["1234", "8001"], phone=["44123", "44124"])
    assert values == {"zip": ["1234", "8001"], "phone": ["44123", "44124"]}
    assert steps == {}


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["2024-02-29", None], date(2024, 2, 29)),
        (["Jan 1 2000", "Feb 10 2000"], date(2000, 1, 1)),
        (["January 1, 2000", "May 10, 2000"], date(2000, 1, 1)),
        (["1 Jan 2000", "10 May 2000"], date(2000, 1, 1)),
        (["2024/01/31", "2024/02/01"], date(2024, 1, 31)),
        (["31.12.2024", "01.02.2024"], date(2024, 12, 31)),
        (["13/02/2024", "01/02/2024"], date(2024, 2, 13)),
        (["02/13/2024", "01/02/2024"], date(2024, 2, 13)),
        (["20240131", "20240201"], date(2024, 1, 31)),
        (
            ["2024-01-31 10:20:30", "2024-01-31T11:00"],
            pd.Timestamp("2024-01-31 10:20:30"),
        ),
        (["2024/01/31 10:20:30", None], pd.Timestamp("2024-01-31 10:20:30")),
        (["2024-01-31T10:20:30+02:00", None], pd.Timestamp("2024-01-31 08:20:30")),
    ],
)
def test_texts_that_are_dates(clean, texts: list[Any], first: date):
    values, steps = clean(d=texts)
    assert values["d"][0] == first
    assert steps == {"d": ["text_to_date"]}


@pytest.mark.parametrize(
    "texts",
    [
        ["01/02/2024", "03/04/2024"],  # day and month could be exchanged
        ["2024-01-31", "Jan 1 2000"],  # two formats
        ["2023-02-29", "2024-01-01"],  # no such day
        ["2024-01-01", "later"],
        ["Jan 1 99", "Feb 2 00"],  # which century
    ],
)
def test_dates_that_stay_text(clean, texts: list[str]):
    values, steps = clean(d=texts)
    assert (values["d"], steps) == (texts, {})


def test_words_that_are_booleans(clean):
    values, steps = clean(a=["Yes", "no", None], b=["yes", "yes", "yes"])
    assert values == {"a": [True, False, None], "b": ["yes", "yes", "yes"]}
    assert steps == {"a": ["text_to_boolean"]}


def test_moments_with_a_zone_are_written_in_utc(clean):
    at = pa.array(
        [datetime(2024, 7, 1, 10, tzinfo=UTC)], pa.timestamp("us", "Asia/Tokyo")
    )
    values, _ = clean(at=at)
    assert values["at"] == [pd.Timestamp("2024-07-01 10:00")]


def test_a_late_value_that_does_not_fit_keeps_the_text(clean):
    texts = [str(i) for i in range(3000)] + ["n/a"]
    values, steps = clean(n=texts)
    assert (values["n"], steps) == (texts, {})


def test_a_column_whose_first_rows_are_null_is_still_typed(clean):
    values, _ = clean(n=[None] * 2000 + ["7", "8"])
    assert values["n"][-2:] == [7, 8]


def test_two_thousand_columns(engine: DuckEngine):
    columns = {f"c{i}": ["1 ", "2"] if i % 2 else ["a", ""] for i in range(2000)}
    engine.put(pa.table(columns), "data", schema="raw")
    before = engine.n_scans
    done = DataTransformer(engine).transform(engine.table("data", schema="raw"))
    assert len(done.steps) == 3000
    assert engine.n_scans - before < 140
    engine.create("clean", done.select or "")
    assert engine.rows("select c0, c1, c1999 from clean")[0] == ("a", 1, 1)


@pytest.mark.shared
def test_stocks_and_movies(shared_data: Path, engine: DuckEngine):
    frame = pd.read_csv(shared_data / "stocks.csv")
    engine.put(pa.Table.from_pandas(frame), "stocks")
    done = DataTransformer(engine).transform(engine.table("stocks"))
    got = engine.fetch(done.table)["date"].to_pylist()
    assert got == [d.date() for d in pd.to_datetime(frame["date"], format="%b %d %Y")]
    path = str(shared_data / "movies.json")
    engine.execute("create table movies as from read_json($path)", {"path": path})
    done = DataTransformer(engine).transform(engine.table("movies"))
    schema = done.table.schema()
    assert schema["Title"].is_string()
    assert schema["Release Date"].is_date()


@pytest.mark.shared
@pytest.mark.parametrize("name", ["taxis", "titanic", "github", "penguins", "diamonds"])
def test_typed_files_are_left_alone(shared_data: Path, engine: DuckEngine, name: str):
    path = str(shared_data / f"{name}.csv")
    engine.execute("create table data as from read_csv($path)", {"path": path})
    done = DataTransformer(engine).transform(engine.table("data"))
    assert done.select is None


SLOTS = ["{input}", "{value}", "{0}", "%s", "$x", "{", "{{input}}", "input"]


def test_columns_named_like_slots_of_a_template(engine: DuckEngine):
    texts = {
        name: [f" {i}", "", f"{i + 1}.5 "] if i % 2 else [" Jan 2 2000", "Feb 1 2000", ""]
        for i, name in enumerate(SLOTS)
    }
    engine.put(pa.table(texts), "data", schema="raw")
    done = DataTransformer(engine).transform(engine.table("data", schema="raw"))
    clean = engine.fetch(done.table)
    assert clean.column_names == SLOTS
    assert clean["{value}"].to_pylist() == [1.0, None, 2.5]
    assert clean["{input}"].to_pylist() == [date(2000, 1, 2), date(2000, 2, 1), None]
    current = "raw.data"
    for step in done.steps:
        before, current = current, f"s{step.position}"
        engine.execute(
            f"create table {current} as with input as (from {before}) {step.sql}"
        )
    assert engine.sql(f"from {current}").equals(clean.cast(clean.schema))
