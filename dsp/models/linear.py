"""Penalized linear models: ridge and logistic regression."""

from __future__ import annotations

from typing import Any

from dsp.models.features import preprocess


class Linear:
    """Ridge regression, or logistic regression with an L2 penalty."""

    name = "linear"
    label = "Linear model"
    is_baseline = False
    position = 1

    def build(self, task: str, X: Any, y: Any, *, seed: int) -> Any:
        """Return scaling, one-hot coding and the penalized model as one pipeline."""
        from sklearn.linear_model import LogisticRegression, RidgeCV
        from sklearn.pipeline import make_pipeline

        del y
        if task == "regression":
            model = RidgeCV(alphas=(0.01, 0.1, 1.0, 10.0, 100.0))
        else:
            model = LogisticRegression(max_iter=2_000, random_state=seed)
        return make_pipeline(preprocess(X, for_trees=False), model)


plugin = Linear()
