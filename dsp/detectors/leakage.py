"""Columns that copy the target or decide it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import significance as tests
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.functional_dependency import agree, dependency
from dsp.detectors.identity import identity
from dsp.engine.duckdb_engine import quote

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_R = 0.995
MIN_AGREEMENT = 0.995


class Leakage:
    """A column copies the target or determines it."""

    name = "leakage"

    def detect(self, scene: Scene) -> Found:
        """Look for copies among measures and for deciding dimensions."""
        target, task = scene.target, scene.target_task
        if target is None or task is None:
            return Found()
        listed = [*_copies(scene, target)]
        n_tests = 0
        if task == "number" and target in scene.numbers:
            made_of = identity(scene, target)
            listed += [] if made_of is None else [made_of]
            n_tests += 1
        if task in ("event", "classes"):
            for profile in scene.dimensions:
                if profile.column_name == target:
                    continue
                _, _, counts = scene.table_of(profile.column_name, target)
                outcome = tests.contingency(counts)
                agreement = agree(counts)
                n_tests += outcome is not None
                if outcome is None or agreement is None or agreement < MIN_AGREEMENT:
                    continue
                listed.append(
                    dependency(
                        scene,
                        profile.column_name,
                        target,
                        counts,
                        outcome,
                        kind="leakage",
                        both=False,
                        target=target,
                    )
                )
        return found(listed, n_tests)


def _copies(scene: Scene, target: str) -> list[Candidate]:
    listed = []
    for (a, b), (n, r) in scene.correlations.items():
        if target not in (a, b) or abs(r) < MIN_R or n < 30:
            continue
        x = b if a == target else a
        outcome = tests.correlation(n, r)
        first, second = scene.value_sql(x), scene.value_sql(target)
        listed.append(
            Candidate(
                kind="leakage",
                columns=(x, target),
                target=target,
                value=r,
                effect_name="pearson_r",
                effect=r,
                n_rows=n,
                impact=1.0,
                test="Pearson correlation",
                statistic=outcome.statistic,
                p_value=outcome.p_value,
                evidence_sql=(
                    f"select corr({first}, {second}) as value,\n"
                    f"    count(*) filter ({quote(x)} is not null "
                    f"and {quote(target)} is not null) as n_rows\nfrom {scene.source}"
                ),
                shape="fact",
                facts={"form": "copies"},
            )
        )
    return listed


plugin = Leakage()
