"""Which settings are tried, on how many rows, and which are kept: successive halving.

References
----------
Jamieson, Talwalkar: Non-stochastic best arm identification and hyperparameter
optimization. AISTATS (2016).
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Any

from dsp.models.base import Candidate, Config
from dsp.models.trials import N_REPEATS, Trial, Work, fit_fold, wanted_of

FIRST_RUNG = 4_000
GROWTH = 4
KEPT = 0.4
FINALISTS = 5
RUNG_SHARE = 0.3
"""Share of the time that is left for settings which a rung may take."""

REGRET = 0.12
"""A kind of model stays in the race while its best loss is above the least one by less
than this share of the way to the baseline."""

LEAST_GROWTH = 2e-3
"""Share of the loss that four times as many rows have to take away to be worth it."""

N_MUTANTS = 24
PATIENCE = 8
N_SETTLED = 3
"""Settings of a kind that are looked at once more where rows are few."""

LEAST_GAIN = 1e-3
"""Share of the loss that a change of a setting has to take away to count."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the learning curve: rows fitted on, and the mean loss of the best."""

    n_rows: int
    loss: float


def baselines(work: Work, candidates: list[Candidate]) -> list[Trial]:
    """Return the baseline and the linear model on all folds, whatever time it is."""
    train = work.fold(work.split.train)
    found = []
    for candidate in candidates[:2]:
        for config in list(candidate.configs(train))[:1]:
            trial = Trial(candidate, config)
            cross_validate(work, trial)
            found.append(trial)
    return found


def cross_validate(
    work: Work, trial: Trial, *, repeat: int = 0, go_on: Callable[[], bool] | None = None
) -> bool:
    """Fit the folds of a trial that are missing; False when the time was up."""
    missing = [
        number
        for number in range(len(work.folds_of(repeat)))
        if (repeat, number) not in trial.fold_losses
    ]
    for number, after in zip_longest(missing, missing[1:]):
        if go_on is not None and not go_on():
            return False
        then = None if after is None else wanted_of(trial, repeat, after)
        fit_fold(work, trial, repeat, number, then=then)
    return True


def search(
    work: Work, candidates: list[Candidate], certain: list[Trial]
) -> tuple[list[Trial], list[Point]]:
    """Return the settings that were tried on all folds, and the learning curve.

    Rungs of rows, for tables of many, and the first of the folds take the settings that
    do best further. Where four times as many rows are hardly better, no more are taken.
    What is left of the time goes into changes of the best setting of a kind that has
    rounds, and into a second and third round of folds where rows are few.

    Parameters
    ----------
    certain
        The baseline and the linear model, which went through all folds.
    """
    train = work.fold(work.split.train)
    pool = [
        Trial(candidate, config)
        for candidate, config in _by_turn(
            [(c, list(c.configs(train))) for c in candidates]
        )
    ]
    pool = _without(pool, first_of=candidates[:2])
    curve: list[Point] = []
    for n_rows in _rungs(work):
        pool = _rung(work, pool, n_rows)
        losses = [trial.early for trial in pool if trial.early is not None]
        if losses:
            curve.append(Point(n_rows, min(losses)))
        if _is_flat(curve):
            work.keep_rows(n_rows)
            break
    finished = _race(work, pool, certain)
    finished += _mutants(work, finished)
    return _settled(work, finished), curve


def _by_turn(
    groups: list[tuple[Candidate, list[Config]]],
) -> Iterator[tuple[Candidate, Config]]:
    """Yield the first setting of every candidate, then every second one, and so on."""
    for turn in range(max((len(configs) for _, configs in groups), default=0)):
        for candidate, configs in groups:
            if turn < len(configs):
                yield candidate, configs[turn]


def _without(pool: list[Trial], *, first_of: list[Candidate]) -> list[Trial]:
    """Return the trials but for the first one of some candidates, which are done."""
    left = []
    names = {candidate.name for candidate in first_of}
    for trial in pool:
        if trial.name in names:
            names.discard(trial.name)
        else:
            left.append(trial)
    return left


def _rungs(work: Work) -> list[int]:
    """Return numbers of rows below those of a fold, the smallest first."""
    n = min(len(fit) for fit, _ in work.split.folds)
    found: list[int] = []
    size = n // GROWTH
    while size >= FIRST_RUNG:
        found.append(size)
        size //= GROWTH
    return found[::-1]


def _is_flat(curve: list[Point]) -> bool:
    """Return whether the last growth of the rows took hardly anything off the loss."""
    if len(curve) < 2:
        return False
    before, last = curve[-2].loss, curve[-1].loss
    return before - last < LEAST_GROWTH * last


def _rung(work: Work, pool: list[Trial], n_rows: int) -> list[Trial]:
    """Return the better part of some settings, fitted on some rows of a fold.

    A further setting of a kind is tried while the kind is near the best.
    """
    last = len(work.split.folds) - 1
    tried: list[Trial] = []
    until = time.monotonic() + RUNG_SHARE * work.seconds_left()
    for trial, after in zip_longest(pool, pool[1:]):
        if trial.early is None and not _is_near(trial.name, tried):
            continue
        is_late = not work.limits.is_counted and time.monotonic() > until
        if tried and (is_late or not work.may_try(trial.row_seconds * n_rows)):
            break
        then = None if after is None else wanted_of(after, 0, last, n_rows=n_rows)
        fit_fold(work, trial, 0, last, n_rows=n_rows, then=then)
        tried.append(trial)
    ranked = sorted(tried, key=_early)
    return ranked[: max(FINALISTS, round(len(ranked) * KEPT))]


def _early(trial: Trial) -> float:
    return float("inf") if trial.early is None else trial.early


def _is_near(name: str, tried: list[Trial]) -> bool:
    """Return whether the best setting of a kind, if any, is near the best of all."""
    own = [_early(trial) for trial in tried if trial.name == name]
    if not own:
        return True
    everything = [_early(trial) for trial in tried]
    # A median stands for the worst worth looking at: there is no baseline on a rung.
    ranked = sorted(everything)
    far = ranked[len(ranked) // 2]
    return min(own) <= max(far, ranked[0] * (1 + REGRET))


def _race(work: Work, pool: list[Trial], certain: list[Trial]) -> list[Trial]:
    """Return the settings that went through all folds, after a first fold that is good.

    The first setting of every kind runs to the end where rows are few: a blend gains by
    what is different.
    """
    last = len(work.split.folds) - 1
    worst = certain[0].fold_losses[0, last]
    finished = list(certain[1:])
    seen: set[str] = {trial.name for trial in certain}
    found: list[Trial] = []
    is_small = _is_small(work)
    for trial, after in zip_longest(pool, pool[1:]):
        is_new = trial.name not in seen
        seen.add(trial.name)
        if not is_new and not _may_win(trial.name, finished, worst, last):
            continue
        cost = trial.row_seconds * work.n_kept(len(work.split.train))
        if not work.may_try(cost):
            break
        then = None if after is None else wanted_of(after, 0, last)
        fit_fold(work, trial, 0, last, then=then)
        losses = sorted(one.fold_losses[0, last] for one in finished)
        middle = losses[(len(losses) - 1) // 2]
        if not (is_new and is_small) and len(losses) > 2 and trial.loss > middle:
            continue
        cost = trial.row_seconds * work.n_kept(len(work.split.train))
        may = partial(work.may_try, cost)
        if not cross_validate(work, trial, go_on=may):
            break
        finished.append(trial)
        found.append(trial)
    return found


def _may_win(name: str, finished: list[Trial], worst: float, fold: int) -> bool:
    """Return whether a kind's best loss on a fold is near enough to the least one."""
    own = [one.fold_losses[0, fold] for one in finished if one.name == name]
    if not own:
        return name not in {one.name for one in finished}
    best = min(one.fold_losses[0, fold] for one in finished)
    return worst > best and (min(own) - best) / (worst - best) <= REGRET


def _mutants(work: Work, finished: list[Trial]) -> list[Trial]:
    """Return changes of the best boosting that went through all folds."""
    import numpy as np

    rng = np.random.default_rng(work.seed)
    boosted = [trial for trial in finished if trial.iterations]
    found: list[Trial] = []
    since = 0
    last = len(work.split.folds) - 1
    while boosted and len(found) < N_MUTANTS and since < PATIENCE:
        best = min([*boosted, *found], key=lambda trial: trial.loss)
        cost = best.row_seconds * work.n_kept(len(work.split.train))
        # Time, or fits, to settle the best is kept.
        kept = _stopped([*finished, *found]) if _is_small(work) else []
        if not work.may_try(2 * cost + _seconds(kept), 1 + _fits(kept)):
            break
        trial = Trial(best.candidate, mutate(best.config, rng))
        # Most changes are no better: the next one is of the same setting then.
        after = Trial(best.candidate, mutate(best.config, copy.deepcopy(rng)))
        fit_fold(work, trial, 0, last, then=wanted_of(after, 0, last))
        since += 1
        if trial.loss > best.fold_losses[0, last] * 1.01:
            continue
        if not cross_validate(work, trial, go_on=partial(work.may_try, cost)):
            break
        found.append(trial)
        if trial.loss < best.loss * (1 - LEAST_GAIN):
            since = 0
    return found


def mutate(config: Config, rng: Any) -> Config:
    """Return a setting of boosting with some of its numbers drawn near the old ones."""
    new = dict(config)
    new["rate"] = float(within(config["rate"] * 2 ** rng.uniform(-0.7, 0.5), 0.015, 0.2))
    leaves = round(config["leaves"] * 2 ** rng.uniform(-0.9, 0.9))
    new["leaves"] = int(within(leaves, 2, 255))
    new["rows"] = int(within(round(config["rows"] * 2 ** rng.uniform(-1, 1)), 2, 200))
    new["l2"] = float(within(config["l2"] * 10 ** rng.uniform(-0.7, 0.7), 1e-3, 100))
    new["share"] = float(within(config["share"] * 2 ** rng.uniform(-0.7, 0.7), 0.1, 1.0))
    return new


def within(value: float, low: float, high: float) -> float:
    """Return a number within bounds."""
    return min(max(value, low), high)


def _settled(work: Work, finished: list[Trial]) -> list[Trial]:
    """Return the best settings, gone through folds again where rows are few.

    Boosting that was stopped by the very rows which score it flatters itself: every
    fold gets the same rounds now, the mean of what its folds stopped at. Then come
    other folds, as time allows: with few rows the folds decide too much of what looks
    best.
    """
    if not _is_small(work):
        return finished
    best, stopped = _best_of_kinds(finished), _stopped(finished)
    if not work.may_try(_seconds(stopped), _fits(stopped)):
        return finished
    for trial in stopped:
        trial.settle()
        cross_validate(work, trial)
    n_repeats = 1 if work.split.kind == "time" else N_REPEATS
    for repeat in range(1, n_repeats):
        if not work.may_try(_seconds(best), _fits(best)):
            break
        for trial in best:
            cross_validate(work, trial, repeat=repeat)
    return best


def _is_small(work: Work) -> bool:
    return len(work.split.train) <= FIRST_RUNG


def _best_of_kinds(finished: list[Trial]) -> list[Trial]:
    """Return the best settings of every kind."""
    found: list[Trial] = []
    for trial in sorted(finished, key=lambda trial: trial.loss):
        if sum(one.name == trial.name for one in found) < N_SETTLED:
            found.append(trial)
    return found


def _stopped(finished: list[Trial]) -> list[Trial]:
    return [trial for trial in _best_of_kinds(finished) if trial.iterations]


def _fits(trials: list[Trial]) -> int:
    return sum(len(trial.fold_losses) for trial in trials)


def _seconds(trials: list[Trial]) -> float:
    """Return how long the folds of some settings take once more."""
    return sum(len(t.fold_losses) * t.seconds / t.n_fitted for t in trials)
