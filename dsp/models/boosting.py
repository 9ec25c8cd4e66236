"""Gradient boosting on histograms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.models.base import Config, Logged, apply_link, is_count, is_skewed, link_of
from dsp.models.portable import LOG, Tree, Trees
from dsp.models.views import Fold, View, tree_view

MAX_ITERATIONS = 600
PATIENCE = 20
MAX_NATIVES = 40


@dataclass(slots=True)
class BoostedModel:
    """A fitted sum of boosted trees.

    Attributes
    ----------
    shift
        Added to the sums, for a target in logarithms.
    """

    estimator: Any
    view: View
    link: str
    n_iterations: int | None
    shift: float = 0.0

    def output(self, X: Any) -> Any:
        """Return numbers [n], or probabilities [n, classes], of coded rows."""
        matrix = self.view.matrix(X)
        if not hasattr(self.estimator, "classes_"):
            raw = self.estimator.predict(matrix)
            if self.estimator.loss in ("poisson", "gamma"):
                return raw
            return apply_link(raw[:, None] + self.shift, self.link)
        raw = self.estimator.decision_function(matrix)
        return apply_link(raw[:, None] if raw.ndim == 1 else raw, self.link)

    def portable(self) -> Trees:
        """Return the model as plain arrays."""
        import numpy as np

        encoder = getattr(self.estimator, "_preprocessor", None)
        levels: list[Any] = []
        if encoder is not None:
            levels = encoder.named_transformers_["encoder"].categories_
        known = {
            j: tuple(int(c) for c in found if np.isfinite(c))
            for j, found in enumerate(levels)
        }
        rounds = self.estimator._predictors  # noqa: SLF001 - no public way to the trees
        n_outputs = len(rounds[0])
        return Trees(
            self.view,
            tuple(
                tuple(_tree(one[k], known) for one in rounds) for k in range(n_outputs)
            ),
            np.ravel(self.estimator._baseline_prediction) + self.shift,  # noqa: SLF001
            1.0,
            self.link,
            known,
        )


def _tree(predictor: Any, known: dict[int, tuple[int, ...]]) -> Tree:
    import numpy as np

    nodes = predictor.nodes
    is_leaf = nodes["is_leaf"].astype(bool)
    sets: dict[int, tuple[int, ...]] = {}
    for i in np.flatnonzero(nodes["is_categorical"].astype(bool) & ~is_leaf):
        bits = predictor.raw_left_cat_bitsets[nodes["bitset_idx"][i]]
        # Bits number the codes that were fitted, in their order.
        sets[int(i)] = tuple(
            code
            for place, code in enumerate(known[int(nodes["feature_idx"][i])])
            if int(bits[place // 32]) >> (place % 32) & 1
        )
    return Tree(
        feature=nodes["feature_idx"].copy(),
        threshold=nodes["num_threshold"].copy(),
        left=np.where(is_leaf, -1, nodes["left"].astype("int64")),
        right=np.where(is_leaf, -1, nodes["right"].astype("int64")),
        value=nodes["value"].copy(),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        sets=sets,
    )


class Boosting:
    """Histogram gradient boosting, stopped where held rows get no better."""

    name = "boosting"
    label = "Gradient boosting"
    is_baseline = False
    position = 3

    def configs(self, fold: Fold) -> Sequence[Config]:
        """Return rates and sizes of trees, small ones first where rows are few."""
        n = len(fold.y)
        small = n < 2_000
        grid: list[tuple[float, int, int, float, float]] = (
            [
                # rate, leaves, rows a leaf, L2, share of terms
                (0.06, 8, 8, 1.0, 0.6),
                (0.04, 4, 10, 1.0, 0.5),
                (0.06, 16, 12, 5.0, 0.4),
                (0.05, 3, 5, 0.1, 0.7),
                (0.03, 12, 20, 10.0, 0.3),
                (0.08, 6, 30, 0.5, 1.0),
                (0.03, 31, 5, 20.0, 0.5),
                (0.06, 2, 5, 0.1, 0.7),
            ]
            if small
            else [
                (0.1, 31, 20, 1.0, 1.0),
                (0.06, 31, 20, 5.0, 0.5),
                (0.08, 15, 20, 1.0, 0.7),
                (0.05, 63, 30, 10.0, 0.6),
                (0.06, 8, 20, 0.5, 0.8),
                (0.04, 127, 20, 20.0, 0.5),
                (0.04, 63, 60, 1.0, 0.4),
                (0.05, 31, 5, 10.0, 0.3),
            ]
        )
        names = ("rate", "leaves", "rows", "l2", "share")
        found: list[Config] = [dict(zip(names, one, strict=True)) for one in grid]
        # Categories as codes or as numbers by the target: both have their data.
        for i in (1, 4, 6):
            found[i]["natives"] = 2 if fold.levels else MAX_NATIVES
        extra = []
        if is_skewed(fold):
            extra.append({**found[1], "log": True})
        if is_count(fold):
            extra.append({**found[0], "loss": "poisson"})
        return [found[0], *extra, *found[1:]]

    def fit(self, config: Config, fold: Fold, held: Fold | None = None) -> BoostedModel:
        """Return fitted trees; with held rows as many as they have a use for."""
        import numpy as np

        natives = int(config.get("natives", MAX_NATIVES))
        view, matrix = tree_view(fold, natives=natives, fills=False)
        logged = bool(config.get("log"))
        goal = np.log(fold.y) if logged else fold.y
        estimator = _estimator(config, fold, view, is_held=held is not None)
        if held is None:
            estimator.fit(matrix, goal)
            n_iterations = estimator.n_iter_
        else:
            end = np.log(held.y) if logged else held.y
            estimator.fit(matrix, goal, X_val=view.matrix(held.X), y_val=end)
            # Scores are negative losses, the first of them before any tree.
            n_iterations = max(1, int(np.argmax(estimator.validation_score_)))
            estimator._predictors = estimator._predictors[:n_iterations]  # noqa: SLF001
        link, shift = link_of(fold), 0.0
        if logged:
            shift = Logged.of(fold.y, estimator.predict(matrix)).smear
            link = LOG
        elif config.get("loss") == "poisson":
            link = LOG
        return BoostedModel(estimator, view, link, n_iterations, shift)


def _estimator(config: Config, fold: Fold, view: View, *, is_held: bool) -> Any:
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )

    settings: dict[str, Any] = {
        "max_iter": int(config.get("n_iterations") or MAX_ITERATIONS),
        "learning_rate": config["rate"],
        "max_leaf_nodes": int(config["leaves"]),
        "min_samples_leaf": int(config["rows"]),
        "l2_regularization": config["l2"],
        "max_features": config["share"],
        "early_stopping": is_held,
        "n_iter_no_change": PATIENCE,
        "random_state": fold.seed,
        "categorical_features": list(range(view.natives)) or None,
    }
    if not fold.is_number:
        return HistGradientBoostingClassifier(**settings)
    if fold.task == "quantile":
        settings |= {"loss": "quantile", "quantile": fold.quantile}
    elif config.get("loss"):
        settings["loss"] = config["loss"]
    return HistGradientBoostingRegressor(**settings)


plugin = Boosting()
