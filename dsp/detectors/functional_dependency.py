"""One dimension that decides another."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Any

from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.evidence_sql import text
from dsp.detectors.words import first, name, rows
from dsp.engine.duckdb_engine import quote
from dsp.inference.tails import normal_tails
from dsp.numbers import share

if TYPE_CHECKING:
    from dsp.detectors.frame import Dimension
    from dsp.detectors.scene import Scene

MIN_AGREEMENT = 0.975
MAX_MAJORITY = 0.9
MIN_ROWS = 50


class FunctionalDependency:
    """One column decides another, with few violations."""

    name = "functional_dependency"

    def detect(self, scene: Scene) -> Found:
        """Look at pairs of dimensions in both directions, and at what entities decide."""
        frame = scene.frame
        names = [column for column in frame.dimensions if column != scene.target]
        listed: list[Candidate] = []
        n_tests = 0
        for a, b in combinations(names, 2):
            n_tests += 2
            listed += _directions(scene, a, b, scene.gram.counts(a, b))
        for entity in frame.entities.values():
            for column in names:
                counts = _counts(entity, frame.dimensions[column])
                n_tests += 1
                if (agree(counts) or 0.0) >= MIN_AGREEMENT:
                    listed.append(dependency(scene, entity.name, column, counts))
        return found(listed, n_tests)


def _directions(scene: Scene, a: str, b: str, counts: Any) -> list[Candidate]:
    """Return what decides what: the column of more values first where both do."""
    there = (agree(counts) or 0.0) >= MIN_AGREEMENT
    back = (agree(counts.T) or 0.0) >= MIN_AGREEMENT
    if there:
        return [dependency(scene, a, b, counts, both=back)]
    return [dependency(scene, b, a, counts.T)] if back else []


def _counts(one: Dimension, two: Dimension) -> Any:
    import numpy as np

    use = (one.code >= 0) & (two.code >= 0)
    k = len(two.labels)
    cell = one.code[use] * k + two.code[use]
    counts = np.bincount(cell, minlength=len(one.labels) * k)
    return counts.reshape(len(one.labels), k).astype(float)


def agree(counts: Any) -> float | None:
    """Return the share of rows that the row value decides, or None when trivial."""
    total = float(counts.sum())
    if total < MIN_ROWS or counts.shape[1] < 2 or counts.shape[0] > total / 5:
        return None
    if float(counts.sum(axis=0).max()) / total > MAX_MAJORITY:
        return None
    return float(counts.max(axis=1).sum()) / total


def dependency(
    scene: Scene,
    a: str,
    b: str,
    counts: Any,
    *,
    kind: str = "functional_dependency",
    both: bool = False,
    target: str | None = None,
) -> Candidate:
    """Return the candidate that says that `a` decides `b`."""
    total = int(counts.sum())
    agreed = int(counts.max(axis=1).sum())
    usual = min(float(counts.sum(axis=0).max()) / total, 1 - 1e-9)
    z = (agreed / total - usual) / math.sqrt(usual * (1 - usual) / total)
    return Candidate(
        kind=kind,
        columns=(a, b),
        target=target,
        value=agreed / total,
        effect_name="agreement",
        effect=agreed / total,
        n_rows=total,
        impact=agreed / total,
        test="agreement against that of the most frequent value",
        statistic=z,
        p_value=normal_tails(max(z, 0.0)),
        evidence_sql=(
            "with pairs as (\n"
            f"    select {text(a)} as determinant,\n        {text(b)} as dependent,\n"
            f"        count(*) as n\n    from {scene.source}\n"
            f"    where {quote(a)} is not null and {quote(b)} is not null\n"
            "    group by all\n),\nbest as (\n"
            "    select max(n) as agreed, sum(n) as n\n    from pairs\n"
            "    group by determinant\n)\n"
            "select sum(agreed) / sum(n) as value,\n    cast(sum(n) as bigint) as "
            "n_rows,\n"
            "    cast(sum(n) - sum(agreed) as bigint) as n_violations\nfrom best"
        ),
        shape="fact",
        say=_say_leak if kind == "leakage" else _say,
        facts={"both": both},
    )


def _say(c: Candidate, found_rows: Rows) -> Words:
    a, b = name(c.columns[0]), name(c.columns[1])
    row = found_rows[0]
    n, violations = int(row["n_rows"]), int(row["n_violations"])
    how = "and the other way round" if c.facts["both"] else f"not {b} {a}"
    but = ""
    kept = f"in all of {rows(n)}"
    advice = f"Keep {a}; {b} adds nothing where {a} is known."
    if violations:
        but = f", but for {rows(violations)}"
        kept = f"in {share(row['value'])} of {rows(n)}; {rows(violations)} break it"
        advice = f"Look at the {rows(violations)} that break it: one of both is wrong."
    return Words(
        f"{first(a)} decides {b}{but}",
        f"{first(a)} decides {b} ({how}) {kept}.",
        advice,
        value=row["value"],
    )


def _say_leak(c: Candidate, found_rows: Rows) -> Words:
    a, b = name(c.columns[0]), name(c.columns[1])
    row = found_rows[0]
    return Words(
        f"{first(a)} gives {b} away: it decides it",
        f"{first(a)} decides {b} in {share(row['value'])} of {rows(int(row['n_rows']))}. "
        "A model that sees it only looks it up.",
        f"Leave {a} out of models of {b}, unless it is known beforehand.",
        value=row["value"],
    )


plugin = FunctionalDependency()
