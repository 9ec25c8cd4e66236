"""Kernel machines: linear in how near a row is to some of the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.models.base import Config, apply_link, link_of
from dsp.models.linear import ALPHAS
from dsp.models.portable import Kernel
from dsp.models.views import Fold, View, linear_view

MAX_ROWS = 8_000
MAX_TERMS = 80
N_POINTS = 200


@dataclass(slots=True)
class KernelModel:
    """A fitted weighted sum of radial basis functions."""

    estimator: Any
    view: View
    points: Any
    weights: Any
    intercepts: Any
    gamma: float
    link: str
    n_iterations: int | None = None

    def output(self, X: Any) -> Any:
        """Return numbers [n], or probabilities [n, classes], of coded rows."""
        from sklearn.metrics.pairwise import rbf_kernel

        near = rbf_kernel(self.view.matrix(X), self.points, gamma=self.gamma)
        return apply_link(near @ self.weights.T + self.intercepts, self.link)

    def portable(self) -> Kernel:
        """Return the model as plain arrays."""
        return Kernel(
            self.view, self.points, self.weights, self.intercepts, self.gamma, self.link
        )


class KernelCandidate:
    """Radial basis functions by Nyström's method, with a ridge or logistic penalty.

    References
    ----------
    Williams, Seeger: Using the Nyström method to speed up kernel machines. NIPS (2000).
    """

    name = "kernel"
    label = "Kernel machine"
    is_baseline = False
    position = 6

    def configs(self, fold: Fold) -> Sequence[Config]:
        """Return widths, relative to the number of terms, and penalties."""
        n, p = fold.X.shape
        if n > MAX_ROWS or p > MAX_TERMS or fold.task == "quantile":
            return []
        if fold.is_number:
            return [{"width": w} for w in (1.0, 0.3, 0.1)]
        pairs = ((0.3, 1.0), (0.1, 10.0), (1.0, 1.0), (0.1, 1.0))
        return [{"width": width, "C": c} for width, c in pairs]

    def fit(self, config: Config, fold: Fold, held: Fold | None = None) -> KernelModel:
        """Return the fitted sum."""
        import numpy as np
        from sklearn.kernel_approximation import Nystroem
        from sklearn.linear_model import LogisticRegression, RidgeCV

        del held
        view, matrix = linear_view(fold, max_levels=20)
        gamma = float(config["width"]) / max(1, matrix.shape[1])
        basis = Nystroem(
            gamma=gamma,
            n_components=min(N_POINTS, len(matrix)),
            random_state=fold.seed,
        )
        near = basis.fit_transform(matrix)
        estimator = (
            RidgeCV(alphas=(1e-4, 1e-3, *ALPHAS))
            if fold.is_number
            else LogisticRegression(C=config["C"], max_iter=500)
        )
        estimator.fit(near, fold.y)
        weights = np.atleast_2d(estimator.coef_) @ basis.normalization_
        return KernelModel(
            estimator,
            view,
            basis.components_,
            weights,
            np.atleast_1d(np.asarray(estimator.intercept_, dtype="float64")),
            gamma,
            link_of(fold),
        )


plugin = KernelCandidate()
