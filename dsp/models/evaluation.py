"""Scores, what a choice minimises, and intervals: the honest part of modelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dsp.models.task import BINARY, ORDINAL, QUANTILE, REGRESSION

N_BOOTSTRAP = 400
INTERVAL = 0.9
LEVEL = 0.95
FLOOR = 1e-7
"""Least probability for the logarithmic loss."""


def scores(task: str, y: Any, output: Any, *, quantile: float = 0.5) -> dict[str, float]:
    """Return every metric of a task that is defined on these rows.

    The metric of choice comes first.

    Parameters
    ----------
    output
        Predicted numbers, or class probabilities with one column a class.

    References
    ----------
    scikit-learn user guide, "Metrics and scoring", whose functions of the same names
    give the same figures.
    """
    if task == QUANTILE:
        return _of_quantile(y, output, quantile)
    if task in (REGRESSION, ORDINAL):
        return _of_numbers(y, output, is_ordinal=task == ORDINAL)
    return _of_classes(task, y, output)


def _of_numbers(y: Any, output: Any, *, is_ordinal: bool) -> dict[str, float]:
    import numpy as np

    error = np.abs(y - output)
    found: dict[str, float] = {}
    chosen = metric(REGRESSION, y, output)
    if chosen is not None:
        found["r2"] = chosen
    found["mae"] = float(error.mean())
    found["rmse"] = float(np.sqrt(((y - output) ** 2).mean()))
    found["bias"] = float((output - y).mean())
    known = y != 0
    if known.any():
        shares = error[known] / np.abs(y[known])
        found["median_relative_error"] = float(np.median(shares))
    if is_ordinal:
        nearest = np.rint(output)
        found["accuracy"] = float((nearest == y).mean())
        spread = float(((y[:, None] - nearest[None, :]) ** 2).mean())
        if spread > 0:
            loss = float(((y - nearest) ** 2).mean())
            found["quadratic_weighted_kappa"] = 1 - loss / spread
    return found


def _of_quantile(y: Any, output: Any, quantile: float) -> dict[str, float]:
    import numpy as np

    found: dict[str, float] = {}
    chosen = metric(QUANTILE, y, output, quantile=quantile)
    if chosen is not None:
        found["d2_pinball_score"] = chosen
    found["pinball_loss"] = float(_pinball(y, output, quantile).mean())
    found["share_below"] = float(np.mean(y <= output))
    return found


def _of_classes(task: str, y: Any, output: Any) -> dict[str, float]:
    import numpy as np

    chosen = output.argmax(axis=1)
    classes = np.unique(y)
    found: dict[str, float] = {}
    value = metric(task, y, output)
    if value is not None:
        found["roc_auc" if task == BINARY else "roc_auc_ovr"] = value
    if task == BINARY and len(classes) == 2:
        from sklearn.metrics import average_precision_score

        found["average_precision"] = float(average_precision_score(y, output[:, 1]))
    found["accuracy"] = float((chosen == y).mean())
    recalls = [float((chosen[y == k] == k).mean()) for k in classes]
    found["balanced_accuracy"] = float(np.mean(recalls))
    found["log_loss"] = float(losses(task, y, output).mean())
    if task == BINARY:
        found["brier"] = float(((output[:, 1] - y) ** 2).mean())
    return found


def metric(task: str, y: Any, output: Any, *, quantile: float = 0.5) -> float | None:
    """Return the metric of choice, or None where it is not defined on these rows.

    R² of numbers, D² of the pinball loss of quantiles, the area under the ROC curve of
    two classes, and its mean over the classes (each against the rest) of more.
    """
    import numpy as np

    if task in (REGRESSION, ORDINAL):
        spread = float(((y - y.mean()) ** 2).sum()) if len(y) > 1 else 0.0
        return 1 - float(((y - output) ** 2).sum()) / spread if spread > 0 else None
    if task == QUANTILE:
        level = np.quantile(y, quantile, method="inverted_cdf")
        spread = float(_pinball(y, level, quantile).mean())
        loss = float(_pinball(y, output, quantile).mean())
        return 1 - loss / spread if spread > 0 else None
    classes = np.unique(y)
    if len(classes) < 2:
        return None
    if task == BINARY:
        return area_under_curve(y == 1, output[:, 1])
    areas = [area_under_curve(y == k, output[:, k]) for k in classes]
    return float(np.mean(areas))


def losses(task: str, y: Any, output: Any, *, quantile: float = 0.5) -> Any:
    """Return the loss of every row that fits and choices minimise.

    Squared error of numbers, pinball loss of quantiles, logarithmic loss of classes.
    """
    import numpy as np

    if task in (REGRESSION, ORDINAL):
        return (y - output) ** 2
    if task == QUANTILE:
        return _pinball(y, output, quantile)
    share = output[np.arange(len(y)), y.astype("int64")]
    return -np.log(np.clip(share, FLOOR, 1.0))


def _pinball(y: Any, output: Any, quantile: float) -> Any:
    import numpy as np

    rest = y - output
    return np.maximum(quantile * rest, (quantile - 1) * rest)


def area_under_curve(is_positive: Any, score: Any) -> float:
    """Return the area under the ROC curve from rank sums, ties at their mean rank."""
    import numpy as np

    _, group, sizes = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    ranks = ((last - sizes + 1 + last) / 2)[group]
    n_positive = int(is_positive.sum())
    n_negative = len(score) - n_positive
    above = float(ranks[is_positive].sum()) - n_positive * (n_positive + 1) / 2
    return above / (n_positive * n_negative)


def interval(
    score: Callable[[Any], float | None], n: int, *, seed: int
) -> tuple[float, float] | None:
    """Return where the score of as many new rows falls, 19 times out of 20.

    The hold-out is resampled for the spread of a score on n rows. Both the score that
    was measured and the one to come have that spread, so their difference has √2 of it:
    the ends are that far from the middle, on either side as far as the resampled scores
    reach there.

    Parameters
    ----------
    score
        Score of the hold-out rows at some positions, None where it is not defined.

    References
    ----------
    Efron, Tibshirani: An Introduction to the Bootstrap (1993), percentile interval;
    Geisser: Predictive Inference (1993), for new samples of the same size.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    found = []
    for _ in range(N_BOOTSTRAP):
        value = score(rng.integers(0, n, n))
        if value is not None:
            found.append(value)
    whole = score(np.arange(n))
    if len(found) < N_BOOTSTRAP // 2 or whole is None:
        return None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    wide = np.sqrt(2.0)
    return float(whole - wide * (whole - low)), float(whole + wide * (high - whole))
