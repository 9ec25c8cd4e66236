from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics

from dsp.engine import DuckEngine
from dsp.errors import ColumnNotFoundError, SettingError
from dsp.models import AutoMLEngine, Fitted, Wish
from dsp.models.evaluation import interval, metric, scores
from dsp.models.features import Feature
from dsp.models.rows import sample_size
from dsp.models.task import decide

FITS = 40
"""Fits of settings in a search here: enough for every kind of model once."""


def fit(engine: DuckEngine, data: dict[str, Any], target: str, **options: Any) -> Fitted:
    table = engine.put(pa.table(data), "data", schema="clean")
    time, wish = options.pop("time", None), options.pop("wish", None)
    options = {"fits": FITS} | options
    models = AutoMLEngine(engine, isolated=False, **options)
    return models.fit(table, target, time=time, wish=wish)


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
    found = fit(engine, planted, "y")
    rows = found.predictions.to_pandas().query("split == 'holdout'")
    covered = rows["actual_number"].between(rows["low"], rows["high"]).mean()
    assert 0.8 <= covered <= 1.0
    known = {s.metric: s.value for s in found.scores if s.split == "holdout"}
    assert known["coverage"] == pytest.approx(covered)


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
    models = AutoMLEngine(engine, isolated=False, fits=FITS)
    found = models.fit(table, "revenue", time="order_date")
    rows = found.predictions.to_pandas()
    ends = rows.groupby("split")["row_number"].agg(["min", "max"])
    assert best(found).split == "time"
    assert ends.loc["fitted", "max"] < ends.loc["cv", "min"]
    assert ends.loc["cv", "max"] < ends.loc["holdout", "min"]
    unseen = rows["split"] != "fitted"
    assert (rows["predicted_number"].notna() == unseen).all()


def test_same_seed_same_numbers_in_and_out_of_process(
    engine: DuckEngine, planted: dict[str, Any]
) -> None:
    inside = fit(engine, planted, "y", seed=3)
    table = engine.table("data", schema="clean")
    outside = AutoMLEngine(engine, seed=3, fits=FITS).fit(table, "y")
    assert outside.predictions.equals(inside.predictions)
    assert [m.holdout for m in outside.models] == [m.holdout for m in inside.models]
    assert outside.model == inside.model


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
    if task == "regression":
        wanted = metrics.r2_score(y, output)
    else:
        # Of two classes both areas are the same.
        wanted = metrics.roc_auc_score(y, output[:, 1])
    assert next(iter(scores(task, y, output).values())) == metric(task, y, output)
    assert metric(task, y, output) == pytest.approx(wanted, abs=1e-12)


def test_area_of_many_classes_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(8)
    y = rng.integers(0, 4, 300)
    output = rng.dirichlet(np.ones(4), 300)
    wanted = metrics.roc_auc_score(y, output, multi_class="ovr", average="macro")
    assert metric("multiclass", y, output) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_quantiles_are_judged_as_in_scikit_learn(quantile: float) -> None:
    rng = np.random.default_rng(9)
    y, output = rng.normal(size=101), rng.normal(size=101)
    wanted = metrics.mean_pinball_loss(y, output, alpha=quantile)
    found = scores("quantile", y, output, quantile=quantile)
    assert found["pinball_loss"] == pytest.approx(wanted, abs=1e-12)
    d2 = metrics.d2_pinball_score(y, output, alpha=quantile)
    assert found["d2_pinball_score"] == pytest.approx(d2, abs=1e-2)


def test_the_interval_covers_the_score_of_new_rows_of_the_same_number() -> None:
    inside = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        y = rng.normal(size=(2, 150))
        output = y + rng.normal(size=y.shape)
        old, new = (metric("regression", y[i], output[i]) for i in (0, 1))
        found = interval(
            lambda rows, y=y, output=output: metric(
                "regression", y[0][rows], output[0][rows]
            ),
            150,
            seed=seed,
        )
        assert found is not None
        assert old is not None
        assert new is not None
        assert found[0] < old < found[1]
        inside += found[0] <= new <= found[1]
    # 95 % are wanted; of 60, 52 or fewer come once in 130 times.
    assert inside >= 53


def test_tasks() -> None:
    numbers = decide("y", [], n_rows=100, n_distinct=90, is_number=True)
    assert numbers.kind == "regression"
    two = decide("y", [("0", 60), ("1", 40)], n_rows=100, n_distinct=2, is_number=True)
    assert (two.kind, two.classes) == ("binary", ("0", "1"))


def test_time_that_is_up_keeps_the_baseline_and_the_linear_model(
    engine: DuckEngine, planted: dict[str, Any]
) -> None:
    found = fit(engine, planted, "y", time_limit=1e-6, fits=None)
    ids = [model.model_id for model in found.models]
    assert ids[:2] == ["baseline", "linear"]
    assert len(ids) <= 3
    assert found.model is not None
    assert {importance.n_repeats for importance in found.importances} == {2}


@pytest.mark.parametrize("task", ["ordinal", "quantile"])
def test_tasks_by_request(engine: DuckEngine, planted: dict[str, Any], task: str) -> None:
    y = np.digitize(planted["y"], [0, 5, 10]) if task == "ordinal" else planted["y"]
    wish = Wish(task=task, quantile=0.9)
    found = fit(engine, {**planted, "y": y}, "y", wish=wish)
    rows = found.predictions.to_pandas().query("split == 'holdout'")
    known = {
        s.metric: s.value for s in found.scores if s.model_id == best(found).model_id
    }
    if task == "ordinal":
        assert set(rows["predicted_label"]) == {"0", "1", "2", "3"}
        agreed = (rows["predicted_label"] == rows["actual_label"]).mean()
        assert known["accuracy"] == pytest.approx(agreed)
        assert known["quadratic_weighted_kappa"] > 0.8
    else:
        below = (rows["actual_number"] <= rows["predicted_number"]).mean()
        assert known["share_below"] == pytest.approx(below)
        assert 0.8 < below < 0.97


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (Wish(task="binary"), "400 values, not two"),
        (Wish(task="multiclass"), "400 classes, more than 20"),
    ],
)
def test_wishes_that_do_not_fit_say_why(
    engine: DuckEngine, planted: dict[str, Any], wish: Wish, reason: str
) -> None:
    assert reason in (fit(engine, planted, "y", wish=wish).reason or "")


def test_wrong_wishes_are_refused() -> None:
    with pytest.raises(SettingError, match='no task "guess"'):
        Wish(task="guess")
    with pytest.raises(SettingError, match="quantile of 1"):
        Wish(task="quantile", quantile=1.0)


def test_rows_of_one_entity_are_never_divided(engine: DuckEngine) -> None:
    rng = np.random.default_rng(11)
    owner = np.arange(600) % 60
    taste = rng.normal(size=60)[owner]
    data = {
        "owner": owner,
        "x": rng.normal(size=600),
        "trace": taste + rng.normal(size=600) * 1e-3,
        "y": taste + rng.normal(size=600),
    }
    found = fit(engine, data, "y", wish=Wish(group="owner"))
    rows = found.predictions.to_pandas()
    held = rows["split"] == "holdout"
    owners = owner[rows["row_number"].to_numpy() - 1]
    assert set(owners[held]).isdisjoint(owners[~held])
    assert best(found).split == "group"
    assert "owner" not in best(found).features
    assert "Rows of one owner are never divided" in best(found).note


def test_copies_of_a_row_stay_in_one_fold(engine: DuckEngine) -> None:
    rng = np.random.default_rng(12)
    x = np.repeat(rng.normal(size=100), 3)
    z = np.repeat(rng.normal(size=100), 3)
    y = np.repeat(rng.normal(size=100), 3)
    found = fit(engine, {"x": x, "z": z, "y": y}, "y")
    # The target is noise, and each row has two copies: a fold that held only some of
    # them would look as if it were known.
    assert best(found).holdout < 0.2
    assert "200 rows alike in every column" in best(found).note


def test_a_sample_keeps_rows_of_every_class(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsp.models.rows.MAX_ROWS", 500)
    label = np.where(np.arange(5_000) % 500 == 0, "rare", "common")
    data = {"x": np.random.default_rng(8).normal(size=5_000), "label": label.tolist()}
    found = fit(engine, data, "label")
    rows = found.predictions.to_pandas()
    assert (rows["actual_label"] == "rare").sum() == 10
    assert set(rows.query("split == 'holdout'")["actual_label"]) == {"rare", "common"}


def test_short_searches_of_wide_tables_take_fewer_rows() -> None:
    wide = [Feature(f"x{i}", "number") for i in range(100)]
    assert sample_size(wide, 60.0) == 36_000
    assert sample_size(wide[:4], 60.0) == 500_000
    assert sample_size([Feature("t", "text")] * 10, 5.0) == 2_000


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


def test_whole_numbers_that_name_something_are_classes() -> None:
    counts = [("1", 60), ("2", 40), ("3", 40)]
    about = {"n_rows": 140, "n_distinct": 3, "is_number": True}
    assert decide("y", counts, **about).kind == "regression"
    assert decide("y", counts, **about, is_level=True).kind == "multiclass"
    asked = decide("y", counts, **about, is_level=True, wanted="regression")
    assert asked.kind == "regression"


def test_a_class_that_comes_late_has_no_probability_before(engine: DuckEngine) -> None:
    rng = np.random.default_rng(13)
    x = rng.normal(size=500)
    label = np.where(x > 0, "sun", "rain").astype(object)
    label[300::4] = "snow"
    days = np.datetime64("2024-01-01") + np.arange(500)
    data = {"x": x, "day": pa.array(days), "label": label.tolist()}
    found = fit(engine, data, "label", time="day", fits=60)
    assert {"additive", "boosting"} < {model.model_id for model in found.models}
    assert best(found).holdout > 0.5
    assert found.model is not None
    rows = engine.sql(f"with new_data as (from clean.data) from ({found.model.sql})")
    assert "probability_snow" in rows.column_names
