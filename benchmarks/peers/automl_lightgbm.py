"""LightGBM with its defaults."""

from __future__ import annotations

from typing import Any

import lightgbm
import pandas as pd
from automl_common import run


def fit(train: pd.DataFrame, target: str, task: str, seconds: float) -> Any:
    """Return a function that predicts."""
    del seconds
    levels = {
        column: pd.CategoricalDtype(sorted(train[column].dropna().unique()))
        for column in train
        if column != target and train[column].dtype == object
    }

    def ready(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.astype(levels)

    kind = lightgbm.LGBMRegressor if task == "regression" else lightgbm.LGBMClassifier
    model = kind(verbosity=-1, random_state=0, n_jobs=2)
    names = [f"f{i}" for i in range(train.shape[1] - 1)]
    model.fit(ready(train.drop(columns=[target])).set_axis(names, axis=1), train[target])

    def predict(frame: pd.DataFrame) -> Any:
        X = ready(frame).set_axis(names, axis=1)
        if task == "regression":
            return model.predict(X)
        return pd.DataFrame(model.predict_proba(X), columns=model.classes_)

    return predict


if __name__ == "__main__":
    run(fit)
