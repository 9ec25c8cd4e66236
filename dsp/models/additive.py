"""Additive models: a bent line for every number, penalized."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.models.base import Config, is_skewed
from dsp.models.linear import LinearModel, fit_sums
from dsp.models.views import Fold, linear_view

MAX_ROWS = 50_000
MAX_POSITIONS = 60


class Additive:
    """Lines that bend at quantiles, one for every number, and steps for levels.

    References
    ----------
    Hastie, Tibshirani: Generalized Additive Models (1990); linear splines.
    """

    name = "additive"
    label = "Additive model"
    is_baseline = False
    position = 2

    def configs(self, fold: Fold) -> Sequence[Config]:
        """Return numbers of bends with penalties."""
        n, p = fold.X.shape
        if n > MAX_ROWS or p > MAX_POSITIONS or fold.task == "quantile":
            return []
        if not fold.is_number:
            pairs = ((6, 0.1), (6, 1.0), (4, 0.02), (10, 0.3))
            return [{"knots": k, "C": c} for k, c in pairs]
        found: list[Config] = [{"knots": 6}, {"knots": 12}]
        if is_skewed(fold):
            found.append({"knots": 8, "log": True})
        return found

    def fit(self, config: Config, fold: Fold, held: Fold | None = None) -> LinearModel:
        """Return the fitted sum."""
        del held
        view, matrix = linear_view(fold, knots=int(config["knots"]))
        return fit_sums(config, fold, view, matrix)


plugin = Additive()
