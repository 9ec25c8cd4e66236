"""How far probabilities can be trusted, and what follows from a threshold."""

from __future__ import annotations

import math
from typing import Any

from dsp.inference.base import Z95

N_BINS = 10
N_THRESHOLDS = 101


def calibration(is_event: Any, share: Any) -> list[dict[str, Any]]:
    """Return rows of like probability with the share of events among them.

    Ten bins of about as many rows; equal probabilities stay in one.

    References
    ----------
    `sklearn.calibration.calibration_curve` with ``strategy="quantile"``; intervals of
    Wilson: Probable inference. JASA 22 (1927).
    """
    import numpy as np

    edges = np.unique(np.quantile(share, np.linspace(0, 1, N_BINS + 1)))
    inner = edges[1:-1]
    place = np.searchsorted(inner, share, side="right")
    found: list[dict[str, Any]] = []
    for k in range(len(inner) + 1):
        rows = place == k
        n = int(rows.sum())
        if n == 0:
            continue
        observed = float(is_event[rows].mean())
        low, high = wilson(observed, n)
        found.append(
            {
                "bin": len(found) + 1,
                "n_rows": n,
                "predicted": float(share[rows].mean()),
                "observed": observed,
                "low": low,
                "high": high,
            }
        )
    return found


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of n rows."""
    z2 = Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def thresholds(
    is_event: Any, share: Any, *, cost_fp: float = 1.0, cost_fn: float = 1.0
) -> list[dict[str, Any]]:
    """Return what follows from calling a row an event from a probability on.

    At most 101 thresholds: one half, and quantiles of the probabilities.

    Parameters
    ----------
    is_event
        Bool [n].
    share
        Probability of the event.
    cost_fp, cost_fn
        What a false alarm and a missed event cost.
    """
    import numpy as np

    levels = np.quantile(share, np.linspace(0, 1, N_THRESHOLDS - 1), method="nearest")
    levels = np.unique(np.append(levels, 0.5))
    order = np.sort(share)
    events = np.sort(share[is_event])
    n, n_events = len(share), len(events)
    found = []
    for level in levels:
        called = n - int(np.searchsorted(order, level, side="left"))
        tp = n_events - int(np.searchsorted(events, level, side="left"))
        found.append(_outcome(float(level), tp, called - tp, n_events - tp, n))
    for row in found:
        row["cost"] = (
            cost_fp * row["n_false_positive"] + cost_fn * row["n_false_negative"]
        )
    best_f1 = max(range(len(found)), key=lambda i: (found[i]["f1"], i))
    best_cost = min(range(len(found)), key=lambda i: (found[i]["cost"], i))
    for i, row in enumerate(found):
        row["is_best_f1"] = i == best_f1
        row["is_best_cost"] = i == best_cost
        row["is_default"] = row["threshold"] == 0.5
    return found


def _outcome(level: float, tp: int, fp: int, fn: int, n: int) -> dict[str, Any]:
    tn = n - tp - fp - fn
    recall = tp / (tp + fn) if tp + fn else 0.0
    specificity = tn / (tn + fp) if tn + fp else 0.0
    root = math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return {
        "threshold": level,
        "n_true_positive": tp,
        "n_false_positive": fp,
        "n_false_negative": fn,
        "n_true_negative": tn,
        "precision": tp / (tp + fp) if tp + fp else None,
        "recall": recall,
        "specificity": specificity,
        "f1": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0,
        "balanced_accuracy": (recall + specificity) / 2,
        "mcc": (tp * tn - fp * fn) / root if root else None,
    }
