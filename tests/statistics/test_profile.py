"""The profile against numpy, scipy and pandas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dsp.engine import DuckEngine
from dsp.errors import ColumnNotFoundError
from dsp.records import ColumnProfile, HistogramBin
from dsp.statistics import Profile, StatisticsEngine, measured, values

QUANTILES = {
    "q01": 0.01,
    "q05": 0.05,
    "q25": 0.25,
    "q50": 0.5,
    "q75": 0.75,
    "q95": 0.95,
    "q99": 0.99,
}


def profiled(engine: DuckEngine, table: pa.Table, **options: Any) -> Profile:
    stored = engine.put(table, "data", schema="clean")
    return StatisticsEngine(engine).profile(stored, **options)


def width_bins(profile: Profile) -> list[HistogramBin]:
    return [b for b in profile.histograms if b.kind == "width"]


def by_name(profile: Profile) -> dict[str, ColumnProfile]:
    return {column.column_name: column for column in profile.columns}


@pytest.mark.parametrize("name", ["units", "unit_price", "discount", "revenue", "rating"])
def test_moments_and_quantiles_agree_with_scipy_and_numpy(
    engine: DuckEngine, sales: pa.Table, name: str
) -> None:
    column = by_name(profiled(engine, sales.select([name])))[name]
    x = sales[name].drop_null().to_numpy().astype(float)
    assert column.mean == pytest.approx(x.mean(), rel=1e-12)
    assert column.sd == pytest.approx(x.std(ddof=1), rel=1e-12)
    assert column.skewness == pytest.approx(stats.skew(x, bias=False), rel=1e-10)
    assert column.kurtosis == pytest.approx(stats.kurtosis(x, bias=False), rel=1e-10)
    assert column.total == pytest.approx(math.fsum(x), rel=1e-12)
    for field, fraction in QUANTILES.items():
        assert getattr(column, field) == pytest.approx(np.quantile(x, fraction))


def test_counts_agree_with_pandas(engine: DuckEngine, sales: pa.Table) -> None:
    frame = sales.to_pandas()
    for name, column in by_name(profiled(engine, sales)).items():
        values = frame[name]
        assert column.n_rows == len(values)
        assert column.n_null == values.isna().sum()
        assert column.n_distinct == values.nunique()
        assert column.is_unique == values.is_unique


def test_roles_of_the_sales_table(engine: DuckEngine, sales: pa.Table) -> None:
    columns = by_name(profiled(engine, sales, target="revenue"))
    assert {name: column.role for name, column in columns.items()} == {
        "order_id": "identifier",
        "order_date": "time",
        "region": "dimension",
        "channel": "dimension",
        "units": "measure",
        "unit_price": "measure",
        "discount": "measure",
        "revenue": "target",
        "rating": "dimension",
        "returned": "dimension",
    }


def test_nan_and_infinity_are_counted_and_left_out(engine: DuckEngine) -> None:
    table = pa.table({"x": [1.0, 2.0, 4.0, math.nan, math.inf, None, 0.0, -1.0]})
    column = profiled(engine, table).columns[0]
    assert (column.n_null, column.n_nan, column.n_infinite) == (1, 1, 1)
    assert (column.n_zero, column.n_negative, column.n_distinct) == (1, 1, 6)
    assert (column.mean, column.min_number, column.max_number) == (1.2, -1.0, 4.0)


def test_nan_that_became_null_is_counted_as_nan(engine: DuckEngine) -> None:
    table = pa.table({"x": [1.0, None, None, 3.0]})
    column = profiled(engine, table, n_nan={"x": 1}).columns[0]
    assert (column.n_null, column.n_nan) == (1, 1)
    assert engine.sql(column.profile_sql).to_pylist()[0]["n_null"] == 1


def test_texts_are_measured_in_characters(engine: DuckEngine) -> None:
    table = pa.table({"t": ["ß", " \t", "", "\u00a0", "abcd", None]})
    column = profiled(engine, table).columns[0]
    assert (column.n_empty, column.n_distinct) == (3, 5)
    assert (column.length_min, column.length_mean, column.length_max) == (0, 1.6, 4)


def test_frequent_values_break_ties_by_value(engine: DuckEngine) -> None:
    table = pa.table({"t": ["b", "a", "c", "c", None]})
    top = profiled(engine, table).top_values
    assert [(v.value, v.n_rows, v.fraction) for v in top] == [
        ("c", 2, 0.4),
        ("a", 1, 0.2),
        ("b", 1, 0.2),
    ]


def test_values_are_counted_alike_in_small_and_larger_tables(engine: DuckEngine) -> None:
    rng = np.random.default_rng(3)
    few = {
        "t": rng.choice(["x", "y", "zz", None], 2_000).tolist(),
        "f": rng.choice([1.5, 2.0, math.nan], 2_000),
        "b": (rng.random(2_000) < 0.3).tolist(),
    }
    small = profiled(engine, pa.table(few))
    twice = pa.concat_tables([pa.table(few)] * 2)
    large = profiled(engine, twice)
    assert [c.n_distinct for c in small.columns] == [c.n_distinct for c in large.columns]
    assert [(v.column_name, v.rank, v.value, 2 * v.n_rows) for v in small.top_values] == [
        (v.column_name, v.rank, v.value, v.n_rows) for v in large.top_values
    ]


def test_whole_numbers_get_a_bin_each(engine: DuckEngine) -> None:
    bins = width_bins(profiled(engine, pa.table({"x": [1, 1, 2, 4]})))
    assert [(b.low, b.high, b.n_rows) for b in bins] == [
        (0.5, 1.5, 2),
        (1.5, 2.5, 1),
        (2.5, 3.5, 0),
        (3.5, 4.5, 1),
    ]


def test_bins_agree_with_numpy(engine: DuckEngine, sales: pa.Table) -> None:
    bins = width_bins(profiled(engine, sales.select(["unit_price"])))
    edges = [bins[0].low, *(b.high for b in bins)]
    expected, _ = np.histogram(sales["unit_price"].to_numpy(), edges)
    assert [b.n_rows for b in bins] == expected.tolist()
    assert len(bins) <= 30
    assert np.allclose(np.diff(edges), edges[1] - edges[0])


def test_a_long_tail_does_not_flatten_the_histogram(engine: DuckEngine) -> None:
    x = [*np.linspace(0, 1, 2_000), 1e6]
    bins = width_bins(profiled(engine, pa.table({"x": x})))
    assert bins[-1].high < 2
    assert sum(b.n_rows for b in bins) >= 0.99 * len(x)


def many_values(monkeypatch: pytest.MonkeyPatch, most: int = 50) -> None:
    """Make columns of more values than `most` be cut into cells."""
    monkeypatch.setattr(measured, "MOST_COUNTED", most)
    monkeypatch.setattr(values, "MOST_COUNTED", most)


@pytest.mark.parametrize("shape", ["uniform", "lognormal", "ties", "gaps", "constant"])
def test_quantiles_from_cells_equal_sorted_ones(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    many_values(monkeypatch)
    rng = np.random.default_rng(5)
    x = {
        "uniform": rng.random(20_000),
        "lognormal": rng.lognormal(0, 3, 20_000),
        "ties": rng.integers(0, 4, 20_000).astype(float),
        "gaps": np.where(rng.random(20_000) < 0.9, np.nan, rng.normal(size=20_000)),
        "constant": np.full(20_000, 0.1),
    }[shape]
    column = profiled(engine, pa.table({"x": x})).columns[0]
    for field, fraction in QUANTILES.items():
        expected = np.nanquantile(x, fraction)
        assert getattr(column, field) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-1, 1) | st.sampled_from([math.nan, math.inf]), max_size=60),
    st.sampled_from([0.0, 1e9, -1e6]),
)
def test_moments_hold_far_from_zero(values: list[float], offset: float) -> None:
    x = np.array(values, dtype=float) + offset
    engine = DuckEngine(threads=1)
    column = profiled(engine, pa.table({"x": x})).columns[0]
    engine.close()
    finite = x[np.isfinite(x)]
    if not finite.size:
        assert column.mean is None
        assert column.reason == "no finite values"
        return
    assert column.mean == pytest.approx(
        math.fsum(finite) / finite.size, rel=1e-15, abs=1e-15
    )
    assert column.q50 == pytest.approx(np.median(finite), rel=1e-15)
    if finite.size > 1:
        sd = finite.std(ddof=1)
        assert column.sd == pytest.approx(sd, rel=1e-6, abs=4e-16 * max(1, abs(offset)))


def test_nist_numacc4_keeps_its_digits(engine: DuckEngine) -> None:
    # NIST StRD NumAcc4: mean 10000000.2, sd 0.1 exactly.
    x = [10_000_000.2, *([10_000_000.1, 10_000_000.3] * 500)]
    column = profiled(engine, pa.table({"x": x})).columns[0]
    assert column.mean == pytest.approx(10_000_000.2, rel=1e-15)
    assert column.sd == pytest.approx(0.1, rel=1e-8)


def test_figures_are_bit_equal_for_one_and_two_threads() -> None:
    rng = np.random.default_rng(11)
    n = 300_000
    table = pa.table(
        {
            "x": rng.lognormal(0, 2, n),
            "y": np.where(rng.random(n) < 0.1, np.nan, rng.normal(1e6, 1, n)),
            "g": rng.choice(["a", "b", "c"], n).tolist(),
        }
    )
    found = []
    for threads in (1, 2):
        engine = DuckEngine(threads=threads)
        profile = profiled(engine, table, target="x")
        stored = engine.table("data", schema="clean")
        relations = StatisticsEngine(engine).relations(
            stored, profile.columns, target="x"
        )
        found.append((profile, relations))
        engine.close()
    assert found[0] == found[1]


@pytest.mark.shared
def test_diamonds_agree_with_pandas(engine: DuckEngine, shared_data: Any) -> None:
    path = shared_data / "diamonds.csv"
    columns = by_name(profiled(engine, pa_csv.read_csv(path)))
    described = pd.read_csv(path).describe()
    for name in described.columns:
        column, expected = columns[name], described[name]
        assert column.mean == pytest.approx(expected["mean"], rel=1e-12)
        assert column.sd == pytest.approx(expected["std"], rel=1e-12)
        assert [column.q25, column.q50, column.q75] == pytest.approx(
            [expected["25%"], expected["50%"], expected["75%"]]
        )


def test_an_unknown_target_is_refused(engine: DuckEngine) -> None:
    with pytest.raises(ColumnNotFoundError, match='no column named "price"'):
        profiled(engine, pa.table({"prize": [1]}), target="price")


def test_two_thousand_columns_are_profiled(engine: DuckEngine) -> None:
    table = pa.table({f"c{i}": [1.0, 2.0, float(i)] for i in range(2_000)})
    profile = profiled(engine, table)
    assert len(profile.columns) == 2_000
    assert profile.columns[1_999].max_number == 1_999.0


def test_every_type_of_the_engine_has_a_profile(engine: DuckEngine) -> None:
    values = {
        "an enum": "'b'::enum('b', 'a')",
        "uuid": "uuid()",
        "span": "interval 3 days",
        "clock": "time '12:00'",
        "zoned clock": "'12:00:00+02'::timetz",
        "huge": "(i + 170141183460469231731687303715884100000)::hugeint",
        "unsigned": "(i % 200)::utinyint",
        "json": "'{\"a\": 1}'::json",
        "map": "map {'k': i}",
        "struct": "{'a': i}",
        "bits": "'101'::bit",
        "nanoseconds": "'2024-01-01 00:00:00.123456789'::timestamp_ns",
        "endless": "case when i = 1 then 'infinity'::date else date '2024-01-01' end",
        "single": "i::float / 3",
    }
    listed = ", ".join(f'{sql} as "{name}"' for name, sql in values.items())
    for n_rows in (4, 3_000):
        engine.create("data", f"select {listed} from range({n_rows}) as t(i)")
        profile = StatisticsEngine(engine).profile(engine.table("data"))
        assert [c.n_rows for c in profile.columns] == [n_rows] * len(values)
        for column in profile.columns:
            engine.sql(column.profile_sql)


@pytest.mark.parametrize(
    "values",
    [[-(2**63), 2**63 - 1], [-1.7e308, 1.7e308], [0.0, 5e-324], [0.0, 1.5e-323]],
)
def test_bins_hold_the_ends_of_what_a_type_can_say(
    engine: DuckEngine, values: list[float]
) -> None:
    profile = profiled(engine, pa.table({"x": values * 50}))
    assert sum(b.n_rows for b in width_bins(profile)) == 100
