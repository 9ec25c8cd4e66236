"""How far probabilities can be trusted, and what follows from a threshold."""

from __future__ import annotations

import math
from typing import Any

from dsp.inference.base import Z95

N_BINS = 10
N_SHOWN = 100
"""Thresholds that are told besides one half and the best ones."""


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

    Every probability is tried, and one above all of them; told are a hundred quantiles,
    one half, and those with the best F1 and the least cost of all.

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

    order = np.sort(share)
    events = np.sort(share[is_event])
    n, n_events = len(share), len(events)
    above = np.nextafter(order[-1], np.inf)
    levels = np.unique(np.concatenate([order, [0.5, above]]))
    called = n - np.searchsorted(order, levels, side="left")
    tp = n_events - np.searchsorted(events, levels, side="left")
    f1 = 2 * tp / np.maximum(called + n_events, 1)
    cost = cost_fp * (called - tp) + cost_fn * (n_events - tp)
    best_f1 = len(levels) - 1 - int(np.argmax(f1[::-1]))
    best_cost = int(np.argmin(cost))
    quantiles = np.quantile(order, np.linspace(0, 1, N_SHOWN), method="nearest")
    shown = np.searchsorted(levels, np.append(quantiles, 0.5))
    found = []
    for i in np.unique([*shown, best_f1, best_cost]):
        hit, false = int(tp[i]), int(called[i] - tp[i])
        row = _outcome(float(levels[i]), hit, false, n_events - hit, n)
        row["cost"] = float(cost[i])
        row["is_best_f1"] = int(i) == best_f1
        row["is_best_cost"] = int(i) == best_cost
        row["is_default"] = row["threshold"] == 0.5
        found.append(row)
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
