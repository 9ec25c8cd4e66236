"""Runs every detector over one scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsp.detectors.base import FAULTS, RELATIONS, Candidate, Detected, Found
from dsp.detectors.scene import Scene
from dsp.engine import engine_for
from dsp.engine.arrays import one_blas_thread
from dsp.errors import CancelledError, DspError
from dsp.events import PipelineStage, Tick, no_tick
from dsp.records import Association, CheckResult, ColumnProfile, Problem, RepeatedRows
from dsp.registry import plugins

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

ALPHA = 0.05
MAX_QUIET = 20


class PatternDetector:
    """Finds candidate findings in sufficient statistics, with every test counted.

    Parameters
    ----------
    engine
        The engine of the table; found from the table when None.

    Examples
    --------
    >>> import ibis
    >>> from dsp.statistics import StatisticsEngine
    >>> t = ibis.memtable({"x": list(range(60)), "y": [2 * i + i % 7 for i in range(60)]})
    >>> profile = StatisticsEngine().profile(t, target="y")  # doctest: +SKIP
    >>> found = PatternDetector().detect(t, profile.columns, target="y")  # doctest: +SKIP
    >>> found.candidates[0].kind  # doctest: +SKIP
    'driver'
    """

    def __init__(self, engine: DuckEngine | None = None) -> None:
        self.engine = engine

    def detect(
        self,
        table: Any,
        columns: Sequence[ColumnProfile],
        *,
        target: str | None = None,
        time: str | None = None,
        checks: Sequence[CheckResult] = (),
        associations: Sequence[Association] = (),
        repeated: RepeatedRows | None = None,
        tick: Tick = no_tick,
    ) -> Detected:
        """Return candidate findings about a table.

        Parameters
        ----------
        table
            The clean data, an `ibis.Table`.
        columns
            Its profiles; roles and families decide what is tested.
        target, time
            The column to explain and the column of dates (else the one with that role).
        checks
            Outcomes of checks, for facts such as copied rows.
        associations
            Known relations; they only order the columns where there are too many.
        repeated
            How many rows equal another, where that has been counted.
        """
        engine = self.engine or engine_for(table)
        scene = Scene(
            engine,
            table,
            columns,
            target=target,
            time=time,
            checks=checks,
            associations=associations,
            repeated=repeated,
        )
        if scene.n_rows < 2:
            return Detected()
        found: dict[str, Found] = {}
        problems: list[Problem] = []
        room = _ordered(plugins("detectors"))
        is_repaired = False
        for i, (name, detector) in enumerate(room.items()):
            tick(i, len(room), unit="detectors", message=name)
            if not is_repaired and _phase(detector) != FAULTS:
                scene.repair([r for f in found.values() for r in f.repairs])
                is_repaired = True
            try:
                with one_blas_thread():
                    found[name] = detector.detect(scene)
            except CancelledError:
                raise
            except (
                DspError,
                ArithmeticError,
                ValueError,
                TypeError,
                LookupError,
            ) as error:
                problems.append(_problem(name, error))
        n_tests = sum(f.n_tests for f in found.values()) + scene.n_left_out
        candidates = [
            replace(c, detector=name) for name, f in found.items() for c in f.candidates
        ]
        kept = _keep(candidates, n_tests)
        return Detected(
            candidates=tuple(kept),
            n_tests=n_tests,
            problems=tuple(problems),
            n_tests_of={name: f.n_tests for name, f in found.items()},
            frame=scene.frame,
            read=lambda text: engine.sql(text).to_pylist(),
        )


def _phase(detector: Any) -> str:
    return getattr(detector, "phase", RELATIONS)


def _ordered(room: Mapping[str, Any]) -> dict[str, Any]:
    """Return the detectors of faults first, each part in its order."""
    return dict(sorted(room.items(), key=lambda item: _phase(item[1]) != FAULTS))


def _keep(candidates: list[Candidate], n_tests: int) -> list[Candidate]:
    """Drop what cannot survive, except for a few quiet rows about the target."""
    loud = [c for c in candidates if _may_survive(c)]
    chosen = {id(c) for c in loud}
    quiet = [
        c
        for c in candidates
        if c.p_value is not None
        and id(c) not in chosen
        and c.p_value * max(n_tests, 1) > ALPHA
        and c.kind in ("driver", "trend", "seasonality", "correlation")
    ]
    quiet.sort(key=lambda c: (c.kind != "driver", c.p_value or 0.0, c.columns))
    return loud + quiet[:MAX_QUIET]


def _may_survive(candidate: Candidate) -> bool:
    p = candidate.p_value
    return p is None or (candidate.is_large and p < ALPHA)


def _problem(name: str, error: Exception) -> Problem:
    return Problem(
        problem_id=0,
        stage=PipelineStage.ANALYSIS.value,
        plugin=name,
        error=f"{type(error).__name__}: {error}",
        hint="the findings of the other detectors are complete",
    )
