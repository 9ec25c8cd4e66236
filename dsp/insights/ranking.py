"""Scores, and the order in which findings are shown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence

from dsp.detectors import Candidate

WEIGHTS = {
    # Faults fake everything else.
    "leakage": 3.0,
    "unit_mixup": 3.0,
    "duplicate_rows": 2.5,
    "quality_break": 1.5,
    "simpsons_paradox": 1.3,
    "interaction": 1.1,
    "driver": 1.0,
    "nonlinear_driver": 1.0,
    "imbalance_driver": 1.0,
    "segment_outlier": 1.0,
    "change_point": 0.95,
    "dominance": 0.95,
    "trend": 0.9,
    "seasonality": 0.9,
    "point_anomaly": 0.9,
    "lagged": 0.9,
    "cluster": 0.9,
    "drift": 0.8,
    "cohort_shift": 0.8,
    "multicollinearity": 0.8,
    "heteroscedasticity": 0.75,
    "correlation": 0.7,
    "missing_dependent": 0.7,
    "association": 0.65,
    "functional_dependency": 0.65,
    "row_anomaly": 0.6,
    "sentinel": 0.4,
    "bimodal": 0.35,
    "outlier_values": 0.15,
    "heavy_tail": 0.12,
    "missing_values": 0.12,
    "benford": 0.1,
    "zero_inflated": 0.1,
    "top_share": 0.08,
    "high_cardinality": 0.06,
    "distribution": 0.06,
    "constant_column": 0.06,
    "id_column": 0.04,
}
"""Facts about one column weigh less than the faintest relation."""
LEAST = 0.25
SAME_KIND = 0.88
SAME_COLUMN = 0.9
EXPLAINED = 0.3


def score(
    candidate: Candidate,
    *,
    share: float | None = None,
    target: str | None = None,
    context: str | None = None,
) -> float:
    """Return impact x effect x evidence, weighted by kind.

    Parameters
    ----------
    share
        Share of the variance of a column that the finding explains, which holds both
        how large it is and how many rows it concerns; where it is not known, the effect
        and the impact say it.
    target, context
        Column to explain, and words of the user: findings about them rank higher.
    """
    if share is not None and candidate.aspect != "share":
        size = math.sqrt(min(1.0, max(0.0, share)))
    else:
        impact = 0.5 + 0.5 * min(1.0, max(0.0, candidate.impact or 0.0))
        size = strength(candidate) * impact
    points = WEIGHTS.get(candidate.kind, 0.5) * (LEAST + (1 - LEAST) * math.sqrt(size))
    points *= _evidence(candidate.p_value)
    if target is not None and target in candidate.columns:
        points *= 1.5
    if context and _mentioned(candidate, context):
        points *= 1.25
    return points


def strength(candidate: Candidate) -> float:
    """Return the effect on a scale of 0 to 1 that is comparable between kinds."""
    effect = abs(candidate.effect or 0.0)
    match candidate.effect_name:
        case "omega_squared" | "partial_eta_squared" | "eta_squared" | "r_squared":
            return min(1.0, math.sqrt(effect))
        case "cohens_d":
            part = candidate.impact or 0.0
            spread = effect * math.sqrt(max(part * (1 - part), 0.02))
            return min(1.0, 2 * spread / math.sqrt(spread * spread + 1))
        case "relative_change":
            return effect / (effect + 0.5)
        case "robust_z" | "z":
            return effect / (effect + 12)
        case "skewness":
            return effect / (effect + 4)
        case "share_beyond":
            return 0.5
        case "distinct_values":
            return 1.0
        case "odds_ratio" | "ratio" | "factor" | "sd_ratio":
            size = abs(math.log(effect)) if effect > 0 else 1.0
            return size / (size + 1)
        case "share_of_total":
            # Many rows make a large share; what they carry beyond it is the finding.
            usual = float(candidate.facts.get("row_share", 0.0))
            return max(0.1, (effect - usual) / (1 - usual)) if usual < 1 else 0.1
        case _:
            return min(1.0, effect)


def arrange(
    candidates: Sequence[Candidate],
    scores: Sequence[float],
    explained: dict[int, int],
    context: Collection[str | None] = (),
) -> list[tuple[int, float]]:
    """Return places in order with final scores; repetition costs points.

    A finding loses with each one above it of its kind or about its columns (those of the
    context apart: the target, and time), and ranks below what explains it.
    """
    left = {i: s * (EXPLAINED if i in explained else 1.0) for i, s in enumerate(scores)}
    kinds: Counter[str] = Counter()
    columns: Counter[str] = Counter()
    order: list[tuple[int, float]] = []
    last = math.inf

    def final(i: int) -> float:
        c = candidates[i]
        repeated = sum(columns[name] for name in c.columns if name not in context)
        return left[i] * SAME_KIND ** kinds[c.kind] * SAME_COLUMN**repeated

    while left:
        best = max(left, key=lambda i: (final(i), -i))
        points = min(final(best), last)
        last = points
        del left[best]
        kinds[candidates[best].kind] += 1
        columns.update(candidates[best].columns)
        order.append((best, points))
    return order


def severity(candidate: Candidate, points: float) -> str:
    """Return info, notable or important."""
    if candidate.kind in ("leakage", "unit_mixup", "duplicate_rows", "quality_break"):
        return "important"
    return "notable" if points >= 0.3 else "info"


def _evidence(p: float | None) -> float:
    if p is None:
        return 0.6
    return 0.4 + 0.6 * min(1.0, -math.log10(max(p, 1e-12)) / 12)


def _mentioned(candidate: Candidate, context: str) -> bool:
    text = context.casefold()
    return any(len(c) > 2 and c.casefold() in text for c in candidate.columns)
