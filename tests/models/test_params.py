from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dsp.engine import DuckEngine
from dsp.errors import DspError
from dsp.models import AutoMLEngine
from dsp.models.params import describe, rebuild
from dsp.registry import plugins


def settings(estimator: Any) -> dict[str, Any]:
    """Return every parameter of scikit-learn, those inside too; objects by their type."""
    return {
        name: type(value).__name__
        if hasattr(value, "get_params")
        else list(value)
        if isinstance(value, tuple)
        else value
        for name, value in estimator.get_params(deep=True).items()
        if not name.endswith(("steps", "transformers"))
    }


@pytest.mark.parametrize("name", sorted(plugins("models")))
@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("n_rows", [60, 2_500])
def test_every_candidate_is_built_again_from_what_is_written(
    name: str, task: str, n_rows: int
) -> None:
    rng = np.random.default_rng(0)
    levels = pd.Series(rng.choice(["a", "b"], n_rows), dtype=object)
    X = pd.DataFrame({"f0": rng.normal(size=n_rows), "f1": levels})
    y = np.exp(3 * X["f0"].to_numpy()) if task == "regression" else np.arange(n_rows) % 2
    wanted = plugins("models")[name].build(task, X, y, seed=7)
    again = rebuild(json.loads(json.dumps(describe(wanted))))
    # By text: NaN, the default of an imputer, is not equal to itself.
    assert repr(settings(again)) == repr(settings(wanted))
    guess = "predict" if task == "regression" else "predict_proba"
    assert np.array_equal(
        getattr(again.fit(X, y), guess)(X), getattr(wanted.fit(X, y), guess)(X)
    )


def test_parameters_of_a_result_are_those_of_the_candidate(engine: DuckEngine) -> None:
    rng = np.random.default_rng(1)
    days = np.datetime64("2024-01-01") + np.arange(90)
    x = rng.normal(size=90)
    data = {"it's": x, "day": pa.array(days), "y": x + rng.normal(size=90)}
    table = engine.put(pa.table(data), "data", schema="clean")
    found = AutoMLEngine(engine, seed=3, isolated=False).fit(table, "y")
    params = {model.model_id: json.loads(model.params) for model in found.models}
    assert params["boosting"]["columns"] == [
        ["it's", None],
        ["day", "month"],
        ["day", "weekday"],
        ["day", "day_number"],
    ]
    assert params["boosting"]["library"].startswith("scikit-learn 1.")
    model = rebuild(params["boosting"]["estimator"]).named_steps
    assert model["histgradientboostingregressor"].get_params()["random_state"] == 3
    assert model["histgradientboostingregressor"].get_params()["max_leaf_nodes"] == 15
    assert type(rebuild(params["baseline"]["estimator"])).__name__ == "DummyRegressor"


def test_nothing_but_the_library_is_imported_from_a_result() -> None:
    with pytest.raises(DspError, match=r"may not be built from os\.system"):
        rebuild({"class": "os.system", "params": {}})
