"""Gradient boosting on histograms."""

from __future__ import annotations

from typing import Any

from dsp.models.features import preprocess

_SKEW = 2.0


class Boosting:
    """Histogram gradient boosting with early stopping; skewed amounts in logarithms."""

    name = "boosting"
    label = "Gradient boosting"
    is_baseline = False
    position = 2

    def build(self, task: str, X: Any, y: Any, *, seed: int) -> Any:
        """Return ordinal coding and boosting as one pipeline."""
        import numpy as np
        from sklearn.compose import TransformedTargetRegressor
        from sklearn.ensemble import (
            HistGradientBoostingClassifier,
            HistGradientBoostingRegressor,
        )
        from sklearn.pipeline import make_pipeline

        settings: dict[str, Any] = {
            "max_iter": 200,
            "learning_rate": 0.08,
            "max_leaf_nodes": 31 if len(X) >= 5_000 else 15,
            "min_samples_leaf": 20 if len(X) >= 1_000 else 8,
            "early_stopping": len(X) >= 2_000,
            "n_iter_no_change": 15,
            "random_state": seed,
        }
        if len(X) < 2_000:
            settings["max_iter"] = 100
        if task != "regression":
            model: Any = HistGradientBoostingClassifier(**settings)
        else:
            model = HistGradientBoostingRegressor(**settings)
            spread = y - y.mean()
            skew = (spread**3).mean() / max(float(y.std()) ** 3, 1e-300)
            if float(y.min()) > 0 and skew > _SKEW:
                model = TransformedTargetRegressor(
                    model, func=np.log, inverse_func=np.exp
                )
        return make_pipeline(preprocess(X, for_trees=True), model)


plugin = Boosting()
