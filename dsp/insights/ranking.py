"""Scores, and the order in which findings are shown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from dsp.detectors import Candidate

WEIGHTS = {
    "leakage": 3.0,
    "duplicate_rows": 2.5,
    "driver": 1.0,
    "segment_outlier": 1.0,
    "change_point": 0.95,
    "trend": 0.9,
    "seasonality": 0.9,
    "point_anomaly": 0.8,
    "missing_dependent": 0.5,
    "correlation": 0.6,
    "association": 0.5,
    "dominance": 0.5,
    "functional_dependency": 0.45,
    "heavy_tail": 0.3,
    "outlier_values": 0.3,
    "missing_values": 0.3,
    "constant_column": 0.25,
    "id_column": 0.1,
}
SAME_KIND = 0.88
SAME_COLUMN = 0.9
EXPLAINED = 0.3


def score(
    candidate: Candidate, *, target: str | None = None, context: str | None = None
) -> float:
    """Return impact x effect x evidence, weighted by kind; facts have fixed evidence."""
    impact = 0.5 + 0.5 * min(1.0, max(0.0, candidate.impact or 0.0))
    points = WEIGHTS.get(candidate.kind, 0.3) * impact * strength(candidate)
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
        case "omega_squared" | "partial_eta_squared":
            return min(1.0, math.sqrt(effect))
        case "cohens_d":
            share = candidate.impact or 0.0
            spread = effect * math.sqrt(max(share * (1 - share), 0.02))
            return min(1.0, 2 * spread / math.sqrt(spread * spread + 1))
        case "relative_change":
            return effect / (effect + 0.5)
        case "robust_z":
            return effect / (effect + 12)
        case "skewness":
            return effect / (effect + 4)
        case "share_beyond":
            return 0.5
        case "distinct_values":
            return 1.0
        case "share_of_total":
            # Many rows make a large share; what they carry beyond it is the finding.
            usual = float(candidate.facts.get("row_share", 0.0))
            return max(0.1, (effect - usual) / (1 - usual))
        case _:
            return min(1.0, effect)


def arrange(
    candidates: Sequence[Candidate],
    scores: Sequence[float],
    explained: dict[int, int],
    target: str | None,
) -> list[tuple[int, float]]:
    """Return places in order with final scores; repetition costs points.

    A finding loses with each one above it of its kind or about its columns (the target
    apart), and ranks below what explains it.
    """
    left = {i: s * (EXPLAINED if i in explained else 1.0) for i, s in enumerate(scores)}
    kinds: Counter[str] = Counter()
    columns: Counter[str] = Counter()
    order: list[tuple[int, float]] = []
    last = math.inf

    def final(i: int) -> float:
        c = candidates[i]
        repeated = sum(columns[name] for name in c.columns if name != target)
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
    if candidate.kind in ("leakage", "duplicate_rows"):
        return "important"
    return "notable" if points >= 0.3 else "info"


def _evidence(p: float | None) -> float:
    if p is None:
        return 0.6
    return 0.4 + 0.6 * min(1.0, -math.log10(max(p, 1e-12)) / 12)


def _mentioned(candidate: Candidate, context: str) -> bool:
    text = context.casefold()
    return any(len(c) > 2 and c.casefold() in text for c in candidate.columns)
