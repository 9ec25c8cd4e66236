"""Splits, scores, intervals and importances: the honest part of modelling."""

from __future__ import annotations

import math
import time
from typing import Any

from dsp.models.task import BINARY, REGRESSION

HOLDOUT = 0.2
N_BOOTSTRAP = 200
N_REPEATS = 5
MIN_REPEATS = 2
IMPORTANCE_ROWS = 2_000
INTERVAL = 0.9


def hold_out(
    y: Any, *, is_ordered: bool, is_regression: bool, seed: int
) -> tuple[Any, Any]:
    """Return row positions for training and for the hold-out.

    The last fifth when rows are ordered in time, else a seeded draw, stratified by class.
    """
    import numpy as np
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(y))
    if is_ordered:
        cut = int(len(y) * (1 - HOLDOUT))
        return rows[:cut], rows[cut:]
    train, test = train_test_split(
        rows, test_size=HOLDOUT, random_state=seed, stratify=None if is_regression else y
    )
    return np.sort(train), np.sort(test)


def folds(y: Any, *, is_ordered: bool, is_regression: bool, seed: int) -> list[Any]:
    """Return pairs of training and test positions for cross-validation."""
    from sklearn.model_selection import KFold, StratifiedKFold, TimeSeriesSplit

    n_folds = 3 if len(y) > 5_000 else 5
    if is_ordered:
        return list(TimeSeriesSplit(n_splits=n_folds).split(y))
    kind = KFold if is_regression else StratifiedKFold
    return list(kind(n_splits=n_folds, shuffle=True, random_state=seed).split(y, y))


def scores(task: str, y: Any, output: Any) -> dict[str, float]:
    """Return every metric of a task; the first is the metric of choice.

    Parameters
    ----------
    output
        Predicted numbers, or class probabilities with one column a class.

    References
    ----------
    scikit-learn user guide, "Metrics and scoring".
    """
    import numpy as np
    from sklearn import metrics

    if task == REGRESSION:
        error = np.abs(y - output)
        known = y != 0
        shares = error[known] / np.abs(y[known])
        found = {
            "r2": float(metrics.r2_score(y, output)),
            "mae": float(error.mean()),
            "rmse": float(np.sqrt(((y - output) ** 2).mean())),
        }
        if not known.any():
            return found
        return {**found, "median_relative_error": float(np.median(shares))}
    labels = list(range(output.shape[1]))
    loss = float(metrics.log_loss(y, output, labels=labels))
    chosen = output.argmax(axis=1)
    accuracy = float((chosen == y).mean())
    if task == BINARY:
        return {
            "roc_auc": float(metrics.roc_auc_score(y, output[:, 1])),
            "average_precision": float(metrics.average_precision_score(y, output[:, 1])),
            "accuracy": accuracy,
            "log_loss": loss,
            "brier": float(((output[:, 1] - y) ** 2).mean()),
        }
    recalls = [float((chosen[y == k] == k).mean()) for k in np.unique(y)]
    return {
        "balanced_accuracy": float(np.mean(recalls)),
        "accuracy": accuracy,
        "log_loss": loss,
    }


def metric(task: str, y: Any, output: Any) -> float | None:
    """Return the metric of choice, or None where it is not defined on these rows.

    Agrees with the first value of `scores`; quick enough to be called a thousand times.
    """
    import numpy as np

    if task == REGRESSION:
        spread = float(((y - y.mean()) ** 2).sum()) if len(y) > 1 else 0.0
        return 1 - float(((y - output) ** 2).sum()) / spread if spread > 0 else None
    classes = np.unique(y)
    if len(classes) < 2:
        return None
    if task == BINARY:
        return _area_under_curve(y == 1, output[:, 1])
    chosen = output.argmax(axis=1)
    return float(np.mean([float((chosen[y == k] == k).mean()) for k in classes]))


def _area_under_curve(is_positive: Any, score: Any) -> float:
    """Return the area under the ROC curve from rank sums, ties at their mean rank."""
    import numpy as np

    _, group, sizes = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    ranks = ((last - sizes + 1 + last) / 2)[group]
    n_positive = int(is_positive.sum())
    n_negative = len(score) - n_positive
    above = float(ranks[is_positive].sum()) - n_positive * (n_positive + 1) / 2
    return above / (n_positive * n_negative)


def bootstrap(task: str, y: Any, output: Any, *, seed: int) -> tuple[float, float] | None:
    """Return the 95 % percentile interval of the metric over resampled hold-out rows."""
    import numpy as np

    rng = np.random.default_rng(seed)
    found = []
    for _ in range(N_BOOTSTRAP):
        rows = rng.integers(0, len(y), len(y))
        value = metric(task, y[rows], output[rows])
        if value is not None:
            found.append(value)
    if len(found) < N_BOOTSTRAP // 2:
        return None
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def output_of(model: Any, task: str, X: Any, n_classes: int) -> Any:
    """Return predicted numbers, or probabilities with a column for every class."""
    import numpy as np

    if task == REGRESSION:
        return np.asarray(model.predict(X), dtype="float64")
    found = np.zeros((len(X), n_classes))
    found[:, model.classes_.astype(int)] = model.predict_proba(X)
    return found


def importances(
    model: Any,
    task: str,
    X: Any,
    y: Any,
    *,
    groups: list[list[int]],
    seed: int,
    stop_at: float = math.inf,
) -> list[list[float]]:
    """Return the loss of the metric when a column is shuffled, by column and repeat.

    Parameters
    ----------
    groups
        Positions of the frame's columns that come from one column of the data; they are
        shuffled together.
    stop_at
        Moment of `time.monotonic` after which no third or later repeat starts.

    References
    ----------
    Fisher, Rudin, Dominici: All models are wrong, but many are useful. JMLR 20 (2019).
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    if len(X) > IMPORTANCE_ROWS:
        rows = np.sort(rng.choice(len(X), IMPORTANCE_ROWS, replace=False))
        X, y = X.iloc[rows].reset_index(drop=True), y[rows]
    n_classes = 0 if task == REGRESSION else int(y.max()) + 1
    if task != REGRESSION:
        n_classes = max(n_classes, len(model.classes_))
    whole = metric(task, y, output_of(model, task, X, n_classes))
    # Drawn at once, so that a repeat is the same whether others follow it or not.
    orders = [[rng.permutation(len(X)) for _ in range(N_REPEATS)] for _ in groups]
    losses: list[list[float]] = [[] for _ in groups]
    for repeat in range(N_REPEATS):
        if repeat >= MIN_REPEATS and time.monotonic() > stop_at:
            break
        for column, positions in enumerate(groups):
            shuffled = X.copy()
            for name in X.columns[positions]:
                shuffled[name] = X[name].to_numpy()[orders[column][repeat]]
            value = metric(task, y, output_of(model, task, shuffled, n_classes))
            if whole is not None and value is not None:
                losses[column].append(whole - value)
    return losses


def conformal_margin(residuals: Any) -> float | None:
    """Return the half-width that covers `INTERVAL` of new rows.

    References
    ----------
    Lei et al.: Distribution-free predictive inference for regression. JASA 113 (2018),
    split conformal with the (n + 1) correction.
    """
    import numpy as np

    n = len(residuals)
    rank = int(np.ceil((n + 1) * INTERVAL))
    if n == 0 or rank > n:
        return None
    return float(np.sort(np.abs(residuals))[rank - 1])
