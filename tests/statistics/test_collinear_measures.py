"""Partial correlations and collinearity of tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats
from statsmodels.stats.outliers_influence import variance_inflation_factor

from dsp.engine import DuckEngine
from dsp.statistics import Relations, StatisticsEngine


def related(frame: pd.DataFrame, target: str | None = None) -> Relations:
    engine = DuckEngine(threads=2)
    stored = engine.put(pa.Table.from_pandas(frame), "data", schema="clean")
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(stored, target=target).columns
    found = statistics.relations(stored, columns, target=target)
    engine.close()
    return found


def numbers(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    frame["c"] += 2 * frame["a"]
    frame["d"] -= frame["c"]
    return frame


def test_partial_correlations_have_test_and_interval() -> None:
    frame = numbers()
    rows = related(frame, target="d").associations
    found = next(
        a for a in rows if (a.column_a, a.column_b) == ("a", "d") and "part" in a.measure
    )
    design = np.column_stack([np.ones(len(frame)), frame[["b", "c"]]])
    hat = design @ np.linalg.pinv(design)
    a, d = (frame[name] - hat @ frame[name] for name in "ad")
    r = np.corrcoef(a, d)[0, 1]
    n = len(frame) - 2
    t = r * np.sqrt((n - 2) / (1 - r * r))
    half = stats.norm.ppf(0.975) / np.sqrt(n - 3)
    assert found.value == pytest.approx(r, rel=1e-9)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(t), n - 2), rel=1e-9)
    assert (found.low, found.high) == pytest.approx(
        tuple(np.tanh(np.arctanh(r) + np.array([-half, half]))), rel=1e-9
    )
    assert (found.n_rows, found.n_tests, found.correction) == (300, 3, "holm")


def test_collinearity_is_a_row_for_each_measure() -> None:
    frame = numbers()
    rows = related(frame).collinearity
    design = np.column_stack([np.ones(len(frame)), frame])
    expected = [variance_inflation_factor(design, i) for i in range(1, 5)]
    # c and d are nearest; a is nearer to them than b.
    assert [(r.column_name, r.cluster_position) for r in rows] == [
        ("a", 1),
        ("c", 2),
        ("d", 3),
        ("b", 4),
    ]
    factors = {r.column_name: r.vif for r in rows}
    assert [factors[name] for name in "abcd"] == pytest.approx(expected, rel=1e-9)
    assert {(r.n_columns, r.n_rows, r.reason) for r in rows} == {(4, 300, None)}


def test_collinear_columns_are_named() -> None:
    frame = numbers().assign(e=lambda f: f["a"] + f["b"])
    found = related(frame)
    reasons = {r.column_name: r.reason for r in found.collinearity}
    assert reasons == dict.fromkeys("abe", "collinear: a, b, e") | dict.fromkeys("cd")
    partial = {
        (a.column_a, a.column_b): (a.value is None, a.reason)
        for a in found.associations
        if a.measure == "partial_correlation"
    }
    assert partial["a", "c"] == (True, "collinear: a, b, e")
    assert partial["c", "d"] == (False, None)


def test_gaps_are_said() -> None:
    frame = numbers()
    frame.loc[::3, "b"] = np.nan
    rows = related(frame).collinearity
    assert {r.reason for r in rows} == {
        "from correlations, each over the rows with both values"
    }
    assert {r.n_rows for r in rows} == {200}


def test_a_measure_without_rows_in_common_is_left_out() -> None:
    frame = numbers()
    frame["a"] = frame["a"].where(frame.index < 100)
    frame["b"] = frame["b"].where(frame.index >= 100)
    reasons = {r.column_name: r.reason for r in related(frame).collinearity}
    assert reasons["b"] == "it does not vary over the rows with another column"
    assert reasons["a"] == "from correlations, each over the rows with both values"
