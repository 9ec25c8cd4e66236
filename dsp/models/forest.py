"""Extremely randomized trees, for data that is small enough."""

from __future__ import annotations

from typing import Any

from dsp.models.features import preprocess

MAX_ROWS = 3_000


class Forest:
    """Extra trees; declines more than 3,000 rows, where boosting is better."""

    name = "extra_trees"
    label = "Extra trees"
    is_baseline = False
    position = 3

    def build(self, task: str, X: Any, y: Any, *, seed: int) -> Any:
        """Return imputation, ordinal coding and trees as one pipeline."""
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline

        del y
        if len(X) > MAX_ROWS:
            return None
        settings: dict[str, Any] = {
            "n_estimators": 100,
            "min_samples_leaf": 2,
            "random_state": seed,
            "n_jobs": 1,
        }
        kind = ExtraTreesRegressor if task == "regression" else ExtraTreesClassifier
        filled = SimpleImputer(strategy="constant", fill_value=-1e9)
        return make_pipeline(preprocess(X, for_trees=True), filled, kind(**settings))


plugin = Forest()
