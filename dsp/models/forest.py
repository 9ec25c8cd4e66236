"""Forests of randomized trees: extra trees and random forests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.models.base import Config, link_of
from dsp.models.portable import Tree, Trees
from dsp.models.views import Fold, View, tree_view

MAX_ROWS = 20_000
"""Beyond this many rows boosting is better, and forests too large to hand on as SQL."""

N_TREES = 100
MAX_LEAVES = 160
PARALLEL_ROWS = 2_000


@dataclass(slots=True)
class ForestModel:
    """A fitted mean of trees."""

    estimator: Any
    view: View
    link: str
    n_iterations: int | None = None

    def output(self, X: Any) -> Any:
        """Return numbers [n], or probabilities [n, classes], of coded rows."""
        matrix = self.view.matrix(X)
        if hasattr(self.estimator, "classes_"):
            return self.estimator.predict_proba(matrix)
        return self.estimator.predict(matrix)

    def portable(self) -> Trees:
        """Return the model as plain arrays."""
        import numpy as np

        trees = tuple(_tree(one.tree_) for one in self.estimator.estimators_)
        n_values = self.estimator.estimators_[0].tree_.value.shape[2]
        return Trees(
            self.view,
            (trees,),
            # Of two classes the share of the second says all.
            np.zeros(1 if n_values <= 2 else n_values),
            1.0 / len(trees),
            self.link,
            {},
            is_single=True,
        )


def _tree(tree: Any) -> Tree:
    import numpy as np

    values = tree.value[:, 0, :]
    if values.shape[1] > 1:
        values = values / values.sum(axis=1)[:, None]
    value = values if values.shape[1] > 2 else np.ascontiguousarray(values[:, -1])
    return Tree(
        feature=tree.feature.copy(),
        threshold=tree.threshold.copy(),
        left=tree.children_left.astype("int64"),
        right=tree.children_right.astype("int64"),
        value=value,
        missing_left=np.zeros(tree.node_count, dtype=bool),
        sets={},
    )


class ForestCandidate:
    """A mean of trees, each grown on its own lot of rows or splits."""

    is_baseline = False

    def __init__(self, name: str, label: str, position: int) -> None:
        self.name = name
        self.label = label
        self.position = position

    def configs(self, fold: Fold) -> Sequence[Config]:
        """Return shares of terms and least rows of a leaf."""
        if len(fold.y) > MAX_ROWS or fold.task == "quantile":
            return []
        pairs = ((0.5, 3), (1.0, 5), ("sqrt", 2), ("sqrt", 8))
        return [{"share": share, "rows": rows} for share, rows in pairs]

    def fit(self, config: Config, fold: Fold, held: Fold | None = None) -> ForestModel:
        """Return fitted trees."""
        from sklearn import ensemble

        del held
        view, matrix = tree_view(fold, natives=2, fills=True)
        kind = "Regressor" if fold.is_number else "Classifier"
        family = "ExtraTrees" if self.name == "extra_trees" else "RandomForest"
        estimator = getattr(ensemble, family + kind)(
            n_estimators=N_TREES,
            max_features=config["share"],
            min_samples_leaf=int(config["rows"]),
            max_leaf_nodes=MAX_LEAVES,
            random_state=fold.seed,
            n_jobs=fold.threads if len(fold.y) >= PARALLEL_ROWS else 1,
        )
        estimator.fit(matrix, fold.y)
        return ForestModel(estimator, view, link_of(fold, shares=True))


plugin = ForestCandidate("extra_trees", "Extra trees", 4)
