"""What the runners of AutoML peers share: reading frames, writing predictions."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd

Fit = Callable[[pd.DataFrame, str, str, float], Callable[[pd.DataFrame], Any]]


def run(fit: Fit) -> None:
    """``RUNNER TRAIN TEST TARGET TASK SECONDS OUT``: fit, predict, write, tell seconds.

    `fit` returns a function that gives numbers, or a frame of probabilities with the
    labels as columns.
    """
    train, test, target, task, seconds, out = sys.argv[1:7]
    frames = [pd.read_parquet(path) for path in (train, test)]
    for frame in frames:
        for column in frame:
            if not pd.api.types.is_numeric_dtype(frame[column]):
                frame[column] = (
                    frame[column].astype(object).where(frame[column].notna(), None)
                )
    began = time.perf_counter()
    predict = fit(frames[0], target, task, float(seconds))
    fitted = time.perf_counter()
    found = predict(frames[1].drop(columns=[target]))
    if task == "regression":
        answer = pd.DataFrame({"prediction": list(found)})
    else:
        answer = pd.DataFrame(found).reset_index(drop=True)
        answer.columns = [f"probability_{label}" for label in answer.columns]
    answer.to_parquet(out, index=False)
    print(json.dumps({"fit": fitted - began, "predict": time.perf_counter() - fitted}))
