"""Regressions against statsmodels, exact arithmetic and hand calculations."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dsp.engine import DuckEngine, Store
from dsp.errors import ColumnNotFoundError, DspError
from dsp.inference import exact_least_squares, least_squares
from dsp.records import Coefficient, RegressionFit
from dsp.statistics import StatisticsEngine
from dsp.statistics.regression import (
    Regression,
    design,
    levels,
    linear,
    polynomial,
    target,
)


def fitted(table: pa.Table, y: str, x: Any, **options: Any) -> Regression:
    engine = DuckEngine(threads=2)
    try:
        stored = engine.put(table, "data", schema="clean")
        return StatisticsEngine(engine).regress(stored, y, x, **options)
    finally:
        engine.close()


def data(n: int = 400, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, w = rng.normal(50, 4, n), rng.gamma(2, 30, n)
    y = 3 + 0.5 * x - 0.02 * w + rng.normal(size=n) * (1 + w / 60)
    hit = rng.random(n) < 1 / (1 + np.exp(-(x - 50) / 4 + w / 100))
    return pd.DataFrame({"x": x, "w": w, "y": y, "hit": hit})


def streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep small problems from being solved exactly, and cut them into blocks."""
    monkeypatch.setattr(linear, "is_small", lambda *_, **__: False)
    monkeypatch.setattr(design, "BLOCK", 37)
    monkeypatch.setattr(design, "KEPT_BYTES", 0)


def column(found: Regression, name: str) -> list[Any]:
    return [getattr(c, name) for c in found.coefficients]


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("robust", [None, "HC0", "HC1", "HC2", "HC3"])
@pytest.mark.parametrize("intercept", [True, False])
def test_least_squares_agree_with_statsmodels(
    monkeypatch: pytest.MonkeyPatch,
    is_streamed: bool,
    robust: str | None,
    intercept: bool,
) -> None:
    if is_streamed:
        streamed(monkeypatch)
    frame = data()
    found = fitted(
        pa.Table.from_pandas(frame), "y", ["x", "w"], robust=robust, intercept=intercept
    )
    columns = frame[["x", "w"]].to_numpy()
    x = sm.add_constant(columns) if intercept else columns
    expected = sm.OLS(frame["y"].to_numpy(), x).fit(
        **({"cov_type": robust, "use_t": True} if robust else {})
    )
    for name, theirs in (
        ("estimate", expected.params),
        ("std_error", expected.bse),
        ("statistic", expected.tvalues),
        ("p_value", expected.pvalues),
        ("low", expected.conf_int()[:, 0]),
        ("high", expected.conf_int()[:, 1]),
    ):
        assert column(found, name) == pytest.approx(list(theirs), rel=1e-9), name
    fit = found.fit
    assert (fit.r_squared, fit.adjusted_r_squared) == pytest.approx(
        (expected.rsquared, expected.rsquared_adj), rel=1e-9
    )
    assert (fit.statistic, fit.p_value) == pytest.approx(
        (expected.fvalue, expected.f_pvalue), rel=1e-9
    )
    assert (fit.log_likelihood, fit.aic, fit.bic) == pytest.approx(
        (expected.llf, expected.aic, expected.bic), rel=1e-9
    )
    assert (fit.residual_ss, fit.residual_sd) == pytest.approx(
        (expected.ssr, math.sqrt(expected.mse_resid)), rel=1e-9
    )
    assert (fit.df_model, fit.df_residual) == (expected.df_model, expected.df_resid)
    vif = [
        1 / (1 - sm.OLS(x[:, i], np.delete(x, i, axis=1)).fit().rsquared)
        for i in range(int(intercept), x.shape[1])
    ]
    assert column(found, "vif")[intercept:] == pytest.approx(vif, rel=1e-9)


@pytest.mark.parametrize("robust", [None, "HC0", "HC1"])
def test_logistic_agrees_with_statsmodels(
    monkeypatch: pytest.MonkeyPatch, robust: str | None
) -> None:
    streamed(monkeypatch)
    frame = data()
    found = fitted(
        pa.Table.from_pandas(frame), "hit", ["x", "w"], family="binomial", robust=robust
    )
    model = sm.Logit(frame["hit"].astype(float), sm.add_constant(frame[["x", "w"]]))
    kind = {"cov_type": robust} if robust else {}
    expected = model.fit(disp=0, method="newton", tol=1e-14, **kind)
    # Without the factor n / (n - k) there, which least squares have.
    factor = math.sqrt(400 / 397) if robust == "HC1" else 1.0
    half = expected.bse * stats.norm.ppf(0.975) * factor
    for name, theirs in (
        ("estimate", expected.params),
        ("std_error", expected.bse * factor),
        ("statistic", expected.tvalues / factor),
        ("p_value", 2 * stats.norm.sf(abs(expected.tvalues / factor))),
        ("low", expected.params - half),
        ("high", expected.params + half),
    ):
        assert column(found, name) == pytest.approx(list(theirs), rel=1e-9), name
    fit = found.fit
    assert (fit.event, fit.family) == ("true", "binomial")
    assert (fit.log_likelihood, fit.null_log_likelihood) == pytest.approx(
        (expected.llf, expected.llnull), rel=1e-9
    )
    assert (fit.r_squared, fit.aic, fit.bic) == pytest.approx(
        (expected.prsquared, expected.aic, expected.bic), rel=1e-9
    )
    if robust is None:
        assert (fit.statistic, fit.p_value) == pytest.approx(
            (expected.llr, expected.llr_pvalue), rel=1e-9
        )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(5, 60), st.sampled_from([0.0, 1e6, -1e9]))
def test_seeded_data_agree_with_statsmodels(seed: int, n: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "x": level + np.round(rng.normal(size=n), 2),
            "g": rng.choice(["a", "b", "it's"], n),
            "y": level + np.round(rng.normal(size=n) * 10.0 ** rng.integers(-2, 3), 2),
        }
    )
    frame.loc[frame.index[:1], "x"] = np.nan
    frame.loc[frame.index[1:2], "y"] = np.inf if seed % 2 else None
    found = fitted(pa.Table.from_pandas(frame), "y", ["x", "g"])
    used = frame.iloc[2:]
    dummies = pd.get_dummies(used["g"], drop_first=True).to_numpy(dtype=float)
    # Around the level, since statsmodels loses the digits that the columns hold.
    moved = np.round(used["x"].to_numpy() - level, 2)
    x = np.column_stack([np.ones(n - 2), moved, dummies])
    if np.linalg.matrix_rank(x) < x.shape[1] or n - 2 <= x.shape[1]:
        return
    y = np.round(used["y"].to_numpy() - level, 2)
    expected = sm.OLS(y, x).fit()
    if expected.ssr < 1e-20:
        return
    assert (found.fit.n_rows, found.fit.n_left_out) == (n - 2, 2)
    assert column(found, "estimate")[1:] == pytest.approx(
        list(expected.params[1:]), rel=1e-9, abs=1e-9
    )
    assert column(found, "std_error")[1:] == pytest.approx(
        list(expected.bse[1:]), rel=1e-9
    )


def test_levels_are_compared_with_the_first(engine: DuckEngine, sales: pa.Table) -> None:
    stored = engine.put(sales, "data", schema="clean")
    found = StatisticsEngine(engine).regress(
        stored, "revenue", ["region", "units", levels("rating"), "returned"]
    )
    frame = sales.to_pandas().dropna()
    parts = [
        frame[["units"]],
        pd.get_dummies(frame["region"], drop_first=True),
        pd.get_dummies(frame["rating"], drop_first=True),
        pd.get_dummies(frame["returned"], drop_first=True),
    ]
    x = sm.add_constant(pd.concat(parts, axis=1).to_numpy(dtype=float))
    expected = sm.OLS(frame["revenue"].to_numpy(), x).fit()
    assert column(found, "estimate") == pytest.approx(list(expected.params), rel=1e-9)
    assert column(found, "term") == [
        *("intercept", "units", "region=North", "region=South", "region=West"),
        *("rating=2", "rating=3", "rating=4", "rating=5", "returned=true"),
    ]
    assert found.term("region=West").reference == "East"
    with pytest.raises(DspError, match='no term is called "region=Wst"'):
        found.term("region=Wst")


def test_terms_that_others_determine_are_named() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.integers(0, 9, 50), rng.integers(0, 9, 50)
    table = pa.table({"a": a, "b": b, "s": a + b, "one": [7] * 50, "y": rng.random(50)})
    found = fitted(table, "y", ["a", "b", "s", "one"])
    expected = sm.OLS(table["y"].to_numpy(), sm.add_constant(np.column_stack([a, b])))
    estimates = column(found, "estimate")
    assert estimates[:3] == pytest.approx(list(expected.fit().params), rel=1e-9)
    assert estimates[3:] == [None, None]
    assert column(found, "reason")[3:] == [
        "left out: determined by a, b",
        "left out: it has one value in the rows used",
    ]
    assert (found.fit.df_model, found.fit.df_residual) == (2, 47)


@pytest.mark.parametrize("is_quasi", [False, True])
def test_separation_is_said(is_quasi: bool) -> None:
    x = [1.0, 2, 3, 4, 5, 6, 7, 8]
    y = ["no"] * 4 + ["yes"] * 4
    if is_quasi:
        x, y = [*x, 4.5, 4.5], [*y, "no", "yes"]
    found = fitted(pa.table({"x": x, "y": y}), "y", ["x"], family="binomial")
    assert found.fit.reason is not None
    assert found.fit.reason.startswith("separation")
    assert column(found, "estimate") == [None, None]
    assert found.fit.log_likelihood is None


def test_a_polynomial_of_decimals_keeps_its_digits() -> None:
    values = [Decimal(i) / 1000 + 1000 for i in range(0, 60, 3)]
    y = [
        (v - 1000) ** 3 * 7 + (v - 1000) * 2 + (-1) ** i * Decimal("0.001")
        for i, v in enumerate(values)
    ]
    table = pa.table(
        {
            "x": pa.array(values, pa.decimal128(12, 3)),
            "y": pa.array(y, pa.decimal128(18, 12)),
        }
    )
    found = fitted(table, "y", [polynomial("x", 3)])
    exact = exact_least_squares.solve_exactly(
        [[Fraction(v) ** k for v in values] for k in range(4)],
        [Fraction(v) for v in y],
        is_centred=True,
    )
    assert exact is not None
    assert column(found, "estimate") == pytest.approx(
        [float(b) for b in exact.beta], rel=1e-14
    )
    assert found.fit.method == "exact rational arithmetic"


@pytest.mark.parametrize("kind", [pa.decimal128(14, 1), pa.decimal128(38, 1)])
def test_streamed_decimals_far_from_zero_keep_their_digits(
    monkeypatch: pytest.MonkeyPatch, kind: pa.DataType
) -> None:
    streamed(monkeypatch)
    rng = np.random.default_rng(11)
    tenths = rng.integers(-40, 40, 200)
    noise = rng.integers(-9, 10, 200)
    x = [10**12 + Decimal(int(t)) / 10 for t in tenths]
    y = [
        -(10**12) + Decimal(int(2 * t + e)) / 10
        for t, e in zip(tenths, noise, strict=True)
    ]
    found = fitted(pa.table({"x": pa.array(x, kind), "y": pa.array(y, kind)}), "y", ["x"])
    expected = sm.OLS((2 * tenths + noise) / 10, sm.add_constant(tenths / 10)).fit()
    slope = found.term("x")
    assert (slope.estimate, slope.std_error) == pytest.approx(
        (expected.params[1], expected.bse[1]), rel=1e-11
    )
    assert found.fit.residual_ss == pytest.approx(expected.ssr, rel=1e-11)


def test_wide_ill_problems_are_exact_only_when_asked() -> None:
    assert exact_least_squares.is_small(5_000, 6)
    assert not exact_least_squares.is_small(6_000, 2)
    assert exact_least_squares.is_small(300_000, 2, is_ill=True)
    assert not exact_least_squares.is_small(300_000, 9, is_ill=True)
    assert not exact_least_squares.is_small(10, 25, is_ill=True)


def test_near_dependence_is_refined(monkeypatch: pytest.MonkeyPatch) -> None:
    streamed(monkeypatch)
    rng = np.random.default_rng(8)
    a = np.round(rng.normal(size=300), 3)
    b = a + np.round(rng.normal(size=300), 2) * 1e-7
    y = np.round(a - b * 0.5 + rng.normal(size=300), 3)
    table = pa.table({"a": a, "b": b, "y": y})
    found = fitted(table, "y", ["a", "b"])
    exact = exact_least_squares.solve_exactly(
        [[Fraction(1)] * 300, [Fraction(v) for v in a], [Fraction(v) for v in b]],
        [Fraction(v) for v in y],
        is_centred=True,
    )
    assert exact is not None
    assert found.fit.method.endswith("refined")
    assert found.fit.digits == pytest.approx(7.7, abs=0.3)
    assert column(found, "estimate") == pytest.approx(
        [float(v) for v in exact.beta], rel=1e-8
    )


def test_figures_are_the_same_for_any_number_of_threads() -> None:
    rng = np.random.default_rng(9)
    table = pa.table({"x": rng.normal(size=200_000), "y": rng.normal(size=200_000)})
    found = []
    for threads in (1, 2):
        engine = DuckEngine(threads=threads)
        stored = engine.put(table, "data", schema="clean")
        found.append(StatisticsEngine(engine).regress(stored, "y", ["x"], robust="HC3"))
        engine.close()
    assert found[0].fit.method == "triangles of 8192 rows merged"
    for name in ("estimate", "std_error", "p_value", "low", "high"):
        assert column(found[0], name) == pytest.approx(column(found[1], name), rel=1e-12)


def test_too_few_rows_have_a_reason() -> None:
    table = pa.table({"x": [1.0, 2.0], "y": [3.0, 5.0]})
    found = fitted(table, "y", ["x"])
    assert column(found, "estimate") == pytest.approx([1.0, 2.0], rel=1e-15)
    assert column(found, "std_error") == [None, None]
    assert found.fit.reason == "as many terms as rows: no errors can be estimated"
    empty = fitted(table.slice(0, 0), "y", ["x"])
    assert column(empty, "estimate") == [None, None]
    assert empty.fit.reason == "no rows with all values"
    assert (empty.fit.n_rows, empty.fit.r_squared, empty.fit.aic) == (0, None, None)


def test_a_row_that_decides_alone_has_no_hc3() -> None:
    table = pa.table({"x": [0.0, 0.0, 0.0, 1.0], "y": [1.0, 2.0, 4.0, 9.0]})
    found = fitted(table, "y", ["x"], robust="HC3")
    assert column(found, "std_error") == [None, None]
    assert found.fit.reason is not None
    assert found.fit.reason.startswith("HC3 is not defined")


@pytest.mark.parametrize(
    ("y", "x", "options", "message"),
    [
        ("z", ["x"], {}, 'no column named "z"'),
        ("y", ["nope"], {}, 'no column named "nope"'),
        ("y", ["y"], {}, '"y" cannot explain itself'),
        ("y", ["x", "x"], {}, '"x" is named twice'),
        ("y", ["x"], {"robust": "HC9"}, 'no robust errors "HC9"'),
        ("y", ["x"], {"family": "poisson"}, 'no regression of the family "poisson"'),
        ("y", [], {"intercept": False}, "a regression needs a term"),
        ("t", ["x"], {}, "which least squares cannot explain"),
        ("y", ["x"], {"family": "binomial"}, "has more than two values"),
        ("y", [polynomial("t", 2)], {}, "no powers or levels"),
        ("y", ["t"], {}, "more than 200 values"),
    ],
)
def test_bad_requests_are_refused(
    y: str, x: Any, options: dict[str, Any], message: str
) -> None:
    rows = list(range(300))
    table = pa.table({"x": rows, "y": rows, "t": [f"v{i}" for i in rows]})
    with pytest.raises((DspError, ColumnNotFoundError), match=message):
        fitted(table, y, x, **options)
    with pytest.raises(DspError, match="a polynomial of degree 0"):
        polynomial("x", 0)


def test_records_go_into_the_store_and_evidence_runs(
    engine: DuckEngine, sales: pa.Table
) -> None:
    stored = engine.put(sales, "data", schema="clean")
    found = StatisticsEngine(engine).regress(stored, "revenue", ["units", "unit_price"])
    row = engine.sql(found.fit.evidence_sql).to_pylist()[0]
    frame = sales.to_pandas()[["revenue", "units", "unit_price"]].dropna()
    covariance = np.cov(frame.to_numpy(dtype=float).T)
    slopes = np.linalg.solve(covariance[1:, 1:], covariance[0, 1:])
    from_sql = np.linalg.solve(
        [[row["x1_x1"], row["x1_x2"]], [row["x1_x2"], row["x2_x2"]]],
        [row["y_x1"], row["y_x2"]],
    )
    assert row["n_rows"] == found.fit.n_rows == len(frame)
    assert list(from_sql) == pytest.approx(list(slopes), rel=1e-9)
    assert column(found, "estimate")[1:] == pytest.approx(list(slopes), rel=1e-9)
    store = Store(engine)
    store.create()
    store.insert([found.fit, *found.coefficients])
    assert list(store.read(RegressionFit)) == [found.fit]
    assert tuple(store.read(Coefficient)) == found.coefficients


def test_columns_of_hostile_names_and_huge_values() -> None:
    name = 'semi;colon -- "it\'s"'
    table = pa.table({name: [1e300, -1e300, 5e299, 0.0, 1e299], "y": [1.0, 2, 3, 4, 6]})
    found = fitted(table, "y", [name])
    expected = np.polyfit(table[name].to_numpy() / 1e300, [1.0, 2, 3, 4, 6], 1)
    assert column(found, "estimate") == pytest.approx(
        [expected[1], expected[0] / 1e300], rel=1e-9
    )


def test_a_triangle_of_no_columns_is_solved() -> None:
    triangle = least_squares.Triangle(1)
    triangle.add(np.array([[3.0], [4.0]]))
    found = least_squares.solve(triangle.r, is_centred=False)
    assert (found.kept, found.residual, found.condition) == (
        (),
        pytest.approx(25.0),
        None,
    )


def targeted(engine: DuckEngine, table: pa.Table, target: str) -> Regression | None:
    stored = engine.put(table, "data", schema="clean")
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(stored, target=target).columns
    return statistics.regress_target(stored, columns, target)


def test_a_target_is_regressed_on_the_measures(
    engine: DuckEngine, sales: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = targeted(engine, sales, "revenue")
    assert found is not None
    # Ratings miss in too many rows.
    assert found.fit.terms == ("intercept", "units", "unit_price", "discount")
    frame = sales.to_pandas()
    x = sm.add_constant(frame[["units", "unit_price", "discount"]].to_numpy(dtype=float))
    expected = sm.OLS(frame["revenue"].to_numpy(), x).fit()
    assert column(found, "estimate") == pytest.approx(list(expected.params), rel=1e-9)
    returned = targeted(engine, sales, "returned")
    assert returned is not None
    assert (returned.fit.family, returned.fit.event) == ("binomial", "true")
    assert targeted(engine, sales, "region") is None
    monkeypatch.setattr(target, "MOST_VALUES", 10)
    skipped = targeted(engine, sales, "revenue")
    assert skipped is not None
    assert skipped.coefficients == ()
    assert skipped.fit.reason is not None
    assert skipped.fit.reason.startswith("8,000 values are more than 10")
