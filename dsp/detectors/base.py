"""What detectors take and give: candidates, the protocol and the outcome."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from dsp.records import Problem

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A finding before multiplicity control; the fields are those of `Insight`.

    Attributes
    ----------
    p_value
        None for facts, which are counted and not tested.
    is_large
        Whether the effect passes the practical limit of its kind.
    shape
        Shape of the evidence: ``bars``, ``series``, ``relation``, ``share`` or ``fact``
        (see ``dsp.insights.evidence``).
    facts
        Further figures and words for the sentences.
    """

    kind: str
    columns: tuple[str, ...]
    evidence_sql: str
    shape: str
    n_rows: int
    target: str | None = None
    segment_column: str | None = None
    segment_value: str | None = None
    time_start: str | None = None
    time_end: str | None = None
    period: str | None = None
    direction: str | None = None
    baseline: float | None = None
    value: float | None = None
    effect_name: str | None = None
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    impact: float | None = None
    test: str | None = None
    unit: str = "row"
    statistic: float | None = None
    p_value: float | None = None
    is_large: bool = True
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one detector returns: its candidates and how many tests it ran."""

    candidates: tuple[Candidate, ...] = ()
    n_tests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """What all detectors found together.

    Attributes
    ----------
    candidates
        Findings with p < 0.05, and facts.
    n_tests
        Tests that ran, those that found nothing included.
    problems
        Detectors that could not do their work.
    """

    candidates: tuple[Candidate, ...] = ()
    n_tests: int = 0
    problems: tuple[Problem, ...] = ()


class Detector(Protocol):
    """A plug-in of this room."""

    name: str

    def detect(self, scene: Scene) -> Found:
        """Return what this detector sees in the data."""
        ...


def found(candidates: Iterable[Candidate], n_tests: int = 0) -> Found:
    """Return candidates worth keeping: facts, and tests that came near a finding."""
    kept = tuple(c for c in candidates if c.p_value is None or c.p_value < 1.0)
    return Found(candidates=kept, n_tests=n_tests)
