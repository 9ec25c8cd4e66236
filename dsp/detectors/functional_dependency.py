"""One dimension that decides another."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

from dsp.detectors import significance as tests
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.evidence_sql import text
from dsp.detectors.scene import MAX_PAIRED
from dsp.engine.duckdb_engine import quote

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_AGREEMENT = 0.99
MAX_MAJORITY = 0.9
MIN_ROWS = 50


class FunctionalDependency:
    """One column decides another, with few violations."""

    name = "functional_dependency"

    def detect(self, scene: Scene) -> Found:
        """Look at pairs of dimensions, in both directions."""
        names = [c.column_name for c in scene.dimensions if c.column_name != scene.target]
        listed: list[Candidate] = []
        n_tests = 0
        for a, b in permutations(names[:MAX_PAIRED], 2):
            first = names.index(a) < names.index(b)
            left, right = (a, b) if first else (b, a)
            labels, others, counts = scene.table_of(left, right)
            counts = counts if first else counts.T
            outcome = tests.contingency(counts)
            if outcome is None:
                continue
            n_tests += 1
            del labels, others
            agreement = agree(counts)
            back = agree(counts.T)
            if agreement is None or agreement < MIN_AGREEMENT:
                continue
            if back is not None and back >= MIN_AGREEMENT and not first:
                continue
            listed.append(
                dependency(
                    scene,
                    a,
                    b,
                    counts,
                    outcome,
                    kind="functional_dependency",
                    both=back is not None and back >= MIN_AGREEMENT,
                )
            )
        return found(listed, n_tests)


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
    outcome: tests.Outcome,
    *,
    kind: str,
    both: bool,
    target: str | None = None,
) -> Candidate:
    """Return the candidate that says that `a` decides `b`."""
    total = int(counts.sum())
    agreed = int(counts.max(axis=1).sum())
    return Candidate(
        kind=kind,
        columns=(a, b),
        target=target,
        value=agreed / total,
        effect_name="agreement",
        effect=agreed / total,
        n_rows=total,
        impact=agreed / total,
        test="chi-squared",
        statistic=outcome.statistic,
        p_value=outcome.p_value,
        evidence_sql=(
            "with pairs as (\n"
            f"    select {text(a)} as determinant,\n        {text(b)} as dependent,\n"
            f"        count(*) as n\n    from {scene.source}\n"
            f"    where {quote(a)} is not null and {quote(b)} is not null\n"
            "    group by all\n),\nbest as (\n"
            "    select max(n) as agreed, sum(n) as n\n    from pairs\n"
            "    group by determinant\n)\n"
            "select sum(agreed) / sum(n) as value,\n    cast(sum(n) as bigint) as "
            "n_rows\n"
            "from best"
        ),
        shape="fact",
        facts={"form": "decides", "n_violations": total - agreed, "both": both},
    )


plugin = FunctionalDependency()
