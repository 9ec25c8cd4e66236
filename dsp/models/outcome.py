"""Turns the answer of a search into records."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsp.models.limits import TIME_UP
from dsp.models.task import Task
from dsp.numbers import counted
from dsp.records import (
    CalibrationBin,
    Effect,
    Importance,
    Interaction,
    LearningPoint,
    ModelQuery,
    ModelRow,
    ModelScore,
    ModelSlice,
    Problem,
    ResidualCheck,
    Threshold,
)

if TYPE_CHECKING:
    from dsp.models.search import Found


@dataclass(frozen=True, slots=True)
class Fitted:
    """What modelling a target gave.

    Attributes
    ----------
    explained
        Records of effects, interactions, slices, calibration, thresholds and residuals.
    curve
        Losses on growing numbers of rows, for tables of many.
    model
        The query that predicts new rows, None when time was up before it was ready.
    predictions
        Arrow table with the columns of `Prediction`: every row by a model that had not
        seen it. None when nothing was fitted.
    reason
        Why nothing was fitted.
    """

    models: tuple[ModelRow, ...] = ()
    scores: tuple[ModelScore, ...] = ()
    importances: tuple[Importance, ...] = ()
    curve: tuple[LearningPoint, ...] = ()
    explained: tuple[object, ...] = ()
    model: ModelQuery | None = None
    predictions: Any = None
    reason: str | None = None
    problems: tuple[Problem, ...] = ()


def fitted(
    found: Found,
    task: Task,
    *,
    ended: Mapping[str, Any],
    target: str,
    excluded: dict[str, str],
    group: str | None,
    n_available: int,
    seconds: float,
) -> Fitted:
    """Return the records of what a search has found."""
    answer = found.values
    excluded = {**excluded, **answer["excluded"]}
    if answer["reason"]:
        return Fitted(reason=f"{answer['reason']}: {_because(excluded)}")
    split = "group" if group and answer["split"] != "time" else answer["split"]
    note = _note(answer, n_available, group)
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
        curve=tuple(_curve(answer)),
        explained=_explained(answer, task),
        model=_model(answer, task, target),
        predictions=_predictions(found, task),
        problems=tuple(_problems(answer, ended, seconds)),
    )


def _model(answer: dict[str, Any], task: Task, target: str) -> ModelQuery | None:
    if not answer["sql"]:
        return None
    return ModelQuery(
        model_id=answer["best"],
        target=target,
        task=task.kind,
        classes=task.classes,
        inputs=tuple(name for name, _ in answer["inputs"]),
        kinds=tuple(kind for _, kind in answer["inputs"]),
        n_leaves=answer["n_leaves"],
        sql=answer["sql"],
    )


def _curve(answer: dict[str, Any]) -> list[LearningPoint]:
    return [
        LearningPoint(position=i, n_rows=int(n), loss=float(loss))
        for i, (n, loss) in enumerate(answer["curve"], start=1)
    ]


def _problems(
    answer: dict[str, Any], ended: Mapping[str, Any], seconds: float
) -> list[Problem]:
    """Return what is missing from an answer, and why."""
    missing = []
    if not answer["sql"]:
        missing.append("the model for new rows")
    if not answer["importance"]:
        missing.append("the importance of columns")
    if not missing:
        return []
    why, hint = f"the limit of {seconds:g} s", "raise --ml-time-limit, or use --sample"
    if not ended["is_complete"] and ended["stopped"] != TIME_UP:
        why, hint = ended["stopped"], ended["last_error"] or "it may be out of memory"
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


def _note(answer: dict[str, Any], n_available: int, group: str | None) -> str:
    notes = []
    if not answer["is_better"]:
        notes.append("No model is better than the baseline.")
    if answer["n_fitted"] < answer["n_train"]:
        notes.append(
            f"Fitted on {answer['n_fitted']:,} of {answer['n_train']:,} training rows: "
            "more would hardly lower the loss (learning_curve)."
        )
    n_used = answer["n_train"] + answer["n_holdout"]
    if n_used < n_available:
        notes.append(f"Fitted on a seeded sample of {n_used:,} of {n_available:,} rows.")
    if group is not None and answer["split"] != "time":
        notes.append(f"Rows of one {group} are never divided between folds.")
    elif answer["n_tied"]:
        copies = counted(answer["n_tied"], "row")
        notes.append(f"{copies} alike in every column stayed in one fold with its twin.")
    return " ".join(notes)


def _calibrated(answer: dict[str, Any]) -> dict[str, float]:
    """Return the calibration error over all classes."""
    bins = answer["explained"].get("calibration")
    if not bins:
        return {}
    total = sum(one["n_rows"] for one in bins)
    gaps = sum(one["n_rows"] * abs(one["predicted"] - one["observed"]) for one in bins)
    return {"calibration_error": gaps / total}


def _explained(answer: dict[str, Any], task: Task) -> tuple[object, ...]:
    """Return the records of explanation, outputs named by their classes."""
    found: list[object] = []
    for kind in (
        Effect,
        Interaction,
        ModelSlice,
        CalibrationBin,
        Threshold,
        ResidualCheck,
    ):
        for row in answer["explained"].get(kind.TABLE, ()):
            values = dict(row)
            if "output" in values:
                place = values.pop("output")
                values["label"] = None if task.is_number else task.classes[place]
            if "columns" in values:
                values["columns"] = tuple(values["columns"])
            found.append(kind(model_id=answer["best"], **values))
    return tuple(found)


def _scores(answer: dict[str, Any]) -> list[ModelScore]:
    found = []
    for row in answer["models"]:
        parts = [("cv", f["fold"], f["n"], f["scores"]) for f in row["folds"]]
        held = row.get("holdout", {})
        if row["name"] == answer["best"]:
            held = {**held, **answer["coverage"], **_calibrated(answer)}
        parts.append(("holdout", 0, answer["n_holdout"], held))
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


def _predictions(found: Found, task: Task) -> Any:
    import numpy as np
    import pyarrow as pa

    answer, arrays = found.values, found.arrays
    output, y = arrays["output"], arrays["y"]
    n_rows = len(y)
    known = np.isfinite(output if output.ndim == 1 else output[:, 0])
    # The first rows in time are fitted on before any is predicted.
    split = np.where(arrays["is_test"], "holdout", np.where(known, "cv", "fitted"))
    nothing: dict[str, Any] = {
        "actual_number": pa.nulls(n_rows, pa.float64()),
        "predicted_number": pa.nulls(n_rows, pa.float64()),
        "low": pa.nulls(n_rows, pa.float64()),
        "high": pa.nulls(n_rows, pa.float64()),
        "actual_label": pa.nulls(n_rows, pa.string()),
        "predicted_label": pa.nulls(n_rows, pa.string()),
        "probability": pa.nulls(n_rows, pa.float64()),
    }
    labels = np.asarray(task.classes, dtype=object)
    if task.is_number:
        nothing |= {
            "actual_number": y.astype("float64"),
            "predicted_number": pa.array(output, mask=~known),
        }
        if "half_width" in arrays:
            nothing |= {
                "low": pa.array(output - arrays["half_width"], mask=~known),
                "high": pa.array(output + arrays["half_width"], mask=~known),
            }
        nearest = np.rint(np.where(known, output, 0))
        chosen = np.clip(nearest, 0, max(0, len(labels) - 1)).astype(int)
    else:
        chosen = output.argmax(axis=1)
        nothing |= {"probability": pa.array(output.max(axis=1), mask=~known)}
    if len(labels):
        nothing |= {
            "actual_label": pa.array(labels[y.astype(int)].tolist(), pa.string()),
            "predicted_label": pa.array(
                labels[chosen].tolist(), pa.string(), mask=~known
            ),
        }
    return pa.table(
        {
            "model_id": pa.array([answer["best"]] * n_rows, pa.string()),
            "row_number": pa.array(arrays["row_number"], pa.int64()),
            "split": pa.array(split.tolist(), pa.string()),
            **nothing,
        }
    )
