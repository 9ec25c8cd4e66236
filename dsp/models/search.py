"""Fits every candidate on the training rows and the best one for the hold-out.

Runs in a process of its own (`dsp.models.worker`) or in the caller's.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dsp.models import evaluation
from dsp.models.base import Candidate
from dsp.models.features import Feature, frame, origins
from dsp.models.leakage import leaks
from dsp.models.limits import Limits
from dsp.models.params import describe
from dsp.models.task import REGRESSION
from dsp.registry import plugins

OnFit = Callable[[int, int, str], None]
OnAnswer = Callable[[dict[str, Any]], None]

N_CERTAIN = 2
"""How many candidates are tried whatever time it is: the baseline and the cheapest."""


@dataclass(slots=True)
class Work:
    """The data of one search, ready for estimators."""

    task: str
    seed: int
    X: Any
    y: Any
    features: list[Feature]
    n_classes: int
    is_ordered: bool
    train: Any
    test: Any
    folds: list[Any] = field(default_factory=list)

    @property
    def is_regression(self) -> bool:
        """Whether the target is a number."""
        return self.task == REGRESSION


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate that finished: its row of scores, and what it says of each row."""

    row: dict[str, Any]
    outputs: Any
    test_output: Any
    model: Any

    @property
    def rank(self) -> float:
        """The metric of choice over the folds; larger is better."""
        mean = self.row["cv_mean"]
        return -1e300 if mean is None else float(mean)


@dataclass(slots=True)
class _Counter:
    """Counts fits over all candidates and tells them."""

    on_fit: OnFit
    total: int
    done: int = 0

    def add(self, label: str) -> None:
        self.done += 1
        self.on_fit(self.done, self.total, label)


def search(
    table: Any,
    spec: dict[str, Any],
    on_fit: OnFit,
    on_answer: OnAnswer = lambda _: None,
) -> dict[str, Any]:
    """Return fitted candidates, their scores, and what the best one says of each row.

    Parameters
    ----------
    table
        Arrow columns ``y`` (numbers, or codes of classes), ``row_number`` and ``f0`` …,
        in the order of rows (of time, when `spec` says so).
    spec
        ``task``, ``n_classes``, ``seed``, ``is_ordered``, ``seconds`` (the time limit)
        and ``started`` (its beginning by `time.monotonic`), ``features`` as pairs of
        name and kind.
    on_fit
        Told after every fit: done, total, label. What it raises ends the search.
    on_answer
        Given an answer of all that is known, complete in itself, whenever another
        candidate has finished.

    Returns
    -------
    dict
        Plain values, ready for JSON; see `dsp.models.outcome`.
    """
    limits = Limits.of(float(spec["seconds"]), started=spec["started"])
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        work, excluded = _prepare(table, spec)
        if not work.features:
            reason = "no usable column is left"
            return {"excluded": excluded, "models": [], "reason": reason}
        about = {"excluded": excluded, "rows": table.column("row_number").to_pylist()}
        # Limits what is loaded already, so not before the frame is made.
        with _one_thread():
            return _search(work, limits, about, on_fit=on_fit, on_answer=on_answer)


def _search(
    work: Work,
    limits: Limits,
    about: dict[str, Any],
    *,
    on_fit: OnFit,
    on_answer: OnAnswer,
) -> dict[str, Any]:
    candidates = _candidates(work)
    rows: list[dict[str, Any]] = []
    best: Tried | None = None
    per_candidate = len(work.folds) + 1
    counter = _Counter(on_fit, total=len(candidates) * per_candidate + 1)
    for number, candidate in enumerate(candidates):
        stop_at = limits.wall if number < N_CERTAIN else limits.search
        counter.done = number * per_candidate
        tried = _try(work, candidate, counter, stop_at=stop_at if rows else None)
        if tried is None:
            continue
        rows.append(tried.row)
        best = tried if best is None or tried.rank > best.rank else best
        found = [row["name"] for row in rows]
        late = [c.label for c in candidates if c.name not in found]
        answer = about | _answer(work, best) | {"models": rows, "late": late}
        on_answer(answer)
    answer["importance"] = _importance(work, best, limits=limits)
    on_fit(counter.total, counter.total, rows[-1]["label"])
    return answer


def _one_thread() -> Any:
    """Keep the libraries on one thread: samples are too small to gain from more."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)


def _prepare(table: Any, spec: dict[str, Any]) -> tuple[Work, dict[str, str]]:
    features = [Feature(name, kind) for name, kind in spec["features"]]
    is_regression = spec["task"] == REGRESSION
    y = table.column("y").to_numpy().astype("float64" if is_regression else "int64")
    excluded = leaks(table, features, y, is_regression=is_regression)
    kept = [(i, f) for i, f in enumerate(features) if f.name not in excluded]
    chosen = table.select([f"f{i}" for i, _ in kept])
    chosen = chosen.rename_columns([f"f{i}" for i in range(len(kept))])
    kept_features = [feature for _, feature in kept]
    X = frame(chosen, kept_features)
    how = {
        "is_ordered": bool(spec["is_ordered"]),
        "is_regression": is_regression,
        "seed": int(spec["seed"]),
    }
    train, test = evaluation.hold_out(y, **how)
    work = Work(
        task=spec["task"],
        seed=int(spec["seed"]),
        X=X,
        y=y,
        features=kept_features if X.shape[1] else [],
        n_classes=int(spec["n_classes"]),
        is_ordered=bool(spec["is_ordered"]),
        train=train,
        test=test,
    )
    work.folds = evaluation.folds(y[train], **how)
    return work, excluded


def _candidates(work: Work) -> list[Candidate]:
    y = work.y[work.train]
    X = work.X.iloc[work.train]
    found = sorted(plugins("models").values(), key=lambda c: (c.position, c.name))
    return [c for c in found if c.build(work.task, X, y, seed=work.seed) is not None]


def _fit(work: Work, candidate: Candidate, rows: Any) -> Any:
    X, y = work.X.iloc[rows], work.y[rows]
    return candidate.build(work.task, X, y, seed=work.seed).fit(X, y)


def _try(
    work: Work, candidate: Candidate, counter: _Counter, *, stop_at: float | None
) -> Tried | None:
    """Cross-validate a candidate, fit it on all training rows, score it on the hold-out.

    None when the time was up between two fits.
    """
    found = _cross_validate(work, candidate, counter, stop_at=stop_at)
    if found is None or _is_past(stop_at):
        return None
    row, outputs = found
    X, y = work.X.iloc[work.train], work.y[work.train]
    model = candidate.build(work.task, X, y, seed=work.seed)
    row["params"] = {**_inputs(work), "estimator": describe(model)}
    model.fit(X, y)
    X_test, y_test = _hold_out(work)
    output = evaluation.output_of(model, work.task, X_test, work.n_classes)
    if evaluation.metric(work.task, y_test, output) is not None:
        row["holdout"] = evaluation.scores(work.task, y_test, output)
        row["interval"] = evaluation.bootstrap(work.task, y_test, output, seed=work.seed)
    counter.add(candidate.label)
    return Tried(row, outputs, output, model)


def _inputs(work: Work) -> dict[str, Any]:
    """Return what the columns of the estimator's frame are, by position."""
    import sklearn

    columns: list[tuple[str, str | None]] = []
    for name in work.X.columns:
        number, _, part = name.removeprefix("f").partition("_")
        columns.append((work.features[int(number)].name, part or None))
    return {"library": f"scikit-learn {sklearn.__version__}", "columns": columns}


def _is_past(moment: float | None) -> bool:
    return moment is not None and time.monotonic() > moment


def _hold_out(work: Work) -> tuple[Any, Any]:
    return work.X.iloc[work.test].reset_index(drop=True), work.y[work.test]


def _cross_validate(
    work: Work, candidate: Candidate, counter: _Counter, *, stop_at: float | None
) -> tuple[dict[str, Any], Any] | None:
    """Return scores by fold, and predictions of rows by models that had not seen them.

    None when the time was up between two folds.
    """
    import numpy as np

    started = time.monotonic()
    X, y = work.X.iloc[work.train], work.y[work.train]
    shape = (len(y),) if work.is_regression else (len(y), work.n_classes)
    outputs = np.full(shape, np.nan)
    fold_scores: list[dict[str, Any]] = []
    chosen: list[float] = []
    for number, (fit_rows, test_rows) in enumerate(work.folds, start=1):
        if _is_past(stop_at):
            return None
        model = _fit(work, candidate, work.train[fit_rows])
        output = evaluation.output_of(model, work.task, X.iloc[test_rows], work.n_classes)
        outputs[test_rows] = output
        value = evaluation.metric(work.task, y[test_rows], output)
        if value is not None:
            chosen.append(value)
            found = evaluation.scores(work.task, y[test_rows], output)
            fold_scores.append({"fold": number, "n": len(test_rows), "scores": found})
        counter.add(candidate.label)
    row = {
        "name": candidate.name,
        "label": candidate.label,
        "is_baseline": candidate.is_baseline,
        "cv_mean": float(np.mean(chosen)) if chosen else None,
        "cv_sd": float(np.std(chosen, ddof=1)) if len(chosen) > 1 else None,
        "folds": fold_scores,
        "fit_ms": (time.monotonic() - started) * 1000,
    }
    return row, outputs


def _importance(work: Work, best: Tried | None, *, limits: Limits) -> list[list[float]]:
    """Return what the best candidate's final fit loses without each column."""
    if best is None or _is_past(limits.wall):
        return []
    return evaluation.importances(
        best.model,
        work.task,
        *_hold_out(work),
        groups=origins(list(work.X.columns)),
        seed=work.seed,
        stop_at=limits.end,
    )


def _answer(work: Work, best: Tried) -> dict[str, Any]:
    """Return what the best candidate so far says of each row."""
    import numpy as np

    outputs = best.outputs
    whole = np.full((len(work.y), *outputs.shape[1:]), np.nan)
    whole[work.train], whole[work.test] = outputs, best.test_output
    margin = None
    if work.is_regression:
        residuals = work.y[work.train] - outputs
        margin = evaluation.conformal_margin(residuals[np.isfinite(residuals)])
    is_test = np.zeros(len(work.y), dtype=bool)
    is_test[work.test] = True
    return {
        "best": best.row["name"],
        "n_train": len(work.train),
        "n_holdout": len(work.test),
        "features": [feature.name for feature in work.features],
        "importance": [],
        "y": work.y.tolist(),
        "output": whole.tolist(),
        "is_test": is_test.tolist(),
        "margin": margin,
        "reason": None,
    }
