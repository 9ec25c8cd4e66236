"""FLAML with its defaults and a time budget."""

from __future__ import annotations

from typing import Any

import pandas as pd
from automl_common import run
from flaml import AutoML

METRICS = {"regression": "r2", "binary": "roc_auc", "multiclass": "log_loss"}


def fit(train: pd.DataFrame, target: str, task: str, seconds: float) -> Any:
    """Return a function that predicts."""
    model = AutoML()
    names = {column: f"f{i}" for i, column in enumerate(train.drop(columns=[target]))}
    X = train.drop(columns=[target]).rename(columns=names)
    for column in X:
        if X[column].dtype == object:
            X[column] = X[column].fillna("(missing)").astype(str).astype("category")
    kind = "regression" if task == "regression" else "classification"
    model.fit(
        X,
        train[target],
        task=kind,
        metric=METRICS[task],
        time_budget=seconds,
        n_jobs=2,
        seed=0,
        verbose=0,
        log_file_name="",
    )

    def predict(frame: pd.DataFrame) -> Any:
        found = frame.rename(columns=names)
        for column in found:
            if str(X[column].dtype) == "category":
                found[column] = found[column].fillna("(missing)").astype(str)
                found[column] = found[column].astype(X[column].dtype)
        if task == "regression":
            return model.predict(found)
        return pd.DataFrame(model.predict_proba(found), columns=model.classes_)

    return predict


if __name__ == "__main__":
    run(fit)
