"""Estimated distinct counts hold the error that they state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dsp.engine import DuckEngine, StoredTable
from dsp.records import ColumnProfile
from dsp.statistics import StatisticsEngine, distinct, measured, values

TRIALS = 200
ROWS = 4_000


@pytest.fixture
def small_samples(monkeypatch: pytest.MonkeyPatch) -> Iterator[DuckEngine]:
    """Estimate in tables of 4,000 rows, from about 500 values."""
    for module in (distinct, measured):
        monkeypatch.setattr(module, "EXACT_ROWS", 0)
    for module in (measured, values):
        monkeypatch.setattr(module, "MOST_COUNTED", 8)
    monkeypatch.setattr(measured, "MOST_GROUPED", 8)
    monkeypatch.setattr(distinct, "SAMPLED_VALUES", 500)
    monkeypatch.setattr(distinct, "FEWEST_SAMPLED", 20)
    engine = DuckEngine(threads=1)
    yield engine
    engine.close()


def profiled(engine: DuckEngine, columns: dict[str, Any]) -> tuple[ColumnProfile, ...]:
    engine.put(pa.table(columns), "data")
    return StatisticsEngine(engine).profile(StoredTable(engine, "data")).columns


@pytest.mark.parametrize("kind", ["doubles", "whole numbers", "texts"])
def test_the_stated_error_holds_in_95_of_100_trials(
    small_samples: DuckEngine, kind: str
) -> None:
    rng = np.random.default_rng(17)
    columns: dict[str, Any] = {}
    for i in range(TRIALS):
        n_values = int(rng.integers(1_000, 4_000))
        numbers = rng.integers(0, n_values, ROWS) + 10_000 * i
        columns[f"c{i}"] = {
            "doubles": numbers / 7,
            "whole numbers": numbers,
            "texts": [f"value {number}" for number in numbers],
        }[kind]
    held = 0
    for column in profiled(small_samples, columns):
        assert not column.distinct_exact
        assert column.distinct_error is not None
        assert 0 < column.distinct_error < 0.25
        assert column.n_distinct <= ROWS
        truth = len(set(columns[column.column_name]))
        held += abs(column.n_distinct - truth) <= column.distinct_error * truth
    assert held >= 0.95 * TRIALS


def test_an_estimate_is_never_above_the_values(small_samples: DuckEngine) -> None:
    x = np.random.default_rng(2).random((ROWS, 40))
    columns = {f"c{i}": x[:, i] for i in range(40)}
    found = profiled(small_samples, columns)
    assert max(c.n_distinct for c in found) == ROWS
    assert min(c.n_distinct for c in found) < ROWS


def test_the_query_of_an_estimate_gives_it_again(small_samples: DuckEngine) -> None:
    x = np.random.default_rng(5).random(ROWS)
    columns = {"number": x, "text": [str(v) for v in x]}
    for column in profiled(small_samples, columns):
        again = small_samples.sql(column.profile_sql).to_pylist()[0]
        assert again["n_distinct"] == column.n_distinct


def test_few_values_in_a_sample_are_counted_exactly(small_samples: DuckEngine) -> None:
    x = np.arange(ROWS) % 100 / 8
    column = profiled(small_samples, {"x": x})[0]
    assert (column.n_distinct, column.distinct_exact) == (100, True)
    assert column.distinct_error is None


def test_every_count_is_exact_when_asked_for(small_samples: DuckEngine) -> None:
    x = np.random.default_rng(4).integers(0, 3_000, ROWS) / 3
    small_samples.put(pa.table({"x": x, "t": [str(v) for v in x]}), "data")
    table = StoredTable(small_samples, "data")
    found = StatisticsEngine(small_samples).profile(table, exact=True)
    assert [c.n_distinct for c in found.columns] == [len(set(x))] * 2
    assert all(c.distinct_exact for c in found.columns)
