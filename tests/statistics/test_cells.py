"""Columns of many values, cut into cells, against numpy, scipy and plain SQL."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dsp.engine import DuckEngine, StoredTable
from dsp.records import ColumnProfile
from dsp.statistics import StatisticsEngine, cells, measured, spread, values

FRACTIONS = {f"q{100 * f:02.0f}": f for f in measured.FRACTIONS}


@pytest.fixture(autouse=True)
def all_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut every column of more than eight values, into few cells, looking at few rows."""
    for module in (measured, values):
        monkeypatch.setattr(module, "MOST_COUNTED", 8)
    for module in (cells, spread):
        monkeypatch.setattr(module, "N_CELLS", 64)
    monkeypatch.setattr(spread, "FEWEST_CELLS", 16)
    monkeypatch.setattr(spread, "MOST_LOOKED_AT", 200)


def profiled(x: Any) -> tuple[ColumnProfile, list[Any], DuckEngine]:
    engine = DuckEngine(threads=2)
    engine.put(pa.table({"x": x}), "data", schema="clean")
    found = StatisticsEngine(engine).profile(StoredTable(engine, "data", "clean"))
    return found.columns[0], list(found.histograms), engine


def check(x: Any) -> None:
    """Hold every figure of a column against numpy and the engine's own functions."""
    column, bins, engine = profiled(x)
    known = [v for v in x if v is not None]
    array = np.array(known, dtype=float)
    finite = array[np.isfinite(array)]
    assert (column.n_null, column.n_nan) == (len(x) - len(known), np.isnan(array).sum())
    assert column.n_infinite == np.isinf(array).sum()
    assert column.n_zero == (finite == 0).sum()
    assert column.n_negative == (array < 0).sum()
    listed = list(FRACTIONS.values())
    exact = engine.rows(
        f"select quantile_cont(x, {listed}) from clean.data where isfinite(x)"
    )[0][0]
    assert [getattr(column, name) for name in FRACTIONS] == (exact or [None] * 7)
    if finite.size:
        middle = np.median(finite)
        assert column.mad == pytest.approx(
            np.median(np.abs(finite - middle)), rel=1e-12, abs=1e-300
        )
        assert column.mean == pytest.approx(
            float(sum(map(Fraction, finite.tolist())) / finite.size),
            rel=1e-12,
            abs=1e-15 * np.abs(finite).max(),
        )
    for one in bins:
        is_last = one is bins[-1] or bins[bins.index(one) + 1].bin == 1
        upper = finite <= one.high if is_last else finite < one.high
        assert one.n_rows == ((finite >= one.low) & upper).sum()
        assert engine.rows(one.profile_sql)[0][0] == one.n_rows
    engine.close()


SHAPES = {
    "uniform": lambda rng: rng.random(3_000),
    "normal far from zero": lambda rng: rng.normal(1e9, 1, 3_000),
    "lognormal": lambda rng: rng.lognormal(0, 4, 3_000),
    "mostly zero": lambda rng: np.where(
        rng.random(3_000) < 0.7, 0, rng.normal(size=3_000)
    ),
    "two values and a tail": lambda rng: np.r_[
        np.full(1_000, -1.5), np.full(1_000, 2.5), rng.pareto(1, 1_000)
    ],
    "one far away": lambda rng: np.r_[rng.random(2_999), 1e300],
    "two far away": lambda rng: np.r_[rng.random(2_998), 1e200, -1e150],
    "tiny": lambda rng: rng.random(3_000) * 1e-310,
    "whole": lambda rng: rng.integers(-5_000, 5_000, 3_000).astype(float),
    "neighbouring doubles": lambda rng: (
        np.nextafter(1.0, 2) + rng.integers(0, 40, 3_000) * 2.0**-52
    ),
    "in order": lambda rng: np.arange(3_000) / 7,
    "not finite": lambda rng: (
        rng.choice([1.5, np.nan, np.inf, -np.inf], 3_000) * rng.random(3_000)
    ),
}


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_figures_of_cells_are_those_of_all_values(shape: str) -> None:
    x = SHAPES[shape](np.random.default_rng(3))
    check(x)
    check([None if i % 7 == 0 else float(v) for i, v in enumerate(x)])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.floats(width=64) | st.integers(-20, 20).map(float) | st.none(),
        min_size=9,
        max_size=120,
    )
)
def test_any_numbers_are_counted_right(x: list[float | None]) -> None:
    check(pa.array(x, pa.float64()).to_pylist())


def test_shape_agrees_with_scipy() -> None:
    x = np.random.default_rng(8).gamma(2, 3, 5_000)
    column, _, _ = profiled(x)
    assert column.sd == pytest.approx(x.std(ddof=1), rel=1e-12)
    assert column.skewness == pytest.approx(stats.skew(x, bias=False), rel=1e-11)
    assert column.kurtosis == pytest.approx(stats.kurtosis(x, bias=False), rel=1e-11)


def test_totals_of_whole_numbers_are_exact() -> None:
    x = [2**61 - i for i in range(1_000)] + [-(2**60)]
    column, _, engine = profiled(pa.array(x, pa.int64()))
    assert column.total == float(sum(x))
    assert engine.rows("select sum(x) from clean.data")[0][0] == sum(x)


def test_the_place_of_nan_in_a_file_is_seen(tmp_path: Any) -> None:
    # The extremes that a Parquet file states leave NaN out.
    x = np.random.default_rng(1).random(5_000)
    x[4_321] = np.nan
    engine = DuckEngine(threads=1)
    engine.put(pa.table({"x": x}), "data")
    path = tmp_path / "x.parquet"
    engine.execute(f"copy data to '{path}' (format parquet)")
    engine.execute(f"create view seen as from read_parquet('{path}')")
    column = StatisticsEngine(engine).profile(StoredTable(engine, "seen")).columns[0]
    assert (column.n_nan, column.n_null) == (1, 0)
    assert column.mean == pytest.approx(np.nanmean(x), rel=1e-12)
    engine.close()


def test_entropy_and_mode_of_texts_and_numbers() -> None:
    engine = DuckEngine()
    table = pa.table(
        {"t": ["b", "b", "a", "a", None, "c"], "n": [3, 3, 1, 1, None, 2], "u": range(6)}
    )
    engine.put(table, "data", schema="clean")
    found = StatisticsEngine(engine).profile(StoredTable(engine, "data", "clean"))
    expected = stats.entropy([2, 2, 1], base=2)
    for column, mode in zip(found.columns[:2], ("a", "1"), strict=True):
        assert column.entropy == pytest.approx(expected, rel=1e-12)
        assert (column.mode_value, column.n_mode) == (mode, 2)
    assert (found.columns[2].mode_value, found.columns[2].n_mode) == (None, None)
    engine.close()
