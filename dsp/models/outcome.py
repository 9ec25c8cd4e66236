"""Turns the answer of a search into records."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from dsp.models.limits import TIME_UP
from dsp.models.task import REGRESSION, Task
from dsp.records import Importance, ModelRow, ModelScore, Problem


@dataclass(frozen=True, slots=True)
class Fitted:
    """What modelling a target gave.

    Attributes
    ----------
    predictions
        Arrow table with the columns of `Prediction`: every row by a model that had not
        seen it. None when nothing was fitted.
    reason
        Why nothing was fitted.
    """

    models: tuple[ModelRow, ...] = ()
    scores: tuple[ModelScore, ...] = ()
    importances: tuple[Importance, ...] = ()
    predictions: Any = None
    reason: str | None = None
    problems: tuple[Problem, ...] = ()


def fitted(
    answer: dict[str, Any],
    task: Task,
    *,
    target: str,
    excluded: dict[str, str],
    is_ordered: bool,
    n_available: int,
    seconds: float,
) -> Fitted:
    """Return the records of an answer of `dsp.models.search.search`."""
    excluded = {**excluded, **answer["excluded"]}
    if answer["reason"]:
        return Fitted(reason=f"{answer['reason']}: {_because(excluded)}")
    split = (
        "time" if is_ordered else "random" if task.kind == REGRESSION else "stratified"
    )
    note = _note(answer, n_available)
    models = tuple(
        ModelRow(
            model_id=row["name"],
            position=position,
            name=row["label"],
            task=task.kind,
            target=target,
            is_baseline=row["is_baseline"],
            is_best=row["name"] == answer["best"],
            metric=task.metric,
            cv_mean=row["cv_mean"],
            cv_sd=row["cv_sd"],
            holdout=row.get("holdout", {}).get(task.metric),
            holdout_low=(row.get("interval") or (None, None))[0],
            holdout_high=(row.get("interval") or (None, None))[1],
            n_train=answer["n_train"],
            n_holdout=answer["n_holdout"],
            split=split,
            features=tuple(answer["features"]),
            excluded=json.dumps(excluded, sort_keys=True, ensure_ascii=False),
            params=json.dumps(row["params"], sort_keys=True, ensure_ascii=False),
            note=note if row["name"] == answer["best"] else "",
            fit_ms=row["fit_ms"],
        )
        for position, row in enumerate(answer["models"], start=1)
    )
    return Fitted(
        models=models,
        scores=tuple(_scores(answer)),
        importances=tuple(_importances(answer, task)),
        predictions=_predictions(answer, task),
        problems=tuple(_problems(answer, seconds)),
    )


def _problems(answer: dict[str, Any], seconds: float) -> list[Problem]:
    """Return what is missing from an answer, and why."""
    missing = [*answer["late"]]
    if not answer["importance"]:
        missing.append("the importance of columns")
    if not missing:
        return []
    why, hint = f"the limit of {seconds:g} s", "raise --ml-time-limit, or use --sample"
    if not answer["is_complete"] and answer["stopped"] != TIME_UP:
        why, hint = answer["stopped"], answer["last_error"] or "it may be out of memory"
    return [
        Problem(
            problem_id=0,
            stage="analysis",
            plugin="models",
            error=f"not ready when models were stopped ({why}): {', '.join(missing)}",
            hint=hint,
        )
    ]


def _because(excluded: dict[str, str]) -> str:
    shown = [f"{name} ({reason})" for name, reason in list(excluded.items())[:3]]
    return "; ".join(shown) + (" …" if len(excluded) > 3 else "")


def _note(answer: dict[str, Any], n_available: int) -> str:
    best = next(row for row in answer["models"] if row["name"] == answer["best"])
    base = next((row for row in answer["models"] if row["is_baseline"]), best)
    notes = []
    gain = None
    if best["cv_mean"] is not None and base["cv_mean"] is not None:
        gain = best["cv_mean"] - base["cv_mean"]
    if best is base or gain is None or gain <= (best["cv_sd"] or 0.0):
        notes.append("No model is better than the baseline.")
    n_used = answer["n_train"] + answer["n_holdout"]
    if n_used < n_available:
        notes.append(f"Fitted on a seeded sample of {n_used:,} of {n_available:,} rows.")
    if answer["late"]:
        notes.append(f"Out of time for {', '.join(answer['late'])}.")
    return " ".join(notes)


def _scores(answer: dict[str, Any]) -> list[ModelScore]:
    found = []
    for row in answer["models"]:
        parts = [("cv", f["fold"], f["n"], f["scores"]) for f in row["folds"]]
        parts.append(("holdout", 0, answer["n_holdout"], row.get("holdout", {})))
        for split, fold, n_rows, values in parts:
            for metric, value in sorted(values.items()):
                found.append(
                    ModelScore(
                        model_id=row["name"],
                        split=split,
                        fold=fold,
                        metric=metric,
                        value=value,
                        n_rows=n_rows,
                    )
                )
    return found


def _importances(answer: dict[str, Any], task: Task) -> list[Importance]:
    named = [
        (name, losses)
        for name, losses in zip(answer["features"], answer["importance"], strict=False)
        if losses
    ]
    named.sort(key=lambda pair: (-math.fsum(pair[1]) / len(pair[1]), pair[0]))
    found = []
    for rank, (name, losses) in enumerate(named, start=1):
        mean = math.fsum(losses) / len(losses)
        spread = math.fsum((loss - mean) ** 2 for loss in losses)
        found.append(
            Importance(
                model_id=answer["best"],
                feature=name,
                rank=rank,
                method="permutation",
                metric=task.metric,
                mean=mean,
                sd=math.sqrt(spread / max(1, len(losses) - 1)),
                low=min(losses),
                high=max(losses),
                n_repeats=len(losses),
            )
        )
    return found


def _predictions(answer: dict[str, Any], task: Task) -> Any:
    import numpy as np
    import pyarrow as pa

    output = np.asarray(answer["output"], dtype="float64")
    known = np.isfinite(output if output.ndim == 1 else output[:, 0])
    y = np.asarray(answer["y"])[known]
    output = output[known]
    n_rows = int(known.sum())
    split = np.where(np.asarray(answer["is_test"])[known], "holdout", "cv")
    nothing: dict[str, Any] = {
        "actual_number": pa.nulls(n_rows, pa.float64()),
        "predicted_number": pa.nulls(n_rows, pa.float64()),
        "low": pa.nulls(n_rows, pa.float64()),
        "high": pa.nulls(n_rows, pa.float64()),
        "actual_label": pa.nulls(n_rows, pa.string()),
        "predicted_label": pa.nulls(n_rows, pa.string()),
        "probability": pa.nulls(n_rows, pa.float64()),
    }
    if task.kind == REGRESSION:
        nothing |= {"actual_number": y.astype("float64"), "predicted_number": output}
        if answer["margin"] is not None:
            nothing |= {
                "low": output - answer["margin"],
                "high": output + answer["margin"],
            }
    else:
        labels = np.asarray(task.classes, dtype=object)
        chosen = output.argmax(axis=1)
        nothing |= {
            "actual_label": pa.array(labels[y.astype(int)].tolist(), pa.string()),
            "predicted_label": pa.array(labels[chosen].tolist(), pa.string()),
            "probability": output.max(axis=1),
        }
    return pa.table(
        {
            "model_id": pa.array([answer["best"]] * n_rows, pa.string()),
            "row_number": pa.array(np.asarray(answer["rows"])[known], pa.int64()),
            "split": pa.array(split.tolist(), pa.string()),
            **nothing,
        }
    )
