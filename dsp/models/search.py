"""Searches models for a target: splits, tries settings, and hands on what was found.

Runs in a process of its own (`dsp.models.worker`) or in the caller's.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from dsp.models import splits, strategy
from dsp.models.assistant import Assistant, Fit, Wanted
from dsp.models.blend import Blend
from dsp.models.coding import Coded, Column, code
from dsp.models.explain.all import explain
from dsp.models.features import CATEGORY, Feature
from dsp.models.importance import importances
from dsp.models.judging import (
    Judged,
    bands,
    best_of,
    coverage,
    final,
    is_better,
    judge,
    judge_best,
    judge_kinds,
)
from dsp.models.leakage import leaks
from dsp.models.limits import Limits
from dsp.models.portable import Portable, Trees
from dsp.models.scoring import scoring_sql
from dsp.models.task import Task
from dsp.models.trials import OnFit, Work, fit_wanted
from dsp.registry import plugins

THREADED_ROWS = 100_000
"""From so many rows on a fit runs on several threads."""

SOURCE = "new_data"
"""Name of the table that a model's query reads."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search leaves: plain values, arrays by row, and the model itself.

    Attributes
    ----------
    values
        Ready for JSON; see `dsp.models.outcome`.
    arrays
        NumPy arrays with a value (or a row of values) for each row.
    """

    values: dict[str, Any]
    arrays: dict[str, Any]


OnFound = Callable[[Found], None]


def search(
    table: Any,
    spec: Mapping[str, Any],
    on_fit: OnFit,
    on_found: OnFound = lambda _: None,
    *,
    assistant: Callable[[], Assistant] | None = None,
) -> Found:
    """Return fitted models, their scores, and what the best one says of each row.

    Parameters
    ----------
    table
        Arrow columns ``y`` (numbers, or codes of classes), ``row_number``, ``entity``
        (codes, or nulls) and ``f0`` …, in the order of rows (of time, when `spec` says
        so).
    spec
        ``task``, ``classes``, ``n_classes``, ``quantile``, ``seed``, ``threads``,
        ``is_ordered``, ``seconds`` (the time limit), ``fits`` (their limit, or None),
        ``started`` (the beginning by `time.monotonic`), ``features`` as pairs of name
        and kind, ``taken`` (names of the table's columns), ``costs`` of a false alarm
        and of a missed event.
    on_fit
        Told after every fit: done, total, label. What it raises ends the search.
    on_found
        Given all that is known, complete in itself, whenever there is more.
    assistant
        Starts a process that fits ahead. Called where fits are done by one thread, and
        others may be.
    """
    limits = Limits.of(
        float(spec["seconds"]), started=spec["started"], fits=spec.get("fits")
    )
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        work, excluded = _prepare(table, spec, limits, on_fit)
        about = {"excluded": excluded, "taken": spec["taken"], "classes": spec["classes"]}
        if work is None:
            reason = "no usable column is left"
            return Found({**about, "models": [], "reason": reason}, {})
        if assistant is not None and work.threads < int(spec["threads"]):
            work.assistant = assistant()
        try:
            with _threads(work.threads):
                return _search(work, about, table, on_found)
        finally:
            if work.assistant is not None:
                work.assistant.close()


@contextmanager
def fitting(
    table: Any, spec: Mapping[str, Any]
) -> Generator[Callable[[Wanted], Fit], None, None]:
    """Give the function that fits a setting on a fold as the search itself would.

    Parameters
    ----------
    table, spec
        As of `search`.
    """
    limits = Limits.of(float(spec["seconds"]), started=spec["started"])
    candidates = plugins("models")
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        work, _ = _prepare(table, spec, limits, lambda *_: None)
        if work is None:
            raise ValueError("no usable column is left")
        with _threads(work.threads):
            yield lambda wanted: fit_wanted(work, candidates[wanted.name], wanted)


def _threads(n: int) -> Any:
    """Keep the libraries to so many threads: those that are loaded, so all that count."""
    import scipy.linalg  # noqa: F401
    import sklearn.ensemble
    import sklearn.kernel_approximation
    import sklearn.linear_model
    import sklearn.neighbors  # noqa: F401
    from threadpoolctl import threadpool_limits

    if find_spec("lightgbm") is not None:
        import lightgbm  # noqa: F401

    return threadpool_limits(n)


def _prepare(
    table: Any, spec: Mapping[str, Any], limits: Limits, on_fit: OnFit
) -> tuple[Work | None, dict[str, str]]:
    from dsp.engine.arrays import as_numpy

    features = [Feature(name, kind) for name, kind in spec["features"]]
    is_number = spec["n_classes"] == 0
    y = as_numpy(table.column("y")).astype("float64" if is_number else "int64")
    coded = code(table, features)
    excluded = _saying_nothing(coded) | leaks(coded, y, is_number=is_number)
    coded = _kept(coded, excluded)
    if not coded.columns:
        return None, excluded
    entity = None
    if table.column("entity").null_count < table.num_rows:
        entity = as_numpy(table.column("entity").fill_null(-1))
    groups = splits.tied(coded.X, entity)
    split = splits.split(
        y,
        groups=groups,
        is_ordered=bool(spec["is_ordered"]),
        is_number=is_number,
        seed=int(spec["seed"]),
    )
    work = Work(
        task=spec["task"],
        n_classes=int(spec["n_classes"]),
        quantile=float(spec["quantile"]),
        seed=int(spec["seed"]),
        # Threads of one fit wait for each other at every node of a tree: on a machine
        # with other work they take ten times as long as one does alone.
        threads=int(spec["threads"]) if len(y) >= THREADED_ROWS else 1,
        coded=coded,
        y=y,
        groups=groups,
        split=split,
        limits=limits,
        on_fit=on_fit,
        costs=(float(spec["costs"][0]), float(spec["costs"][1])),
    )
    return work, excluded


def _saying_nothing(coded: Coded) -> dict[str, str]:
    """Return the columns whose positions are the same in all rows, with the reason."""
    found = {}
    for column in coded.columns:
        values = coded.X[:, list(column.positions)]
        if values.size and not (values != values[:1]).any():
            is_rare = column.kind == CATEGORY and not column.levels
            found[column.name] = (
                "its values hardly repeat" if is_rare else "one value only"
            )
    return found


def _kept(coded: Coded, excluded: Mapping[str, str]) -> Coded:
    """Return the matrix without some columns, and without those that have no position."""
    columns: list[Column] = []
    taken: list[int] = []
    for column in coded.columns:
        if column.name in excluded or not column.positions:
            continue
        start = len(taken)
        taken += column.positions
        positions = tuple(range(start, len(taken)))
        columns.append(
            Column(column.name, column.kind, positions, column.levels, column.parts)
        )
    return Coded(coded.X[:, taken], tuple(columns))


def _search(work: Work, about: dict[str, Any], table: Any, on_found: OnFound) -> Found:
    candidates = sorted(plugins("models").values(), key=lambda c: (c.position, c.name))
    certain = strategy.baselines(work, candidates)
    judged = [judge(work, trial.candidate, [(1.0, trial)]) for trial in certain]
    on_found(_found(work, about, table, judged))
    trials, curve = strategy.search(work, candidates, certain)
    about["curve"] = [[point.n_rows, point.loss] for point in curve]
    best = judge_best(work, certain, trials)
    if best is not None:
        judged = [*(one for one in judged if one.row["name"] != best.row["name"]), best]
    best = best_of(judged)
    # What is fitted on the training rows alone serves until all rows are.
    about |= _model(work, best, best.blend, about)
    on_found(_found(work, about, table, judged))
    whole = final(work, best)
    if whole is not None:
        about |= _model(work, best, whole, about)
        on_found(_found(work, about, table, judged))
    judged = judge_kinds(work, judged, trials)
    on_found(_found(work, about, table, judged))
    if best.blend is not None:
        about["importance"] = importances(
            work, best.blend, work.coded.columns, stop_at=work.limits.end
        )
        on_found(_found(work, about, table, judged))
        about["explained"] = explain(work, best, _ranked(work, about), work.costs)
    work.on_fit(work.n_fits, work.n_fits, best.row["label"])
    return _found(work, about, table, judged)


def _ranked(work: Work, about: Mapping[str, Any]) -> list[str]:
    """Return the names of the columns, the most important first."""
    pairs = zip(work.coded.columns, about["importance"], strict=True)
    means = {c.name: sum(loss) / len(loss) if loss else 0.0 for c, loss in pairs}
    return sorted(means, key=lambda name: (-means[name], name))


def _model(
    work: Work, best: Judged, blend: Blend | None, about: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the query of a model, what it reads, and how many leaves its trees have."""
    if blend is None:
        return {}
    members = blend.portable()
    if not members:
        return {}
    task = Task(work.task, classes=tuple(about["classes"]), quantile=work.quantile)
    query = scoring_sql(
        SOURCE,
        work.coded.columns,
        members,
        task,
        bands=bands(work, best),
        taken=about["taken"],
    )
    leaves = sum(model.n_leaves for _, model in members if isinstance(model, Trees))
    return {"sql": query, "n_leaves": leaves, "inputs": _inputs(work.coded, members)}


def _inputs(coded: Coded, members: list[tuple[float, Portable]]) -> list[list[str]]:
    """Return name and kind of the columns that the model reads."""
    used = {term.position for _, model in members for term in model.view.terms}
    return [[c.name, c.kind] for c in coded.columns if used.intersection(c.positions)]


def _found(work: Work, about: dict[str, Any], table: Any, judged: list[Judged]) -> Found:
    """Return what is known by now as plain values and arrays."""
    import numpy as np

    from dsp.engine.arrays import as_numpy

    best = best_of(judged)
    train, test = work.split.train, work.split.test
    whole = np.full((len(work.y), *best.outputs.shape[1:]), np.nan)
    whole[train] = np.where(
        best.known.reshape((-1, *([1] * (best.outputs.ndim - 1)))), best.outputs, np.nan
    )
    whole[test] = best.test_output
    is_test = np.zeros(len(work.y), dtype=bool)
    is_test[test] = True
    around = bands(work, best)
    half_width = around.half_width(whole)
    values = {
        "curve": [],
        "importance": [],
        "explained": {},
        "sql": "",
        "coverage": coverage(work, best, around),
        "is_better": bool(is_better(work, best, judged[0])),
        **about,
        "best": best.row["name"],
        "models": [one.row for one in judged],
        "n_train": len(train),
        "n_fitted": work.n_kept(len(train)),
        "n_holdout": len(test),
        "n_tied": work.split.n_tied,
        "n_fits": work.n_fits,
        "split": work.split.kind,
        "features": [column.name for column in work.coded.columns],
        "seconds": time.monotonic() - work.limits.started,
        "reason": None,
    }
    arrays = {
        "row_number": as_numpy(table.column("row_number")),
        "y": work.y,
        "output": whole,
        **({} if half_width is None else {"half_width": half_width}),
        "is_test": is_test,
    }
    return Found(values, arrays)
