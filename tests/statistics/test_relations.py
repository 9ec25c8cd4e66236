"""Associations against scipy and pandas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from dsp.engine import DuckEngine
from dsp.errors import CancelledError, DspError
from dsp.records import Association
from dsp.registry import plugins
from dsp.statistics import Relations, StatisticsEngine, spearman
from dsp.statistics import frame as frame_module


def related(engine: DuckEngine, table: pa.Table, target: str | None = None) -> Relations:
    stored = engine.put(table, "data", schema="clean")
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(stored, target=target).columns
    return statistics.relations(stored, columns, target=target)


def pair(found: Relations, a: str, b: str, measure: str) -> Association:
    return next(
        x
        for x in found.associations
        if (x.column_a, x.column_b, x.measure) == (a, b, measure)
    )


def test_correlations_agree_with_scipy(engine: DuckEngine, sales: pa.Table) -> None:
    found = related(engine, sales, target="revenue")
    x, y = sales["units"].to_numpy(), sales["revenue"].to_numpy()
    pearson = pair(found, "units", "revenue", "pearson")
    expected = stats.pearsonr(x, y)
    assert pearson.value == pytest.approx(expected.statistic, rel=1e-12)
    assert pearson.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    rank = pair(found, "units", "revenue", "spearman")
    assert rank.value == pytest.approx(stats.spearmanr(x, y).statistic, rel=1e-12)
    assert (pearson.direction, pearson.is_target, pearson.n_rows) == ("up", True, 2_000)


def test_pearson_leaves_out_rows_with_a_gap(engine: DuckEngine) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=500), "y": rng.normal(1e9, 1, 500)})
    frame["y"] += frame["x"]
    frame.loc[::7, "x"] = np.nan
    frame.loc[::11, "y"] = np.nan
    found = related(engine, pa.Table.from_pandas(frame))
    pearson = pair(found, "x", "y", "pearson")
    # Centred first: the oracle loses digits at 1e9 itself.
    both = frame.assign(y=frame["y"] - 1e9).dropna()
    assert pearson.value == pytest.approx(np.corrcoef(both["x"], both["y"])[0, 1])
    assert pearson.n_rows == len(both)


def test_cramers_v_agrees_with_a_hand_formula(
    engine: DuckEngine, sales: pa.Table
) -> None:
    found = pair(related(engine, sales), "region", "channel", "cramers_v")
    table = pd.crosstab(sales["region"].to_pandas(), sales["channel"].to_pandas())
    test = stats.chi2_contingency(table, correction=False)
    n, r, k = 2_000, *table.shape
    phi2 = max(0, test.statistic / n - (r - 1) * (k - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    assert found.value == pytest.approx(math.sqrt(phi2 / smaller))
    assert found.p_value == pytest.approx(test.pvalue)


def test_correlation_ratio_agrees_with_pandas(
    engine: DuckEngine, sales: pa.Table
) -> None:
    found = related(engine, sales, target="unit_price")
    eta = pair(found, "region", "unit_price", "correlation_ratio")
    frame = sales.to_pandas()
    fitted = frame.groupby("region")["unit_price"].transform("mean")
    expected = math.sqrt(fitted.var() / frame["unit_price"].var())
    assert eta.value == pytest.approx(expected, rel=1e-10)
    assert eta.test == "Welch ANOVA"
    assert eta.p_value is not None
    assert eta.p_value < 1e-30


def test_q_values_are_adjusted_by_family(engine: DuckEngine, sales: pa.Table) -> None:
    found = related(engine, sales, target="revenue").associations
    first = {"pearson", "correlation_ratio", "cramers_v"}
    for is_target, method in ((True, "holm"), (False, "fdr_bh")):
        for measures in (first, {"spearman"}):
            rows = [
                a for a in found if a.is_target == is_target and a.measure in measures
            ]
            expected = multipletests([a.p_value for a in rows], method=method)[1]
            assert [a.q_value for a in rows] == pytest.approx(list(expected))
            assert {a.n_tests for a in rows} == {len(rows)}


def test_a_measure_that_is_asked_for_is_computed_alone(
    engine: DuckEngine, sales: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spearman, "MOST_VALUES", 10)
    stored = engine.put(sales, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(stored).columns
    found = StatisticsEngine(engine).relations(stored, columns, measures=["spearman"])
    assert {a.measure for a in found.associations} == {"spearman"}
    assert all(a.value is not None for a in found.associations)


def test_an_unknown_measure_is_refused(engine: DuckEngine, sales: pa.Table) -> None:
    stored = engine.put(sales, "data", schema="clean")
    with pytest.raises(DspError, match='no measure named "spear"'):
        StatisticsEngine(engine).relations(stored, (), measures=["spear"])


def test_the_target_is_the_second_column(engine: DuckEngine, sales: pa.Table) -> None:
    found = related(engine, sales, target="region").associations
    aimed = [a for a in found if "region" in (a.column_a, a.column_b)]
    assert aimed
    assert {(a.column_b, a.is_target) for a in aimed} == {("region", True)}


def test_too_many_values_to_rank_are_skipped_with_a_reason(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spearman, "MOST_VALUES", 10)
    table = pa.table({"x": [1.5, 2.0, 3.0, 9.0] * 5, "y": [0.1, 0.2, 0.4, 0.3] * 5})
    found = pair(related(engine, table), "x", "y", "spearman")
    assert (found.value, found.n_rows) == (None, 20)
    assert found.reason == (
        '40 values to rank are more than 10: ask for it with measures=["spearman"]'
    )


def test_too_many_pairs_with_gaps_are_skipped_alone(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spearman, "MOST_AGAIN", 30)
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(rng.normal(size=(20, 3)), columns=list("xyz"))
    frame.loc[0, "z"] = np.nan
    found = related(engine, pa.Table.from_pandas(frame))
    whole = pair(found, "x", "y", "spearman")
    expected = stats.spearmanr(frame["x"], frame["y"]).statistic
    assert (whole.value, whole.n_rows) == (pytest.approx(expected, rel=1e-12), 20)
    for name in "xy":
        skipped = pair(found, name, "z", "spearman")
        assert (skipped.value, skipped.n_rows) == (None, 19)
        assert skipped.reason == (
            '40 values to rank are more than 30: ask for it with measures=["spearman"]'
        )


@pytest.mark.parametrize("most_bytes", [2**29, 0])
def test_ranks_are_those_of_the_rows_with_both(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch, most_bytes: int
) -> None:
    monkeypatch.setattr(frame_module, "MOST_BYTES", most_bytes)
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"x": rng.normal(size=400).round(1), "y": rng.normal(size=400)})
    frame["y"] += frame["x"]
    frame.loc[::3, "x"] = np.nan
    frame.loc[5::7, "y"] = np.inf
    found = pair(related(engine, pa.Table.from_pandas(frame)), "x", "y", "spearman")
    both = frame.replace(np.inf, np.nan).dropna()
    expected = stats.spearmanr(both["x"], both["y"])
    assert found.value == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert (found.n_rows, found.reason) == (len(both), None)


class _Failing:
    name = "failing"
    kinds = ("measure", "measure")
    on_demand = False

    def __init__(self, error: Exception) -> None:
        self.error = error

    def measure(self, *_: Any) -> list[Association]:
        raise self.error


def test_a_failing_measure_becomes_a_problem(
    engine: DuckEngine, sales: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = plugins("statistics") | {"failing": _Failing(DspError("no"))}
    monkeypatch.setattr("dsp.statistics.relations.plugins", lambda _: failing)
    found = related(engine, sales)
    assert [p.plugin for p in found.problems] == ["statistics.failing"]
    assert found.associations


def test_a_failing_matrix_leaves_the_measures(
    engine: DuckEngine, sales: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        raise np.linalg.LinAlgError

    monkeypatch.setattr("dsp.statistics.relations.collinearity_of", fail)
    found = related(engine, sales)
    assert [p.plugin for p in found.problems] == ["statistics.collinearity"]
    assert (bool(found.associations), found.collinearity) == (True, ())


def test_a_cancelled_measure_stops(
    engine: DuckEngine, sales: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = {"failing": _Failing(CancelledError("cancelled"))}
    monkeypatch.setattr("dsp.statistics.relations.plugins", lambda _: failing)
    with pytest.raises(CancelledError, match="cancelled"):
        related(engine, sales)
