from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics

from dsp.engine import DuckEngine
from dsp.errors import ColumnNotFoundError
from dsp.models import AutoMLEngine, Fitted
from dsp.models.engine import _sample_size as sample_size
from dsp.models.evaluation import bootstrap, conformal_margin, metric, scores
from dsp.models.features import Feature
from dsp.models.task import decide


def fit(engine: DuckEngine, data: dict[str, Any], target: str, **options: Any) -> Fitted:
    table = engine.put(pa.table(data), "data", schema="clean")
    time = options.pop("time", None)
    return AutoMLEngine(engine, isolated=False, **options).fit(table, target, time=time)


@pytest.fixture(scope="module")
def planted() -> dict[str, Any]:
    """Return rows in which y is 3 x + 10 for group b, plus noise of sd 1."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=400)
    group = rng.choice(["a", "b"], 400)
    y = 3 * x + 10 * (group == "b") + rng.normal(size=400)
    return {"x": x, "noise": rng.normal(size=400), "group": group.tolist(), "y": y}


def best(found: Fitted) -> Any:
    return next(model for model in found.models if model.is_best)


def test_regression_recovers_what_was_planted(
    engine: DuckEngine, planted: dict[str, Any]
) -> None:
    found = fit(engine, planted, "y")
    winner = best(found)
    # Variance: 9 from x, 25 from the group, 1 of noise; the ceiling is 34 / 35.
    assert 0.93 < winner.holdout < 0.99
    assert winner.holdout_low < winner.holdout < winner.holdout_high
    assert not winner.is_baseline
    assert {i.feature for i in found.importances if i.rank <= 2} == {"x", "group"}


def test_holdout_score_is_that_of_the_stored_predictions(
    engine: DuckEngine, planted: dict[str, Any]
) -> None:
    found = fit(engine, planted, "y")
    rows = found.predictions.to_pandas().query("split == 'holdout'")
    again = metrics.r2_score(rows["actual_number"], rows["predicted_number"])
    assert again == pytest.approx(best(found).holdout, abs=1e-12)
    assert len(rows) == best(found).n_holdout == 80
    truth = np.asarray(planted["y"])[rows["row_number"].to_numpy() - 1]
    assert truth == pytest.approx(rows["actual_number"].to_numpy())


def test_intervals_cover_new_rows(engine: DuckEngine, planted: dict[str, Any]) -> None:
    rows = fit(engine, planted, "y").predictions.to_pandas().query("split == 'holdout'")
    covered = rows["actual_number"].between(rows["low"], rows["high"]).mean()
    assert 0.8 <= covered <= 1.0


def test_noise_is_not_better_than_the_baseline(engine: DuckEngine) -> None:
    rng = np.random.default_rng(1)
    data = {"x": rng.normal(size=300), "z": rng.normal(size=300)}
    found = fit(engine, {**data, "y": rng.normal(size=300)}, "y")
    assert "No model is better than the baseline." in best(found).note


def test_two_classes_are_scored_by_area_under_the_curve(engine: DuckEngine) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=500)
    label = np.where(x + rng.normal(size=500) > 0, "yes", "no")
    found = fit(engine, {"x": x, "label": label.tolist()}, "label")
    # Half of the variance is noise: P(correct order) = 1/2 + atan(1) ... about 0.83.
    assert best(found).metric == "roc_auc"
    assert 0.75 < best(found).holdout < 0.92


@pytest.mark.parametrize(
    ("leak", "reason"),
    [
        (lambda y: 2 * y + 1, "copies the target"),
        (lambda y: y + np.random.default_rng(0).normal(size=len(y)) * 1e-6, "copies"),
    ],
)
def test_copies_of_a_number_are_left_out(
    engine: DuckEngine, planted: dict[str, Any], leak: Any, reason: str
) -> None:
    found = fit(engine, {**planted, "copy": leak(planted["y"])}, "y")
    assert reason in best(found).excluded
    assert "copy" not in best(found).features


def test_parts_of_a_sum_are_left_out(engine: DuckEngine, planted: dict[str, Any]) -> None:
    part = np.random.default_rng(3).normal(size=400)
    rest = np.asarray(planted["y"]) - part
    found = fit(engine, {**planted, "part": part, "rest": rest}, "y")
    assert "gives the target exactly together with part, rest" in best(found).excluded


def test_a_renamed_class_is_left_out(engine: DuckEngine) -> None:
    rng = np.random.default_rng(4)
    label = rng.choice(["yes", "no"], 200)
    data = {"x": rng.normal(size=200), "code": np.where(label == "yes", 1, 0)}
    found = fit(engine, {**data, "label": label.tolist()}, "label")
    assert "code" not in best(found).features


def test_time_holds_out_the_last_rows(engine: DuckEngine, sales: pa.Table) -> None:
    table = engine.put(sales, "data", schema="clean")
    found = AutoMLEngine(engine, isolated=False).fit(table, "revenue", time="order_date")
    rows = found.predictions.to_pandas()
    last = rows.loc[rows["split"] == "holdout", "row_number"].min()
    assert best(found).split == "time"
    assert last > rows.loc[rows["split"] == "cv", "row_number"].max()


def test_same_seed_same_numbers_in_and_out_of_process(
    engine: DuckEngine, planted: dict[str, Any]
) -> None:
    inside = fit(engine, planted, "y", seed=3)
    table = engine.table("data", schema="clean")
    outside = AutoMLEngine(engine, seed=3).fit(table, "y")
    assert outside.predictions.equals(inside.predictions)
    assert [m.holdout for m in outside.models] == [m.holdout for m in inside.models]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([1.0] * 50, "one value only"),
        ([None] * 50, "has 0 values"),
        ([float(i) for i in range(10)] + [None] * 40, "has 10 values"),
        ([f"name {i}" for i in range(50)], "50 classes"),
        (["a"] * 48 + ["b"] * 2, "fewer than 5 rows"),
        ([[1]] * 50, "cannot be predicted"),
    ],
)
def test_targets_that_cannot_be_modelled_say_why(
    engine: DuckEngine, values: list[Any], reason: str
) -> None:
    column = pa.array(values, pa.float64()) if values[0] is None else values
    found = fit(engine, {"x": list(range(50)), "y": column}, "y")
    assert reason in (found.reason or "")
    assert found.models == ()


def test_wrong_names_are_refused(engine: DuckEngine) -> None:
    table = engine.put(pa.table({"a": [1], "b": [2]}), "data")
    with pytest.raises(ColumnNotFoundError, match='no column named "c"'):
        AutoMLEngine(engine).fit(table, "c")


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_quick_metric_agrees_with_scikit_learn(task: str) -> None:
    rng = np.random.default_rng(6)
    y = rng.normal(size=200) if task == "regression" else rng.integers(0, 2, 200)
    output = y + rng.normal(size=200)
    if task != "regression":
        up = np.round(1 / (1 + np.exp(-output)), 1)  # ties on purpose
        output = np.column_stack([1 - up, up])
    if task == "multiclass":
        wanted = metrics.balanced_accuracy_score(y, output.argmax(axis=1))
    else:
        wanted = next(iter(scores(task, y, output).values()))
    assert metric(task, y, output) == pytest.approx(wanted, abs=1e-12)


def test_bootstrap_interval_holds_the_score() -> None:
    rng = np.random.default_rng(7)
    y = rng.normal(size=300)
    output = y + rng.normal(size=300) * 0.5
    interval = bootstrap("regression", y, output, seed=0)
    assert interval is not None
    assert interval[0] < metric("regression", y, output) < interval[1]  # type: ignore[operator]


def test_conformal_margin_by_hand() -> None:
    # ceil((19 + 1) * 0.9) = 18th smallest of 1..19.
    assert conformal_margin(np.arange(1.0, 20.0)) == 18.0
    assert conformal_margin(np.arange(5.0)) is None


def test_tasks() -> None:
    numbers = decide("y", [], n_rows=100, n_distinct=90, is_number=True)
    assert numbers.kind == "regression"
    two = decide("y", [("0", 60), ("1", 40)], n_rows=100, n_distinct=2, is_number=True)
    assert (two.kind, two.classes) == ("binary", ("0", "1"))


def test_time_that_is_up_keeps_the_candidates_that_finished(
    engine: DuckEngine, planted: dict[str, Any]
) -> None:
    found = fit(engine, planted, "y", time_limit=1e-6)
    assert [model.model_id for model in found.models] == ["baseline", "linear"]
    assert "Out of time for Gradient boosting, Extra trees." in best(found).note
    (problem,) = found.problems
    assert "(the limit of 1e-06 s): Gradient boosting, Extra trees" in problem.error
    assert {importance.n_repeats for importance in found.importances} == {2}


def test_a_sample_keeps_rows_of_every_class(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsp.models.engine.MAX_ROWS", 500)
    label = np.where(np.arange(5_000) % 500 == 0, "rare", "common")
    data = {"x": np.random.default_rng(8).normal(size=5_000), "label": label.tolist()}
    found = fit(engine, data, "label")
    rows = found.predictions.to_pandas()
    assert (rows["actual_label"] == "rare").sum() == 10
    assert set(rows.query("split == 'holdout'")["actual_label"]) == {"rare", "common"}


def test_short_searches_of_wide_tables_take_fewer_rows() -> None:
    wide = [Feature(f"x{i}", "number") for i in range(100)]
    assert sample_size(wide, 30.0) == sample_size(wide[:4], 1.0) == 20_000
    assert sample_size(wide, 3.0) == 3_000
    assert sample_size([Feature("t", "category")] * 100, 1.0) == 1_000


def test_columns_with_our_own_names_change_nothing(
    engine: DuckEngine, planted: dict[str, Any]
) -> None:
    days = np.random.default_rng(9).permutation(400)
    ours = {"Row_Number": -days, "is_later": planted["noise"], "Y": days}
    data = {"f1": planted["x"], **ours, "target": planted["y"]}
    rows = fit(engine, data, "target", time="Y").predictions.to_pandas()
    held = rows.query("split == 'holdout'")
    numbers = held["row_number"].to_numpy()
    assert sorted(days[numbers - 1]) == list(range(320, 400))
    truth = np.asarray(planted["y"])[numbers - 1]
    assert truth == pytest.approx(held["actual_number"].to_numpy())
