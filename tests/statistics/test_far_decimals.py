"""Moments of decimals far from zero, against exact arithmetic."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dsp.engine import DuckEngine
from dsp.records import ColumnProfile
from dsp.statistics import StatisticsEngine


def profiled(values: list[Decimal | None], kind: pa.DataType) -> ColumnProfile:
    engine = DuckEngine(threads=2)
    table = engine.put(pa.table({"x": pa.array(values, kind)}), "data", schema="clean")
    row = StatisticsEngine(engine).profile(table).columns[0]
    again = engine.sql(row.profile_sql).to_pylist()[0]
    engine.close()
    assert (row.mean, row.sd) == pytest.approx((again["mean"], again["sd"]), rel=1e-12)
    return row


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(-30, 30), min_size=4, max_size=40),
    st.sampled_from([10**7, -(10**7), 10**12, 10**16]),
)
def test_all_digits_are_kept(tenths: list[int], level: int) -> None:
    if len(set(tenths)) < 2:
        return
    values = [level + Decimal(t) / 10 for t in tenths]
    row = profiled([*values, None], pa.decimal128(18, 1))
    small = [t / 10 for t in tenths]
    assert row.sd == pytest.approx(stats.tstd(small), rel=1e-13)
    assert row.mean == float(level + sum(map(Decimal, tenths)) / len(tenths) / 10)
    assert row.total == pytest.approx(float(sum(values)), rel=1e-15)
    skewness, kurtosis = stats.skew(small, bias=False), stats.kurtosis(small, bias=False)
    assert row.skewness == pytest.approx(skewness, rel=1e-9, abs=1e-9)
    assert row.kurtosis == pytest.approx(kurtosis, rel=1e-9, abs=1e-9)


def test_wide_decimals_near_the_end_of_their_type_stay_as_they_were() -> None:
    values = [Decimal(9 * 10**37), Decimal(9 * 10**37 + 10**33), Decimal(9 * 10**37)]
    row = profiled([*values], pa.decimal128(38, 0))
    assert row.mean == pytest.approx(9e37, rel=1e-4)
