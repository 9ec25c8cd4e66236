"""Models on rows that no choice has seen: their scores, intervals and coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.models import blend as blending
from dsp.models import conformal, evaluation
from dsp.models.base import Candidate
from dsp.models.blend import Blend
from dsp.models.conformal import Bands
from dsp.models.limits import is_past
from dsp.models.task import REGRESSION
from dsp.models.trials import (
    Trial,
    Work,
    describe,
    final_seconds,
    fit_final,
    n_bags,
)

BLEND = "ensemble"
RESERVE = 0.12
"""Share of the time limit that is kept for what comes after the final fits."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A model on the hold-out: its row of scores, its outputs, and how it was made.

    Attributes
    ----------
    outputs, known
        Out-of-fold outputs of the training rows, and which rows have them.
    """

    row: dict[str, Any]
    members: list[tuple[float, Trial]]
    outputs: Any
    known: Any
    test_output: Any = None
    blend: Blend | None = None


def judge_best(
    work: Work, certain: Sequence[Trial], trials: Sequence[Trial]
) -> Judged | None:
    """Return the blend of the best settings, or the best one; None without any."""
    everything = [trial for trial in (*certain[1:], *trials) if trial.outputs is not None]
    if not everything:
        return None
    members = blending.choose(work, everything)
    candidate = None if len(members) > 1 else members[0][1].candidate
    n_rows = work.n_kept(len(work.split.train))
    bags = n_bags(work, [trial for _, trial in members], n_rows)
    return judge(work, candidate, members, bags=bags)


def judge_kinds(
    work: Work, judged: Sequence[Judged], trials: Sequence[Trial]
) -> list[Judged]:
    """Return also the best setting of every kind that is not judged yet.

    On the hold-out while there is time, else on the folds alone.
    """
    found = {one.row["name"]: one for one in judged}
    for trial in sorted(trials, key=lambda trial: trial.loss):
        if trial.outputs is None or trial.name in found:
            continue
        cost = final_seconds([trial], work.n_kept(len(work.split.train)))
        is_late = is_past(work.limits.end - cost - RESERVE * work.limits.seconds)
        members = [(1.0, trial)]
        found[trial.name] = judge(work, trial.candidate, members, skips_holdout=is_late)

    def place(one: Judged) -> tuple[bool, int, str]:
        name = one.row["name"]
        candidate = one.members[0][1].candidate
        return name == BLEND, candidate.position, name

    return sorted(found.values(), key=place)


def best_of(judged: list[Judged]) -> Judged:
    """Return the blend where there is one, else whichever has the best folds."""
    with_holdout = [one for one in judged if one.test_output is not None]

    def rank(one: Judged) -> tuple[bool, float]:
        value = one.row["cv_mean"]
        return one.row["name"] == BLEND, -1e300 if value is None else value

    return max(with_holdout, key=rank)


def judge(
    work: Work,
    candidate: Candidate | None,
    members: list[tuple[float, Trial]],
    *,
    bags: int = 1,
    skips_holdout: bool = False,
) -> Judged:
    """Return a model's row, fitted on all training rows and scored on the hold-out."""
    outputs, known = blending.mean_outputs(members)
    row = _row(work, candidate, members, outputs, known)
    if skips_holdout:
        return Judged(row, members, outputs, known)
    blend = fit_members(work, members, work.kept(work.split.train), bags=bags)
    test = work.split.test
    output = blend.output(work.coded.X[test])
    y = work.y[test]
    row["holdout"] = evaluation.scores(work.task, y, output, quantile=work.quantile)
    row["interval"] = evaluation.interval(
        lambda rows: work.score(y[rows], output[rows]), len(test), seed=work.seed
    )
    return Judged(row, members, outputs, known, output, blend)


def fit_members(
    work: Work, members: list[tuple[float, Trial]], rows: Any, *, bags: int = 1
) -> Blend:
    """Return the final fits of all members on some rows, as a blend."""
    found = []
    for weight, trial in members:
        models = fit_final(work, trial, rows, n_bags=bags)
        found += [(weight / len(models), model) for model in models]
    return Blend(tuple(found))


def _row(
    work: Work,
    candidate: Candidate | None,
    members: list[tuple[float, Trial]],
    outputs: Any,
    known: Any,
) -> dict[str, Any]:
    """Return names, folds and settings of a model."""
    import numpy as np

    y = work.y[work.split.train]
    folds = []
    values = []
    for number, (_, held) in enumerate(work.split.folds, start=1):
        rows = held[known[held]]
        value = work.score(y[rows], outputs[rows]) if len(rows) else None
        if value is None:
            continue
        values.append(value)
        measured = evaluation.scores(
            work.task, y[rows], outputs[rows], quantile=work.quantile
        )
        folds.append({"fold": number, "n": len(rows), "scores": measured})
    parts = [
        {"weight": weight, "model": trial.name, "settings": dict(describe(trial))}
        for weight, trial in members
    ]
    return {
        "name": BLEND if candidate is None else candidate.name,
        "label": "Ensemble" if candidate is None else candidate.label,
        "is_baseline": candidate is not None and candidate.is_baseline,
        "cv_mean": float(np.mean(values)) if values else None,
        "cv_sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        "folds": folds,
        "fit_ms": 1000 * sum(trial.seconds for _, trial in members),
        "params": {"library": _library(), "parts": parts},
    }


def _library() -> str:
    import sklearn

    return f"scikit-learn {sklearn.__version__}"


def final(work: Work, best: Judged) -> Blend | None:
    """Return the best model fitted on all rows, those of the hold-out as well.

    None where there is no time left for that.
    """
    import numpy as np

    trials = [trial for _, trial in best.members]
    rows = work.kept(np.arange(len(work.y)))
    bags = n_bags(work, trials, len(rows))
    cost = bags * final_seconds(trials, len(rows))
    if is_past(work.limits.end - cost):
        return None
    return fit_members(work, best.members, rows, bags=bags)


def bands(work: Work, best: Judged) -> Bands:
    """Return how far predictions may be off, from the folds of the training rows."""
    y, output = work.y[work.split.train][best.known], best.outputs[best.known]
    if work.task == REGRESSION:
        return conformal.intervals(y, output)
    return Bands() if work.is_number else conformal.sets(y, output)


def coverage(work: Work, best: Judged, bands: Bands) -> dict[str, float]:
    """Return how often intervals or sets held the truth, and how large they are."""
    y = work.y[work.split.test]
    inside = bands.covered(y, best.test_output)
    if inside is None:
        return {}
    found = {"coverage": float(inside.mean()), "coverage_nominal": bands.level}
    half_width = bands.half_width(best.test_output)
    if half_width is not None:
        return {**found, "interval_width": 2 * float(half_width.mean())}
    size = bands.likely(best.test_output).sum(axis=1)
    return {**found, "mean_set_size": float(size.mean())}


def is_better(work: Work, one: Judged, base: Judged) -> bool:
    """Return whether a model beats the baseline by more than chance.

    On the hold-out its mean loss has to be less, and either there or over the folds by
    more than chance explains: 1.64 standard errors of the paired differences on the
    hold-out (one in twenty), 3 over the folds, on which the model was chosen.
    """
    if one is base:
        return False
    train, test = work.split.train, work.split.test
    y = work.y[test]
    held = work.losses(y, base.test_output) - work.losses(y, one.test_output)
    known = one.known & base.known
    y = work.y[train][known]
    folds = work.losses(y, base.outputs[known]) - work.losses(y, one.outputs[known])
    return held.mean() > 0 and (_errors(held) > 1.64 or _errors(folds) > 3.0)


def _errors(differences: Any) -> float:
    """Return a mean in standard errors."""
    import numpy as np

    spread = float(differences.std())
    mean = float(differences.mean())
    if spread <= 0:
        return float(np.sign(mean)) * float("inf") if mean else 0.0
    return mean / (spread / float(np.sqrt(len(differences))))
