"""Targets that are the sum or difference of other measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import significance as tests
from dsp.detectors.base import Candidate, Rows, Words
from dsp.detectors.words import first, name, rows
from dsp.numbers import MINUS
from dsp.numbers import correlation as written

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_R2 = 0.99
MAX_TERMS = 4
TOLERANCE = 0.15
MIN_BETA = 0.05
MIN_ROWS = 10
"""Rows for each measure in the regression."""
COPY = 0.995


def identity(scene: Scene, target: str) -> Candidate | None:
    """Return the finding that the target is about a sum of two to four measures.

    Measures whose factor in a regression on all measures is near one are added up; the
    plain sum must correlate with the target at 0.995 or more.
    """
    import numpy as np

    frame = scene.frame
    goal = frame.measures.get(target)
    if goal is None or goal.n < 2:
        return None
    others = [
        m
        for m in frame.measures.values()
        if m.name != target and bool((m.has >= goal.has).all())
    ]
    x = np.column_stack([m.x[goal.has] for m in (goal, *others)])
    # To their largest values, so that no square leaves the range of a double.
    size = np.maximum(np.abs(x).max(axis=0), 1e-300)
    x = x / size
    sd = x.std(axis=0)
    if len(others) < 2 or goal.n < MIN_ROWS * len(others) or not (sd > 0).all():
        return None
    r = np.corrcoef(x.T)
    if not np.isfinite(r).all():
        return None
    free = [i for i in range(1, len(sd)) if abs(r[0, i]) < COPY]
    if len(free) < 2:
        return None
    betas, _, rank, _ = np.linalg.lstsq(r[np.ix_(free, free)], r[free, 0], rcond=1e-9)
    if rank < len(free) or float(betas @ r[free, 0]) < MIN_R2:
        return None
    picked = []
    for i, beta in zip(free, betas, strict=True):
        factor = float(beta) * float(sd[0]) / float(sd[i])
        factor *= float(size[0]) / float(size[i])
        if abs(abs(factor) - 1) <= TOLERANCE and abs(beta) >= MIN_BETA:
            picked.append((factor, others[i - 1].name))
    if not 2 <= len(picked) <= MAX_TERMS:
        return None
    return _candidate(scene, target, sorted(picked, reverse=True))


def _candidate(
    scene: Scene, target: str, terms: list[tuple[float, str]]
) -> Candidate | None:
    listed = " ".join(
        f"{'+' if f > 0 else '-'} ({scene.value_sql(column)})" for f, column in terms
    )
    sql = (
        f"select corr({scene.value_sql(target)}, 0 {listed}) as value,\n"
        f"    count({scene.value_sql(target)} {listed}) as n_rows\nfrom {scene.source}"
    )
    ((found, n),) = scene.engine.rows(sql)
    value = found if found is not None else 0.0
    if value < COPY:
        return None
    # The sum of the engine may differ in its last digits from run to run.
    value = float(f"{value:.10g}")
    outcome = tests.correlation(n, value)
    return Candidate(
        kind="leakage",
        columns=(*(column for _, column in terms), target),
        target=target,
        effect_name="pearson_r",
        effect=value,
        n_rows=n,
        impact=1.0,
        test="Pearson correlation",
        statistic=outcome.statistic,
        p_value=outcome.p_value,
        evidence_sql=sql,
        shape="fact",
        say=_say,
        facts={"signs": [f > 0 for f, _ in terms]},
    )


def _say(c: Candidate, found: Rows) -> Words:
    terms = [name(x) for x in c.columns[:-1]]
    target, row = name(c.target), found[0]
    made = terms[0]
    for term, is_added in zip(terms[1:], c.facts["signs"][1:], strict=True):
        made += f" {'+' if is_added else MINUS} {term}"
    return Words(
        f"{first(target)} is about {made}",
        f"{first(target)} is about {made}: they correlate at {written(row['value'])} "
        f"over {rows(int(row['n_rows']))}. A model that sees all of them only does the "
        "sum.",
        f"Leave {terms[0]} out of models of {target}, unless it is known beforehand.",
        value=row["value"],
    )
