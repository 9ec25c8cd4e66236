"""AutoGluon, preset medium_quality, with a time limit."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from autogluon.tabular import TabularPredictor
from automl_common import run

if TYPE_CHECKING:
    import pandas as pd

METRICS = {"regression": "r2", "binary": "roc_auc", "multiclass": "log_loss"}


def fit(train: pd.DataFrame, target: str, task: str, seconds: float) -> Any:
    """Return a function that predicts."""
    predictor = TabularPredictor(
        label=target,
        problem_type=task,
        eval_metric=METRICS[task],
        path=tempfile.mkdtemp(),
        verbosity=0,
    )
    predictor.fit(train, presets="medium_quality", time_limit=seconds, num_cpus=2)

    def predict(frame: pd.DataFrame) -> Any:
        if task == "regression":
            return predictor.predict(frame)
        return predictor.predict_proba(frame)

    return predict


if __name__ == "__main__":
    run(fit)
