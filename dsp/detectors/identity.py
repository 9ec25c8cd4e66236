"""Targets that are the sum or difference of other measures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dsp.detectors import significance as tests
from dsp.detectors.base import Candidate

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_R2 = 0.99
MAX_TERMS = 4
TOLERANCE = 0.15
MIN_BETA = 0.05
MIN_ROWS = 10
"""Rows for each measure in the regression."""


def identity(scene: Scene, target: str) -> Candidate | None:
    """Return the finding that the target is about a sum of two to four measures.

    Measures whose factor in a regression on all measures is near one are added up; the
    plain sum must correlate with the target at 0.995 or more.
    """
    import numpy as np

    names = [n for n in scene.numbers if n != target and n in _complete(scene, target)]
    if len(names) < 2 or scene.moments[target].n < MIN_ROWS * len(names):
        return None
    size = [target, *names]
    r = np.eye(len(size))
    for i, a in enumerate(size):
        for j, b in enumerate(size):
            if i != j:
                pair = (a, b) if (a, b) in scene.correlations else (b, a)
                r[i, j] = scene.correlations[pair][1]
    betas, _, rank, _ = np.linalg.lstsq(r[1:, 1:], r[1:, 0], rcond=1e-9)
    if rank < len(names) or float(betas @ r[1:, 0]) < MIN_R2:
        return None
    sd = [math.sqrt(scene.moments[name].var) for name in size]
    factors = [float(b) * sd[0] / s for b, s in zip(betas, sd[1:], strict=True)]
    picked = [
        i
        for i, (factor, beta) in enumerate(zip(factors, betas, strict=True))
        if abs(abs(factor) - 1) <= TOLERANCE and abs(beta) >= MIN_BETA
    ]
    if not 2 <= len(picked) <= MAX_TERMS:
        return None
    ordered = sorted(((factors[i], names[i]) for i in picked), reverse=True)
    return _candidate(scene, target, ordered)


def _candidate(
    scene: Scene, target: str, terms: list[tuple[float, str]]
) -> Candidate | None:
    listed = " ".join(
        f"{'+' if f > 0 else '-'} ({scene.value_sql(name)})" for f, name in terms
    )
    sql = (
        f"select corr({scene.value_sql(target)}, 0 {listed}) as value,\n"
        f"    count({scene.value_sql(target)} {listed}) as n_rows\nfrom {scene.source}"
    )
    ((found, n),) = scene.engine.rows(sql)
    # The sum of the engine may differ in its last digits from run to run.
    value = float(f"{found:.10g}") if found is not None else 0.0
    if value < 0.995:
        return None
    outcome = tests.correlation(n, value)
    return Candidate(
        kind="leakage",
        columns=(*(name for _, name in terms), target),
        target=target,
        value=value,
        effect_name="pearson_r",
        effect=value,
        n_rows=n,
        impact=1.0,
        test="Pearson correlation",
        statistic=outcome.statistic,
        p_value=outcome.p_value,
        evidence_sql=sql,
        shape="fact",
        facts={"form": "identity", "signs": [f > 0 for f, _ in terms]},
    )


def _complete(scene: Scene, target: str) -> set[str]:
    """Return the measures that have values wherever the target has."""
    n = scene.moments[target].n
    kept = set()
    for (a, b), (both, r) in scene.correlations.items():
        if target in (a, b) and both == n and abs(r) < 0.995:
            other = b if a == target else a
            if scene.moments[other].n == n and scene.moments[other].var > 0:
                kept.add(other)
    return kept
