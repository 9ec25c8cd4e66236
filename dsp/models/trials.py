"""Settings on trial: fitted on folds, scored on the rows left out, cheap ones first."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dsp.models import evaluation, widened
from dsp.models.assistant import Assistant, Fit, Wanted
from dsp.models.base import Candidate, Config, Model
from dsp.models.coding import Coded
from dsp.models.limits import Limits, is_past
from dsp.models.splits import Split, draw
from dsp.models.views import Fold
from dsp.models.widened import Widened

OnFit = Callable[[int, int | None, str], None]

MAX_HELD = 20_000
"""Rows of a fold that score a setting on less than all rows."""

N_REPEATS = 3
BAGGED_ROWS = 3_000
N_BAGS = 3
"""Seeds over which a final fit of boosting is averaged where rows are few."""

BAGGED_LEAVES = 6_000
BAG_SHARE = 0.5
"""Share of the time that is left which fits of several seeds may take."""


@dataclass(slots=True)
class Work:
    """The data of one search, and what is known of it.

    Attributes
    ----------
    train, test
        Positions of rows; `folds` are positions within `train`.
    assistant
        A process that fits ahead, or None.
    share
        Share of the rows that fits get: below 1 where more of them would not pay.
    """

    task: str
    n_classes: int
    quantile: float
    seed: int
    threads: int
    coded: Coded
    y: Any
    groups: Any
    split: Split
    limits: Limits
    on_fit: OnFit
    n_fits: int = 0
    planned: int | None = None
    costs: tuple[float, float] = (1.0, 1.0)
    assistant: Assistant | None = None
    share: float = 1.0
    refolds: dict[int, list[tuple[Any, Any]]] = field(default_factory=dict)

    @property
    def is_number(self) -> bool:
        """Whether outputs are numbers, not probabilities."""
        return self.n_classes == 0

    def keep_rows(self, n_rows: int) -> None:
        """Fit on so many rows of a fold from now on, and on the same share of all."""
        smallest = min(len(fit) for fit, _ in self.split.folds)
        self.share = min(1.0, n_rows / smallest)
        folds = tuple((self.kept(fit), held) for fit, held in self.split.folds)
        self.split = replace(self.split, folds=folds)
        if self.assistant is not None:
            # It knows the folds as they were.
            self.assistant.close()
            self.assistant = None

    def kept(self, rows: Any) -> Any:
        """Return the rows of some that are fitted on."""
        if self.share == 1.0:
            return rows
        return _some(self, rows, self.n_kept(len(rows)))

    def n_kept(self, n_rows: int) -> int:
        """Return how many rows of some are fitted on."""
        return round(self.share * n_rows)

    def fold(self, rows: Any, *, seed: int | None = None) -> Fold:
        """Return rows as something to fit on, or to score."""
        return Fold(
            X=self.coded.X[rows],
            y=self.y[rows],
            levels=self.coded.levels,
            task=self.task,
            n_classes=self.n_classes,
            quantile=self.quantile,
            seed=self.seed if seed is None else seed,
            threads=self.threads,
        )

    def may_try(self, seconds: float = 0.0, fits: int = 1) -> bool:
        """Return whether there is time, or are fits, for so much more."""
        if self.limits.fits is not None:
            is_free = self.n_fits + fits <= self.limits.fits
            return is_free and not is_past(self.limits.end)
        return time.monotonic() + seconds < self.limits.search

    def seconds_left(self) -> float:
        """Return how long further settings may still be tried."""
        return max(0.0, self.limits.search - time.monotonic())

    def count(self, label: str) -> None:
        """Count a fit and tell it."""
        self.n_fits += 1
        total = None if self.planned is None else max(self.planned, self.n_fits)
        self.on_fit(self.n_fits, total, label)

    def folds_of(self, repeat: int) -> list[tuple[Any, Any]]:
        """Return the folds of a round of cross-validation; the first are the split's."""
        if repeat == 0 or self.split.kind == "time":
            return list(self.split.folds)
        if repeat not in self.refolds:
            train = self.split.train
            self.refolds[repeat] = draw(
                self.y[train],
                groups=self.groups[train],
                is_number=self.is_number,
                seed=self.seed + 100 + repeat,
            )
        return self.refolds[repeat]

    def score(self, y: Any, output: Any) -> float | None:
        """Return the metric of choice."""
        return evaluation.metric(self.task, y, output, quantile=self.quantile)

    def losses(self, y: Any, output: Any) -> Any:
        """Return the loss of every row."""
        return evaluation.losses(self.task, y, output, quantile=self.quantile)


@dataclass(slots=True)
class Trial:
    """A setting of a candidate, and how it has done so far.

    Attributes
    ----------
    outputs
        Out-of-fold outputs of the training rows, NaN where there are none yet, summed
        over repeats; `n_outputs` says over how many.
    early
        Mean loss of the last rung below a whole fold.
    """

    candidate: Candidate
    config: Config
    outputs: Any = None
    n_outputs: Any = None
    fold_scores: list[dict[str, Any]] = field(default_factory=list)
    fold_values: list[float] = field(default_factory=list)
    fold_losses: dict[tuple[int, int], float] = field(default_factory=dict)
    iterations: list[int] = field(default_factory=list)
    early: float | None = None
    seconds: float = 0.0
    n_fitted: int = 0
    row_seconds: float = 0.0

    @property
    def name(self) -> str:
        """Name of the candidate."""
        return self.candidate.name

    @property
    def loss(self) -> float:
        """Mean loss over the folds so far."""
        found = list(self.fold_losses.values())
        return sum(found) / len(found) if found else float("inf")

    @property
    def rounds(self) -> int | None:
        """Rounds of boosting for a final fit."""
        if not self.iterations:
            return None
        return max(1, round(1.1 * sum(self.iterations) / len(self.iterations)))

    def n_leaves(self, n_rows: int) -> int:
        """Return how many leaves trees of boosting on so many rows have at most."""
        if "leaves" not in self.config:
            return 0
        most = min(int(self.config["leaves"]), n_rows // int(self.config["rows"]))
        return (self.rounds or 0) * most

    def settle(self) -> None:
        """Forget the folds, and fix the rounds at the mean of those they stopped at."""
        rounds = max(1, round(sum(self.iterations) / len(self.iterations)))
        self.config = {**self.config, "n_iterations": rounds}
        self.outputs = self.n_outputs = None
        self.fold_scores, self.fold_values, self.iterations = [], [], []
        self.fold_losses = {}

    def mean_outputs(self) -> tuple[Any, Any]:
        """Return out-of-fold outputs, and which training rows have them."""
        import numpy as np

        known = self.n_outputs > 0
        shape = (-1, *([1] * (self.outputs.ndim - 1)))
        return self.outputs / np.maximum(self.n_outputs, 1).reshape(shape), known


def fit_fold(
    work: Work,
    trial: Trial,
    repeat: int,
    number: int,
    *,
    n_rows: int | None = None,
    then: Wanted | None = None,
) -> None:
    """Fit a setting on a fold and note how it does on the rows left out.

    Parameters
    ----------
    n_rows
        Rows to fit on, drawn from the fold (its last rows, in order of time). The fold
        counts for the trial only when all are taken.
    then
        What is likely to be wanted next: the assistant, if any, begins with it.
    """
    import numpy as np

    wanted = wanted_of(trial, repeat, number, n_rows=n_rows)
    fit = None if work.assistant is None else work.assistant.take(wanted)
    if fit is None:
        if work.assistant is not None and then is not None:
            work.assistant.start(then)
        fit = fit_wanted(work, trial.candidate, wanted)
    fit_rows, held_rows = _rows_of(work, wanted)
    trial.seconds += fit.seconds
    trial.n_fitted += 1
    trial.row_seconds = fit.seconds / max(1, len(fit_rows))
    y = work.y[work.split.train[held_rows]]
    loss = float(np.mean(work.losses(y, fit.output)))
    loss = loss if np.isfinite(loss) else float("inf")
    if n_rows is not None:
        trial.early = loss
    else:
        _note(work, trial, (repeat, number), held_rows, (y, fit.output, loss))
        if fit.n_iterations is not None:
            trial.iterations.append(fit.n_iterations)
    work.count(trial.candidate.label)


def wanted_of(
    trial: Trial, repeat: int, number: int, *, n_rows: int | None = None
) -> Wanted:
    """Return the fit of a trial on a fold, as it is asked for."""
    return Wanted(trial.name, dict(trial.config), repeat, number, n_rows)


def fit_wanted(work: Work, candidate: Candidate, wanted: Wanted) -> Fit:
    """Fit a setting on a fold; return what it says of the rows left out."""
    fit_rows, held_rows = _rows_of(work, wanted)
    train = work.split.train
    held = work.fold(train[held_rows])
    started = time.monotonic()
    # Rounds that are given are not stopped by the rows left out.
    stop = None if "n_iterations" in wanted.config else held
    model = widened.fit(candidate, wanted.config, work.fold(train[fit_rows]), stop)
    output = model.output(held.X)
    return Fit(output, model.n_iterations, time.monotonic() - started)


def _rows_of(work: Work, wanted: Wanted) -> tuple[Any, Any]:
    """Return the rows to fit on and those left out, as positions within `train`."""
    fit_rows, held_rows = work.folds_of(wanted.repeat)[wanted.number]
    if wanted.n_rows is None:
        return fit_rows, held_rows
    if wanted.n_rows < len(fit_rows):
        fit_rows = _some(work, fit_rows, wanted.n_rows)
    if len(held_rows) > MAX_HELD:
        held_rows = _some(work, held_rows, MAX_HELD)
    return fit_rows, held_rows


def _some(work: Work, rows: Any, n: int) -> Any:
    """Return some of the rows: the last ones in time, else every so many."""
    import numpy as np

    if work.split.kind == "time":
        return rows[-n:]
    return rows[np.linspace(0, len(rows) - 1, n).astype(int)]


def _note(
    work: Work,
    trial: Trial,
    place: tuple[int, int],
    rows: Any,
    found: tuple[Any, Any, float],
) -> None:
    import numpy as np

    y, output, loss = found
    n = len(work.split.train)
    if trial.outputs is None:
        trial.outputs = np.zeros((n, *output.shape[1:]))
        trial.n_outputs = np.zeros(n, dtype="int64")
    trial.outputs[rows] += output
    trial.n_outputs[rows] += 1
    trial.fold_losses[place] = loss
    value = work.score(y, output)
    if value is not None:
        trial.fold_values.append(value)
    if place[0] == 0:
        measured = evaluation.scores(work.task, y, output, quantile=work.quantile)
        trial.fold_scores.append(
            {"fold": place[1] + 1, "n": len(rows), "scores": measured}
        )


def fit_final(
    work: Work, trial: Trial, rows: Any, *, n_bags: int = 1
) -> list[Model | Widened]:
    """Return the fits of a setting on some rows, one for every seed.

    Settings that draw nothing by lot are fitted once.
    """
    config = dict(trial.config)
    if trial.rounds is not None:
        config["n_iterations"] = trial.rounds
    draws = trial.rounds is not None and float(trial.config.get("share", 1.0)) < 1
    models: list[Model | Widened] = []
    for bag in range(n_bags if draws else 1):
        fold = work.fold(rows, seed=work.seed + bag)
        models.append(widened.fit(trial.candidate, config, fold))
        work.count(trial.candidate.label)
    return models


def n_bags(work: Work, trials: Sequence[Trial], n_rows: int) -> int:
    """Return over how many seeds final fits are averaged: several where rows are few.

    One where the trees would be too many to hand on, or the time is short.
    """
    leaves = sum(trial.n_leaves(n_rows) for trial in trials)
    if n_rows > BAGGED_ROWS or leaves * max(1, work.n_classes) > BAGGED_LEAVES:
        return 1
    if work.limits.is_counted:
        return N_BAGS
    # Both the fit for the hold-out and the one on all rows are still to come.
    cost = 2 * N_BAGS * final_seconds(trials, n_rows)
    left = work.limits.end - time.monotonic()
    return N_BAGS if cost < BAG_SHARE * left else 1


def final_seconds(trials: Sequence[Trial], n_rows: int) -> float:
    """Return how long one fit of some settings on so many rows may take."""
    return sum(1.3 * trial.row_seconds * n_rows for trial in trials)


def describe(trial: Trial) -> Mapping[str, Any]:
    """Return the setting of a trial as plain values."""
    found = dict(trial.config)
    if trial.rounds is not None:
        found["n_iterations"] = trial.rounds
    return found
