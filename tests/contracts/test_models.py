from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from dsp.engine import DuckEngine
from dsp.models import AutoMLEngine
from dsp.records import ModelRow
from dsp.registry import plugins

if TYPE_CHECKING:
    import pyarrow as pa


@pytest.mark.parametrize("name", sorted(plugins("models")))
@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_every_candidate_fits_and_predicts(name: str, task: str) -> None:
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=120)
    numbers[:10] = np.nan
    levels = rng.choice(["it's", "</script>", "🦆", "(missing)"], 120)
    X = pd.DataFrame({"f0": numbers, "f1": pd.Series(levels, dtype=object)})
    classes = {"regression": 0, "binary": 2, "multiclass": 3}[task]
    y = rng.integers(0, classes, 120) if classes else rng.normal(size=120)
    model = plugins("models")[name].build(task, X, y, seed=0)
    model.fit(X, y)
    unseen = pd.DataFrame({"f0": [np.nan], "f1": pd.Series(["new"], dtype=object)})
    if classes:
        assert model.predict_proba(unseen).sum() == pytest.approx(1.0)
    else:
        assert np.isfinite(model.predict(unseen)).all()


def test_nasty_tables_give_models_or_a_reason(
    engine: DuckEngine, nasty: tuple[str, pa.Table]
) -> None:
    _, data = nasty
    table = engine.put(data, "data", schema="clean")
    for target in (data.column_names[0], data.column_names[-1]):
        found = AutoMLEngine(engine, isolated=False).fit(table, target)
        assert not found.problems
        assert bool(found.models) != bool(found.reason)
        assert all(isinstance(model, ModelRow) for model in found.models)
