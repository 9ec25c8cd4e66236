"""Penalized linear models: ridge, elastic net, logistic and quantile regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.models.base import Config, Logged, apply_link, is_skewed, link_of
from dsp.models.portable import LOG, Linear
from dsp.models.views import Fold, View, linear_view

ALPHAS = (0.01, 0.1, 1.0, 10.0, 100.0, 1_000.0)
MAX_CELLS = 4_000_000
"""Rows times terms up to which penalties are chosen by leaving rows out."""

MAX_QUANTILE_ROWS = 2_000


@dataclass(slots=True)
class LinearModel:
    """A fitted weighted sum of terms."""

    estimator: Any
    view: View
    weights: Any
    intercepts: Any
    link: str
    n_iterations: int | None = None

    def output(self, X: Any) -> Any:
        """Return numbers [n], or probabilities [n, classes], of coded rows."""
        raw = self.view.matrix(X) @ self.weights.T + self.intercepts
        return apply_link(raw, self.link)

    def portable(self) -> Linear:
        """Return the model as plain arrays."""
        return Linear(self.view, self.weights, self.intercepts, self.link)


def fit_sums(config: Config, fold: Fold, view: View, matrix: Any) -> LinearModel:
    """Return a linear model of the terms of a view."""
    import numpy as np

    y = fold.y
    if not fold.is_number:
        from sklearn.linear_model import LogisticRegression

        estimator = LogisticRegression(C=config.get("C", 1.0), max_iter=500)
        estimator.fit(matrix, y)
        return LinearModel(
            estimator, view, estimator.coef_, estimator.intercept_, link_of(fold)
        )
    logged = bool(config.get("log"))
    goal = np.log(y) if logged else y
    estimator = _regressor(config, fold, matrix)
    estimator.fit(matrix, goal)
    weights = np.atleast_2d(estimator.coef_)
    intercepts = np.atleast_1d(np.asarray(estimator.intercept_, dtype="float64"))
    if not logged:
        return LinearModel(estimator, view, weights, intercepts, link_of(fold))
    fitted = matrix @ weights[0] + intercepts[0]
    smear = Logged.of(y, fitted).smear
    return LinearModel(estimator, view, weights, intercepts + smear, LOG)


def _regressor(config: Config, fold: Fold, matrix: Any) -> Any:
    from sklearn.linear_model import ElasticNetCV, QuantileRegressor, Ridge, RidgeCV

    if fold.task == "quantile":
        return QuantileRegressor(quantile=fold.quantile, alpha=1e-3, solver="highs")
    if config.get("l1"):
        return ElasticNetCV(l1_ratio=config["l1"], cv=3, alphas=30, max_iter=3_000)
    if matrix.size > MAX_CELLS:
        return Ridge(alpha=1.0)
    return RidgeCV(alphas=ALPHAS)


class LinearCandidate:
    """Straight lines in every number, a step for every level."""

    name = "linear"
    label = "Linear model"
    is_baseline = False
    position = 1

    def configs(self, fold: Fold) -> Sequence[Config]:
        """Return penalties, and logarithms for amounts."""
        if fold.task == "quantile":
            return [{}] if len(fold.y) <= MAX_QUANTILE_ROWS else []
        if not fold.is_number:
            return [{"C": c} for c in (1.0, 0.1, 0.02, 10.0)]
        found: list[Config] = [{}]
        if is_skewed(fold):
            found.append({"log": True})
        if len(fold.y) <= 20_000:
            found.append({"l1": 0.5})
        return found

    def fit(self, config: Config, fold: Fold, held: Fold | None = None) -> LinearModel:
        """Return the fitted sum."""
        del held
        view, matrix = linear_view(fold)
        return fit_sums(config, fold, view, matrix)


plugin = LinearCandidate()
