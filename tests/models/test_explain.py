"""What a model does and where it is wrong, against brute force and other libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import calibration as sk_calibration
from sklearn import metrics
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.inspection import partial_dependence as sk_dependence
from statsmodels.stats.diagnostic import het_breuschpagan
from statsmodels.stats.stattools import jarque_bera

from dsp.engine import DuckEngine
from dsp.models import AutoMLEngine, Wish
from dsp.models.coding import Column, code
from dsp.models.explain import classes, effects
from dsp.models.explain.residuals import residual_checks
from dsp.models.explain.slices import worst_slices
from dsp.models.features import Feature


def numbers(n_columns: int) -> list[Column]:
    return [Column(f"x{i}", "number", (i,)) for i in range(n_columns)]


def test_partial_dependence_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    y = X[:, 0] ** 2 + X[:, 1]
    model = HistGradientBoostingRegressor(max_iter=30).fit(X, y)
    found = effects.partial_dependence(model.predict, X, numbers(3)[0], seed=0)
    wanted = sk_dependence(
        model,
        X,
        [0],
        kind="average",
        method="brute",
        custom_values={0: np.array([row["x"] for row in found])},
    )
    assert [row["value"] for row in found] == pytest.approx(wanted["average"][0])
    assert all(row["low"] < row["value"] < row["high"] for row in found)


def test_levels_and_missing_values_are_points_of_their_own() -> None:
    X = np.array([[0.0], [1.0], [np.nan], [1.0]])
    column = Column("c", "category", (0,), levels=("a", "b", "unseen"))
    found = effects.partial_dependence(
        lambda rows: np.where(np.isnan(rows[:, 0]), -1.0, rows[:, 0] * 10),
        X,
        column,
        seed=0,
    )
    assert [(row["level"], row["value"]) for row in found] == [
        ("a", 0.0),
        ("b", 10.0),
        ("(missing)", -1.0),
    ]


def test_accumulated_effects_do_not_ask_of_rows_that_cannot_be() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(size=2_000)
    X = np.column_stack([x, x + rng.normal(size=2_000) * 0.01])

    def output(rows: Any) -> Any:
        # Far from the rows that are, the model says nonsense.
        off = np.abs(rows[:, 0] - rows[:, 1]) > 0.2
        return rows[:, 0] + rows[:, 1] ** 2 + 100 * off

    found = effects.accumulated_effects(output, X, numbers(2)[0], seed=0)
    xs = np.array([row["x"] for row in found])
    values = np.array([row["value"] for row in found])
    assert np.polyfit(xs, values, 1)[0] == pytest.approx(1.0, abs=0.02)
    dependence = effects.partial_dependence(output, X, numbers(2)[0], seed=0)
    assert max(row["value"] for row in dependence) > 20
    assert np.average(values) == pytest.approx(0.0, abs=0.05)


def test_interactions_are_where_columns_multiply() -> None:
    X = np.random.default_rng(2).normal(size=(200, 3))
    found = effects.interactions(
        lambda rows: rows[:, 0] * rows[:, 1] + rows[:, 2], X, numbers(3), seed=0
    )
    assert found[0][:2] == ("x0", "x1")
    assert found[0][2] > 0.9
    assert [h for _, _, h in found[1:]] == pytest.approx([0.0, 0.0], abs=1e-6)


def test_the_slice_that_was_planted_comes_first() -> None:
    rng = np.random.default_rng(3)
    x, code = rng.normal(size=2_000), rng.integers(0, 4, 2_000)
    loss = rng.exponential(size=2_000) + 2.0 * ((x > 0.7) & (code == 2))
    columns = [
        numbers(1)[0],
        Column("it's", "category", (1,), levels=("a", "b", "c", "d")),
    ]
    found = worst_slices(np.column_stack([x, code]), loss, columns)
    assert sorted(found[0]["columns"]) == ["it's", "x0"]
    assert "it's = c" in found[0]["description"]
    assert "\"it's\"::varchar = 'c'" in found[0]["condition_sql"]
    assert found[0]["is_significant"]
    assert found[0]["low"] < found[0]["difference"] < found[0]["high"]
    inside = (x >= np.quantile(x, 0.75)) & (code == 2)
    assert found[0]["n_rows"] == inside.sum()
    assert found[0]["loss"] == pytest.approx(loss[inside].mean())


def test_noise_has_no_slices() -> None:
    columns = numbers(4)
    alarms = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        found = worst_slices(
            rng.normal(size=(400, 4)), rng.exponential(size=400), columns
        )
        alarms += any(row["is_significant"] for row in found)
    # At 5 % two are expected; pairs of the worst are chosen, so a few more come.
    assert alarms <= 6


def test_calibration_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(4)
    share = rng.uniform(size=1_000)
    event = rng.random(1_000) < share**2
    found = classes.calibration(event, share)
    observed, predicted = sk_calibration.calibration_curve(
        event, share, n_bins=10, strategy="quantile"
    )
    assert [row["observed"] for row in found] == pytest.approx(observed, abs=0.011)
    assert [row["predicted"] for row in found] == pytest.approx(predicted, abs=0.011)
    assert sum(row["n_rows"] for row in found) == 1_000
    assert all(row["low"] <= row["observed"] <= row["high"] for row in found)


def test_wilson_by_hand() -> None:
    # statsmodels proportion_confint(8, 10, method="wilson")
    assert classes.wilson(0.8, 10) == pytest.approx((0.49016, 0.94332), abs=1e-5)


def test_thresholds_are_counted_right() -> None:
    rng = np.random.default_rng(5)
    share = np.round(rng.uniform(size=300), 2)
    event = rng.random(300) < share
    found = classes.thresholds(event, share, cost_fp=1.0, cost_fn=5.0)
    for row in found:
        called = share >= row["threshold"]
        assert row["n_true_positive"] == (called & event).sum()
        assert row["n_false_positive"] == (called & ~event).sum()
        assert row["f1"] == pytest.approx(metrics.f1_score(event, called))
        assert row["cost"] == (called & ~event).sum() + 5 * (~called & event).sum()
        if row["mcc"] is not None:
            assert row["mcc"] == pytest.approx(metrics.matthews_corrcoef(event, called))
    assert sum(row["is_default"] for row in found) == 1
    best = next(row for row in found if row["is_best_cost"])
    assert best["cost"] == min(row["cost"] for row in found)
    # Missed events are dear, so the threshold is low.
    assert best["threshold"] < 0.4


def test_residuals_are_checked_as_in_statsmodels() -> None:
    rng = np.random.default_rng(6)
    output = rng.uniform(1, 5, 500)
    y = output + rng.normal(size=500) * output + 0.5
    found = {
        row["check_name"]: row for row in residual_checks(y, output, is_ordered=True)
    }
    X = np.column_stack([np.ones(500), output])
    statistic, p_value, *_ = het_breuschpagan(y - output, X)
    assert found["spread"]["statistic"] == pytest.approx(statistic)
    assert found["spread"]["p_value"] == pytest.approx(p_value)
    assert "grow" in found["spread"]["verdict"]
    jb, _, skew, kurtosis = jarque_bera(y - output)
    assert found["normality"]["statistic"] == pytest.approx(jb)
    assert found["skewness"]["value"] == pytest.approx(skew)
    assert found["tails"]["value"] == pytest.approx(kurtosis - 3)
    assert found["bias"]["value"] == pytest.approx((y - output).mean())
    assert "too low" in found["bias"]["verdict"]
    assert "do not go along" in found["lag"]["verdict"]


def test_a_search_explains_its_best_model(engine: DuckEngine) -> None:
    rng = np.random.default_rng(7)
    x, z = rng.normal(size=(2, 600))
    label = np.where(x + z * (x > 0) + rng.normal(size=600) > 0, "yes", "it's no")
    table = engine.put(pa.table({"x": x, "z": z, "label": label.tolist()}), "data")
    models = AutoMLEngine(engine, isolated=False, fits=40)
    found = models.fit(table, "label", wish=Wish(cost_missed=3.0))
    by_table: dict[str, list[Any]] = {}
    for record in found.explained:
        by_table.setdefault(record.TABLE, []).append(record)
    names = {"model_effects", "model_interactions", "calibration", "thresholds"}
    assert names <= set(by_table)
    assert {row.label for row in by_table["thresholds"]} == {"yes"}
    costs = {
        (r.n_false_positive + 3.0 * r.n_false_negative, r.cost)
        for r in by_table["thresholds"]
    }
    assert all(a == b for a, b in costs)
    assert {row.method for row in by_table["model_effects"]} == {"pdp", "ale"}
    known = {s.metric for s in found.scores if s.split == "holdout"}
    assert {"coverage", "mean_set_size", "calibration_error", "brier"} <= known


def test_effects_of_counts_are_told_of_counts() -> None:
    X = np.asfortranarray(np.random.default_rng(4).poisson(2.5, (900, 1)).astype(float))
    (column,) = numbers(1)
    asked = []

    def output(rows: Any) -> Any:
        asked.append(rows[:, 0].copy())
        return rows[:, 0] ** 2

    effects.partial_dependence(output, X, column, seed=0)
    effects.accumulated_effects(output, X, column, seed=0)
    every = np.concatenate(asked)
    assert len(asked) > 4
    assert (every == np.round(every)).all()


def test_conditions_select_the_rows_of_their_slices(engine: DuckEngine) -> None:
    rng = np.random.default_rng(8)
    raw = rng.normal(size=1_200)
    raw[::6], raw[1::6] = np.nan, np.inf
    engine.put(pa.table({"it's": raw, "row": np.arange(1_200)}), "data")
    coded = code(pa.table({"f0": raw}), [Feature("it's", "number")])
    missing = np.isnan(coded.X[:, 0])
    loss = rng.exponential(size=1_200) + 2.0 * missing + 1.0 * (coded.X[:, 0] > 0.6)
    found = worst_slices(coded.X, loss - 2.0 * missing, coded.columns)
    found += worst_slices(coded.X, loss, coded.columns)
    assert any("missing" in row["description"] for row in found)

    def count(row: dict[str, Any]) -> int:
        query = f"select count(*) from data where {row['condition_sql']}"
        return int(engine.rows(query)[0][0])

    assert [count(row) for row in found] == [row["n_rows"] for row in found]
    # A row beyond those that were seen belongs to the outer range.
    engine.execute("delete from data")
    engine.execute("insert into data values (1e9, 1)")
    assert count(found[0]) == 1


def test_the_best_threshold_of_rare_events_is_the_best_of_all() -> None:
    rng = np.random.default_rng(9)
    event = rng.random(3_000) < 0.01
    share = np.clip(0.05 * rng.random(3_000) + 0.1 * event * rng.random(3_000), 0, 1)
    found = classes.thresholds(event, share, cost_fp=1.0, cost_fn=1.0)
    levels = np.unique(share)
    every = [metrics.f1_score(event, share >= level) for level in levels]
    best = next(row for row in found if row["is_best_f1"])
    assert best["f1"] == pytest.approx(max(every))
    costs = [(~event & (share >= t)).sum() + (event & (share < t)).sum() for t in levels]
    cheapest = next(row for row in found if row["is_best_cost"])
    assert cheapest["cost"] == min([*costs, event.sum()])
    assert len(found) <= 103
