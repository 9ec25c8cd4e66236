"""What a candidate model of this room provides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dsp.models.portable import IDENTITY, LOG, LOGIT, SHARE, SOFTMAX, Portable
from dsp.models.views import Fold

Config = dict[str, Any]


class Model(Protocol):
    """A fitted candidate.

    Attributes
    ----------
    estimator
        The fitted estimator of the library.
    n_iterations
        Rounds of boosting that were worth it, or None.
    """

    estimator: Any
    n_iterations: int | None

    def output(self, X: Any) -> Any:
        """Return numbers [n], or probabilities [n, classes], of coded rows."""
        ...

    def portable(self) -> Portable:
        """Return the model as plain arrays."""
        ...


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

    def configs(self, fold: Fold) -> Sequence[Config]:
        """Return settings to try, the likeliest first; none where it does not fit.

        Parameters
        ----------
        fold
            Training rows; read to decide, never fitted here.
        """
        ...

    def fit(self, config: Config, fold: Fold, held: Fold | None = None) -> Model:
        """Return a fitted model.

        Parameters
        ----------
        held
            Rows that tell when to stop, for models that go in rounds; without them the
            config says how many rounds (``n_iterations``).
        """
        ...


def apply_link(raw: Any, link: str) -> Any:
    """Return outputs from sums: numbers [n], or probabilities [n, classes]."""
    import numpy as np
    from scipy.special import expit, softmax

    if link == IDENTITY:
        return raw[:, 0]
    if link == LOG:
        return np.exp(np.clip(raw[:, 0], -700, 700))
    if link == LOGIT:
        up = expit(raw[:, 0])
        return np.column_stack([1 - up, up])
    if link == SOFTMAX:
        return softmax(raw, axis=1)
    if raw.shape[1] == 1:
        return np.column_stack([1 - raw[:, 0], raw[:, 0]])
    return raw


def link_of(fold: Fold, *, shares: bool = False) -> str:
    """Return how sums become outputs for a task."""
    if fold.is_number:
        return IDENTITY
    if shares:
        return SHARE
    return LOGIT if fold.n_classes == 2 else SOFTMAX


def is_skewed(fold: Fold) -> bool:
    """Return whether a target is positive with a long tail, as amounts are."""
    import numpy as np

    y = fold.y
    if fold.task != "regression" or float(y.min()) <= 0:
        return False
    spread = y - y.mean()
    sd = float(y.std())
    return bool(sd > 0 and float(np.mean(spread**3)) / sd**3 > 1.0)


def is_count(fold: Fold) -> bool:
    """Return whether a target counts something: whole numbers, none below zero."""
    import numpy as np

    y = fold.y
    return bool(fold.task == "regression" and y.min() >= 0 and (y == np.rint(y)).all())


@dataclass(frozen=True, slots=True)
class Logged:
    """A target in logarithms, and what brings the mean back.

    References
    ----------
    Duan: Smearing estimate: a nonparametric retransformation method. JASA 78 (1983).
    """

    smear: float = field(default=0.0)

    @staticmethod
    def of(y: Any, fitted: Any) -> Logged:
        """Return the factor, in logarithms, by which exponentials of fits fall short."""
        import numpy as np

        rest = np.clip(np.log(y) - fitted, -5, 5)
        return Logged(float(np.log(np.mean(np.exp(rest)))))
