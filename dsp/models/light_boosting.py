"""Gradient boosting of LightGBM, where the extra ``boost`` is installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from dsp.models.base import Config, Logged, apply_link, is_skewed, link_of
from dsp.models.boosting import MAX_ITERATIONS, MAX_NATIVES, PATIENCE
from dsp.models.portable import LOG, Tree, Trees
from dsp.models.views import Fold, View, tree_view

QUIET = {"verbosity": -1, "deterministic": True, "force_row_wise": True}
OBJECTIVES = {"binary": "binary", "multiclass": "multiclass", "quantile": "quantile"}
SEEN_AS_ZERO = 1e-35
"""LightGBM takes smaller numbers for zero."""


@dataclass(slots=True)
class LightModel:
    """A fitted booster."""

    estimator: Any
    view: View
    link: str
    n_iterations: int | None
    known: dict[int, tuple[int, ...]]
    shift: float = 0.0

    def output(self, X: Any) -> Any:
        """Return numbers [n], or probabilities [n, classes], of coded rows."""
        matrix = _known_only(self.view.matrix(X), self.known)
        raw = self.estimator.predict(
            matrix, raw_score=True, num_iteration=self.n_iterations
        )
        raw = raw[:, None] if raw.ndim == 1 else raw
        return apply_link(raw + self.shift, self.link)

    def portable(self) -> Trees:
        """Return the model as plain arrays."""
        import numpy as np

        dumped = self.estimator.dump_model(num_iteration=self.n_iterations)
        n_outputs = dumped["num_tree_per_iteration"]
        trees: list[list[Tree]] = [[] for _ in range(n_outputs)]
        for i, one in enumerate(dumped["tree_info"]):
            trees[i % n_outputs].append(_tree(one["tree_structure"]))
        return Trees(
            self.view,
            tuple(tuple(found) for found in trees),
            np.full(n_outputs, self.shift),
            1.0,
            self.link,
            self.known,
        )


def _known_only(matrix: Any, known: dict[int, tuple[int, ...]]) -> Any:
    """Return the matrix with codes that were not fitted as missing."""
    import numpy as np

    for j, codes in known.items():
        column = matrix[:, j]
        matrix[:, j] = np.where(np.isin(column, codes), column, np.nan)
    return matrix


def _tree(root: dict[str, Any]) -> Tree:
    import numpy as np

    nodes: list[tuple[int, float, int, int, float, bool]] = []
    sets: dict[int, tuple[int, ...]] = {}

    def add(node: dict[str, Any]) -> int:
        place = len(nodes)
        nodes.append((-1, 0.0, -1, -1, float(node.get("leaf_value", 0.0)), False))
        if "split_feature" not in node:
            return place
        missing_left = bool(node["default_left"])
        threshold = 0.0
        if node["decision_type"] == "==":
            sets[place] = tuple(int(c) for c in str(node["threshold"]).split("||"))
            missing_left = False
        else:
            threshold = float(node["threshold"])
            if node["missing_type"] == "None":
                # Without missing rows in the fit, missing counts as zero.
                missing_left = threshold >= -SEEN_AS_ZERO
        left, right = add(node["left_child"]), add(node["right_child"])
        nodes[place] = (node["split_feature"], threshold, left, right, 0.0, missing_left)
        return place

    add(root)
    columns = [np.array(column) for column in zip(*nodes, strict=True)]
    feature, threshold, left, right, value, missing_left = columns
    return Tree(feature, threshold, left, right, value, missing_left, sets)


class LightBoosting:
    """LightGBM, stopped where held rows get no better; declines when not installed.

    References
    ----------
    Ke et al.: LightGBM: a highly efficient gradient boosting decision tree. NIPS (2017).
    """

    name = "light_boosting"
    label = "Gradient boosting (LightGBM)"
    is_baseline = False
    position = 3

    def configs(self, fold: Fold) -> Sequence[Config]:
        """Return rates and sizes of trees."""
        if find_spec("lightgbm") is None:
            return []
        small = len(fold.y) < 2_000
        grid = (
            # rate, leaves, rows a leaf, L2, share of terms, share of rows
            ((0.05, 8, 8, 1.0, 0.6, 0.8), (0.03, 5, 15, 5.0, 0.4, 0.7),
             (0.05, 16, 5, 10.0, 0.5, 0.9), (0.04, 31, 20, 1.0, 0.3, 0.6))
            if small
            else ((0.08, 31, 20, 1.0, 0.8, 1.0), (0.05, 63, 20, 5.0, 0.6, 0.8),
                  (0.05, 127, 30, 10.0, 0.5, 0.8), (0.05, 15, 20, 0.5, 0.7, 0.9),
                  (0.03, 255, 40, 20.0, 0.4, 0.7))
        )  # fmt: skip
        names = ("rate", "leaves", "rows", "l2", "share", "lot")
        found: list[Config] = [dict(zip(names, one, strict=True)) for one in grid]
        if is_skewed(fold):
            found.insert(1, {**found[0], "log": True})
        return found

    def fit(self, config: Config, fold: Fold, held: Fold | None = None) -> LightModel:
        """Return fitted trees; with held rows as many as they have a use for."""
        import lightgbm
        import numpy as np

        view, matrix = tree_view(fold, natives=MAX_NATIVES, fills=False)
        known = {
            j: tuple(int(c) for c in np.unique(matrix[:, j]) if np.isfinite(c))
            for j in range(view.natives)
        }
        logged = bool(config.get("log"))
        data = lightgbm.Dataset(
            matrix,
            np.log(fold.y) if logged else fold.y,
            categorical_feature=list(range(view.natives)),
            params=QUIET,
        )
        more: dict[str, Any] = {}
        if held is not None:
            end = np.log(held.y) if logged else held.y
            rows = _known_only(view.matrix(held.X), known)
            stop = lightgbm.early_stopping(2 * PATIENCE, verbose=False)
            more = {"valid_sets": [data.create_valid(rows, end)], "callbacks": [stop]}
        rounds = int(config.get("n_iterations") or 2 * MAX_ITERATIONS)
        booster = lightgbm.train(
            _settings(config, fold), data, num_boost_round=rounds, **more
        )
        best = booster.best_iteration if held is not None else rounds
        link, shift = link_of(fold), 0.0
        if logged:
            fitted = booster.predict(matrix, num_iteration=best)
            link, shift = LOG, Logged.of(fold.y, fitted).smear
        return LightModel(booster, view, link, max(1, best), known, shift)


def _settings(config: Config, fold: Fold) -> dict[str, Any]:
    found = {
        **QUIET,
        "objective": OBJECTIVES.get(fold.task, "regression"),
        "learning_rate": config["rate"],
        "num_leaves": int(config["leaves"]),
        "min_data_in_leaf": int(config["rows"]),
        "lambda_l2": config["l2"],
        "feature_fraction": config["share"],
        "bagging_fraction": config["lot"],
        "bagging_freq": 1,
        "seed": fold.seed,
        "num_threads": fold.threads,
    }
    if fold.task == "quantile":
        found["alpha"] = fold.quantile
    if fold.n_classes > 2:
        found["num_class"] = fold.n_classes
    return found


plugin = LightBoosting()
