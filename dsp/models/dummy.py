"""The baseline: the mean, a quantile, or the share of each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.models.base import Config
from dsp.models.linear import LinearModel
from dsp.models.portable import IDENTITY, SHARE
from dsp.models.views import Fold, View


class Dummy:
    """Predicts the same for every row."""

    name = "baseline"
    label = "Baseline"
    is_baseline = True
    position = 0

    def configs(self, fold: Fold) -> Sequence[Config]:
        """Return the one setting there is."""
        del fold
        return [{}]

    def fit(self, config: Config, fold: Fold, held: Fold | None = None) -> LinearModel:
        """Return the mean, the quantile, or the shares of the classes."""
        import numpy as np
        from sklearn.dummy import DummyClassifier, DummyRegressor

        del config, held
        rows = np.zeros((len(fold.y), 1))
        estimator: Any
        if not fold.is_number:
            estimator = DummyClassifier(strategy="prior").fit(rows, fold.y)
            shares = np.bincount(fold.y.astype("int64"), minlength=fold.n_classes)
            level, link = shares / len(fold.y), SHARE
        else:
            how: dict[str, Any] = {"strategy": "mean"}
            if fold.task == "quantile":
                how = {"strategy": "quantile", "quantile": fold.quantile}
            estimator = DummyRegressor(**how).fit(rows, fold.y)
            level, link = estimator.constant_.ravel(), IDENTITY
        weights = np.zeros((len(level), 0))
        return LinearModel(estimator, View(()), weights, level, link)


plugin = Dummy()
