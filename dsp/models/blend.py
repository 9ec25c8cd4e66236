"""Weighted means of models, chosen step by step on out-of-fold outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dsp.models.base import Model
from dsp.models.portable import Portable
from dsp.models.trials import Trial, Work
from dsp.models.widened import Widened

MAX_STEPS = 30
MAX_MEMBERS = 5
MAX_CONSIDERED = 16
STEPS = (0.05, 0.1, 0.2, 0.35, 0.5)
MAX_LEAVES = 30_000
"""Leaves of boosted trees in a blend: each takes 60 µs to plan in a query, and 35 KB of
memory on every thread."""

LEAST_GAIN = 2e-4
"""Share of the loss that a further step has to take away."""


@dataclass(frozen=True, slots=True)
class Blend:
    """Fitted models with their weights, which add up to one."""

    members: tuple[tuple[float, Model | Widened], ...]

    def output(self, X: Any) -> Any:
        """Return numbers [n], or probabilities [n, classes], of coded rows."""
        weight, model = self.members[0]
        found = weight * model.output(X)
        for weight, model in self.members[1:]:
            found = found + weight * model.output(X)
        return found

    def portable(self) -> list[tuple[float, Portable]]:
        """Return the members as plain arrays, with their weights.

        Empty where a member does not know every class.
        """
        found = [(weight, model.portable()) for weight, model in self.members]
        known = [(weight, one) for weight, one in found if one is not None]
        return known if len(known) == len(found) else []


def choose(work: Work, trials: list[Trial]) -> list[tuple[float, Trial]]:
    """Return the trials whose weighted mean has the least loss, with their weights.

    Starts with the best one and goes a part of the way towards whichever lowers the loss
    of the mean most, until none lowers it by one in 5,000.

    References
    ----------
    Caruana et al.: Ensemble selection from libraries of models. ICML (2004); with steps
    as of Frank, Wolfe: An algorithm for quadratic programming (1956).
    """
    import numpy as np

    per_tree = work.n_classes if work.n_classes > 2 else 1
    n_rows = work.n_kept(len(work.split.train))

    def size(trial: Trial) -> int:
        return per_tree * trial.n_leaves(n_rows)

    handy = [trial for trial in trials if size(trial) <= MAX_LEAVES] or trials
    ranked = sorted(handy, key=lambda trial: trial.loss)[:MAX_CONSIDERED]
    leaves = np.array([size(trial) for trial in ranked])
    found = [trial.mean_outputs() for trial in ranked]
    known = np.all([rows for _, rows in found], axis=0)
    outputs = [output[known] for output, _ in found]
    y = work.y[work.split.train][known]
    weights = np.zeros(len(ranked))
    weights[0] = 1.0
    mean = outputs[0]
    loss = float(work.losses(y, mean).mean())
    for _ in range(MAX_STEPS):
        best: tuple[float, int, float] = (loss * (1 - LEAST_GAIN), -1, 0.0)
        for i, output in enumerate(outputs):
            is_new = weights[i] == 0
            if is_new and (weights > 0).sum() >= MAX_MEMBERS:
                continue
            if is_new and leaves[weights > 0].sum() + leaves[i] > MAX_LEAVES:
                continue
            for step in STEPS:
                new = float(work.losses(y, mean + step * (output - mean)).mean())
                best = min(best, (new, i, step))
        loss, place, step = best
        if place < 0:
            break
        weights *= 1 - step
        weights[place] += step
        mean = mean + step * (outputs[place] - mean)
    kept = [i for i in np.argsort(-weights) if weights[i] > 0.02]
    total = float(weights[kept].sum())
    return [(float(weights[i]) / total, ranked[i]) for i in kept]


def mean_outputs(members: list[tuple[float, Trial]]) -> tuple[Any, Any]:
    """Return the out-of-fold outputs of a blend, and which training rows have them."""
    import numpy as np

    found = [(weight, *trial.mean_outputs()) for weight, trial in members]
    known = np.all([rows for _, _, rows in found], axis=0)
    return sum(weight * output for weight, output, _ in found), known
