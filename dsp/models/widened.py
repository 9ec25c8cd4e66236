"""Fits on rows that lack a class, as the first rows in time may."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dsp.models.base import Candidate, Config, Model
from dsp.models.portable import Portable
from dsp.models.views import Fold


@dataclass(slots=True)
class Widened:
    """A model of some of the classes; the others have no probability.

    Attributes
    ----------
    model
        The model of the classes that were there, or None with one class only.
    classes
        Their codes.
    """

    model: Model | None
    classes: Any
    n_classes: int

    @property
    def estimator(self) -> Any:
        """The fitted estimator of the library."""
        return None if self.model is None else self.model.estimator

    @property
    def n_iterations(self) -> int | None:
        """Rounds of boosting that were worth it."""
        return None if self.model is None else self.model.n_iterations

    def output(self, X: Any) -> Any:
        """Return probabilities [n, classes] of coded rows."""
        import numpy as np

        found = np.zeros((len(X), self.n_classes))
        found[:, self.classes] = 1.0 if self.model is None else self.model.output(X)
        return found

    def portable(self) -> Portable | None:
        """Return nothing: what is handed on knows every class."""
        return None


def fit(
    candidate: Candidate, config: Config, fold: Fold, held: Fold | None = None
) -> Model | Widened:
    """Return a fitted model whose outputs have a place for every class."""
    import numpy as np

    if fold.is_number:
        return candidate.fit(config, fold, held)
    classes = np.unique(fold.y)
    if len(classes) == fold.n_classes:
        return candidate.fit(config, fold, held)
    if len(classes) == 1:
        return Widened(None, classes, fold.n_classes)
    task = "binary" if len(classes) == 2 else fold.task

    def narrowed(rows: Fold) -> Fold:
        known = np.isin(rows.y, classes)
        y = np.searchsorted(classes, rows.y[known])
        return replace(rows, X=rows.X[known], y=y, task=task, n_classes=len(classes))

    fewer = None if held is None else narrowed(held)
    if fewer is not None and len(fewer.y) == 0:
        fewer = None
    model = candidate.fit(config, narrowed(fold), fewer)
    return Widened(model, classes, fold.n_classes)
