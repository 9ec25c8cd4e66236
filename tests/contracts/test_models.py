"""Every kind of model fits, predicts, and says the same in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dsp.engine import DuckEngine
from dsp.models import AutoMLEngine
from dsp.models.coding import Coded, code, fetch_sql
from dsp.models.features import Feature
from dsp.models.scoring import scoring_sql
from dsp.models.task import Task
from dsp.models.views import Fold
from dsp.records import ModelRow
from dsp.registry import plugins

FEATURES = [
    Feature("it's", "number"),
    Feature("count", "number"),
    Feature("level", "category"),
    Feature("many", "category"),
    Feature("day", "date"),
    Feature("words", "text"),
]
CLASSES = {"regression": (), "binary": ("no", "it's"), "multiclass": ("a", "b", "c")}
N_FITTED = 500


@pytest.fixture
def coded(engine: DuckEngine) -> Coded:
    """Return rows of every kind of column, in the engine as ``data``; the last unseen."""
    rng = np.random.default_rng(0)
    n = 600
    x = rng.normal(size=n) * 1_000
    x[rng.random(n) < 0.1] = np.nan
    levels = rng.choice(["it's", "</script>", "🦆", "(missing)", "", "B"], n).tolist()
    many = [f"l'{i}" for i in rng.integers(0, 80, n)]
    days = np.datetime64("2024-01-30T10:30") + rng.integers(0, 700, n) * 997
    words = rng.choice(["Red", "green", "BLUE", "x1", "Ärger", "it's"], (n, 4))
    columns: dict[str, Any] = {
        "it's": pa.array(x, from_pandas=True),
        "count": rng.integers(0, 4, n),
        "level": [None if i % 17 == 0 else level for i, level in enumerate(levels)],
        "many": [f"new {i}" if i >= N_FITTED else level for i, level in enumerate(many)],
        "day": pa.array(days.astype("datetime64[us]"), pa.timestamp("us")),
        "words": [None if i % 23 == 0 else " ".join(w) for i, w in enumerate(words)],
        "number": np.arange(n),
    }
    engine.put(pa.table(columns), "data")
    listed = ", ".join(f"{fetch_sql(f)} as f{i}" for i, f in enumerate(FEATURES))
    return code(engine.sql(f"select {listed} from data order by number"), FEATURES)


def fold_of(coded: Coded, task: str) -> tuple[Fold, Fold]:
    """Return rows to fit on and rows held out, with a target that depends on them."""
    X = coded.X
    raw = np.nan_to_num(X[:, 0]) / 1_000 + X[:, 1] * (X[:, 2] == 1) + (X[:, 3] < 20)
    k = len(CLASSES[task])
    y = np.exp(raw / 2) if k == 0 else np.digitize(raw, [0.7] if k == 2 else [0.3, 1.5])
    whole = Fold(X, y, coded.levels, task, k, 0.5, seed=0, threads=1)
    fit, held = np.arange(N_FITTED), np.arange(N_FITTED, len(X))
    return replace(whole, X=X[fit], y=y[fit]), replace(whole, X=X[held], y=y[held])


@pytest.mark.parametrize("task", sorted(CLASSES))
@pytest.mark.parametrize("name", sorted(plugins("models")))
def test_every_model_is_the_same_in_sql(
    engine: DuckEngine, coded: Coded, name: str, task: str
) -> None:
    fold, held = fold_of(coded, task)
    candidate = plugins("models")[name]
    for config in list(candidate.configs(fold))[:3]:
        # Few rounds: what is told apart are kinds of splits, not their number.
        settings = {**config, "n_iterations": 25}
        model = candidate.fit(settings, fold)
        wanted = model.output(coded.X)
        query = scoring_sql(
            "data",
            coded.columns,
            [(0.25, model.portable()), (0.75, model.portable())],
            Task(task, classes=CLASSES[task]),
            keep=["number"],
        )
        found = engine.sql(f"select * from ({query}) order by number")
        names = [f"probability_{label}" for label in CLASSES[task]] or ["prediction"]
        given = np.column_stack([found.column(one).to_numpy() for one in names])
        wanted = wanted if wanted.ndim == 2 else wanted[:, None]
        assert np.isfinite(wanted).all()
        assert given == pytest.approx(wanted, rel=1e-9, abs=1e-9)
        assert len(held.y) == 100


@pytest.mark.parametrize("task", sorted(CLASSES))
@pytest.mark.parametrize("name", ["boosting", "light_boosting"])
def test_held_rows_say_when_to_stop(coded: Coded, name: str, task: str) -> None:
    fold, held = fold_of(coded, task)
    candidate = plugins("models")[name]
    config = candidate.configs(fold)[0]
    model = candidate.fit(config, fold, held)
    again = candidate.fit({**config, "n_iterations": model.n_iterations}, fold)
    assert again.output(held.X) == pytest.approx(model.output(held.X), rel=1e-12)


def test_nasty_tables_give_models_or_a_reason(
    engine: DuckEngine, nasty: tuple[str, pa.Table]
) -> None:
    _, data = nasty
    table = engine.put(data, "data", schema="clean")
    for target in (data.column_names[0], data.column_names[-1]):
        found = AutoMLEngine(engine, isolated=False, fits=15).fit(table, target)
        assert not found.problems
        assert bool(found.models) != bool(found.reason)
        assert all(isinstance(model, ModelRow) for model in found.models)
        if found.model is not None:
            rows = engine.sql(
                f"with new_data as (from clean.data) from ({found.model.sql})"
            )
            assert rows.num_rows == data.num_rows


@pytest.mark.parametrize("name", ["boosting", "light_boosting", "extra_trees", "linear"])
def test_predictions_come_in_the_order_of_the_rows(
    engine: DuckEngine, coded: Coded, name: str
) -> None:
    fold, _ = fold_of(coded, "regression")
    candidate = plugins("models")[name]
    model = candidate.fit({**candidate.configs(fold)[0], "n_iterations": 20}, fold)
    query = scoring_sql(
        "data",
        coded.columns,
        [(1.0, model.portable())],
        Task("regression"),
        keep=["number"],
    )
    plan = engine.rows(f"explain {query}")[0][1]
    # Neither a join nor a table in between, which lose the order and take memory.
    assert "JOIN" not in plan
    assert "CTE" not in plan
    assert "COLUMN_DATA" not in plan
