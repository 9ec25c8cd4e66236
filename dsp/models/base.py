"""What a candidate model of this room provides."""

from __future__ import annotations

from typing import Any, Protocol


class Candidate(Protocol):
    """A kind of model: a file of this room with a ``plugin`` of this shape.

    Attributes
    ----------
    label
        Name for people.
    is_baseline
        Whether the others must beat it.
    position
        Order in which candidates are tried.
    """

    name: str
    label: str
    is_baseline: bool
    position: int

    def build(self, task: str, X: Any, y: Any, *, seed: int) -> Any:
        """Return an unfitted scikit-learn estimator, or None when it does not fit.

        Parameters
        ----------
        task
            ``regression``, ``binary`` or ``multiclass``.
        X, y
            Training frame and target; read to decide, never fitted here.
        """
        ...
