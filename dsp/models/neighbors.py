"""Nearest neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.models.base import Config, link_of
from dsp.models.portable import Nearest
from dsp.models.views import Fold, View, linear_view

MAX_ROWS = 1_000
MAX_TERMS = 25
LEAST_DISTANCE = 1e-9


@dataclass(slots=True)
class NearestModel:
    """The rows that were fitted, by which new ones are judged."""

    estimator: Any
    view: View
    points: Any
    targets: Any
    n_neighbors: int
    link: str
    n_iterations: int | None = None

    def output(self, X: Any) -> Any:
        """Return numbers [n], or probabilities [n, classes], of coded rows."""
        if not hasattr(self.estimator, "classes_"):
            return self.estimator.predict(self.view.matrix(X))
        return self.estimator.predict_proba(self.view.matrix(X))

    def portable(self) -> Nearest:
        """Return the model as plain arrays."""
        return Nearest(self.view, self.points, self.targets, self.n_neighbors, self.link)


def weights_of(distances: Any) -> Any:
    """Return one over the distance, which counts as 1e-9 at the least."""
    import numpy as np

    return 1.0 / np.maximum(distances, LEAST_DISTANCE)


class NearestCandidate:
    """The mean of the nearest rows, weighted by one over their distance."""

    name = "neighbors"
    label = "Nearest neighbours"
    is_baseline = False
    position = 7

    def configs(self, fold: Fold) -> Sequence[Config]:
        """Return numbers of neighbours."""
        n, p = fold.X.shape
        if n > MAX_ROWS or p > MAX_TERMS or fold.task == "quantile":
            return []
        return [{"neighbors": k} for k in (10, 25, 5) if k < n // 3]

    def fit(self, config: Config, fold: Fold, held: Fold | None = None) -> NearestModel:
        """Return the rows with their targets."""
        import numpy as np
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

        del held
        view, matrix = linear_view(fold, max_levels=20)
        k = int(config["neighbors"])
        kind = KNeighborsRegressor if fold.is_number else KNeighborsClassifier
        estimator = kind(n_neighbors=k, weights=weights_of, algorithm="brute")
        estimator.fit(matrix, fold.y)
        targets = np.array(fold.targets())
        link = link_of(fold, shares=True)
        return NearestModel(estimator, view, matrix, targets, k, link)


plugin = NearestCandidate()
