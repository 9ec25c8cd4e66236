"""Everything that explains the best model, as plain rows by table, while time lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dsp.models.coding import Column
from dsp.models.explain import classes, effects
from dsp.models.explain.residuals import residual_checks
from dsp.models.explain.slices import worst_slices
from dsp.models.judging import Judged
from dsp.models.limits import is_past
from dsp.models.task import BINARY, REGRESSION
from dsp.models.trials import Work

MAX_EFFECTS = 8
MAX_INTERACTING = 5
MIN_ROWS = 20


def explain(
    work: Work, best: Judged, order: Sequence[str], costs: tuple[float, float]
) -> dict[str, list[dict[str, Any]]]:
    """Return rows of `model_effects` and the other tables of explanation, by table.

    Parameters
    ----------
    order
        Names of columns, the most important first.
    costs
        What a false alarm and a missed event cost.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    test = work.split.test
    if best.blend is None or len(test) < MIN_ROWS:
        return found
    y, output = work.y[test], best.test_output
    if not work.is_number:
        found |= _of_classes(work, y, output, costs)
    elif work.task == REGRESSION:
        is_ordered = work.split.kind == "time"
        found["residual_checks"] = residual_checks(y, output, is_ordered=is_ordered)
    found["model_slices"] = _slices(work, best)
    by_name = {column.name: column for column in work.coded.columns}
    ranked = [by_name[name] for name in order if len(by_name[name].positions) == 1]
    found["model_effects"] = _effects(work, best, ranked[:MAX_EFFECTS])
    if not is_past(work.limits.end):
        X = work.coded.X[test]
        pairs = effects.interactions(
            best.blend.output, X, ranked[:MAX_INTERACTING], seed=work.seed
        )
        found["model_interactions"] = [
            {"feature_a": a, "feature_b": b, "h": h, "rank": rank, "n_rows": len(test)}
            for rank, (a, b, h) in enumerate(pairs, start=1)
        ]
    return found


def _of_classes(
    work: Work, y: Any, output: Any, costs: tuple[float, float]
) -> dict[str, list[dict[str, Any]]]:
    places = [1] if work.task == BINARY else range(work.n_classes)
    bins: list[dict[str, Any]] = []
    for k in places:
        one = classes.calibration(y == k, output[:, k])
        bins += [{**row, "output": k} for row in one]
    found = {"calibration": bins}
    if work.task == BINARY:
        rows = classes.thresholds(
            y == 1, output[:, 1], cost_fp=costs[0], cost_fn=costs[1]
        )
        found["thresholds"] = [{**row, "output": 1} for row in rows]
    return found


def _slices(work: Work, best: Judged) -> list[dict[str, Any]]:
    """Return the worst slices of all rows that were predicted unseen."""
    import numpy as np

    train, test = work.split.train[best.known], work.split.test
    rows = np.concatenate([train, test])
    output = np.concatenate([best.outputs[best.known], best.test_output])
    y = work.y[rows]
    is_number = work.is_number
    loss = np.abs(y - output) if is_number else work.losses(y, output)
    found = worst_slices(work.coded.X[rows], loss, work.coded.columns)
    metric = "absolute_error" if is_number else "log_loss"
    return [{**row, "metric": metric} for row in found]


def _effects(work: Work, best: Judged, columns: Sequence[Column]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if best.blend is None:
        return found
    X = work.coded.X[work.split.test]
    for column in columns:
        if is_past(work.limits.end):
            break
        kinds: Mapping[str, Any] = {
            "pdp": effects.partial_dependence,
            "ale": effects.accumulated_effects,
        }
        for method, function in kinds.items():
            if method == "ale" and column.kind == "category":
                continue
            rows = function(best.blend.output, X, column, seed=work.seed)
            found += [
                {**row, "feature": column.name, "method": method}
                for row in rows
                # Of two classes the probability of the second says all.
                if not (work.task == BINARY and row["output"] == 0)
            ]
    return found
