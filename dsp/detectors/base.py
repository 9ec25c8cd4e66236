"""What detectors take and give: candidates, the protocol and the outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from dsp.records import Problem

if TYPE_CHECKING:
    from dsp.detectors.frame import Frame
    from dsp.detectors.scene import Scene
    from dsp.detectors.terms import Term

FAULTS = "faults"
"""Phase of detectors that run first: what they find would fake other findings."""
RELATIONS = "relations"


Rows = Sequence[Mapping[str, Any]]
"""Rows of an evidence query, by column."""


class Words(NamedTuple):
    """What is said about a finding, with the figures that were read for it."""

    title: str
    statement: str
    recommendation: str
    value: float | None = None
    baseline: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A finding before multiplicity control; the fields are those of `Insight`.

    Attributes
    ----------
    p_value
        None for facts, which are counted and not tested. Rows may be taken for
        independent: what holds is tested again with allowance for clusters.
    response, aspect, term
        What is moved, in which respect, and by what; findings that share a response
        compete. The aspect is ``mean``, ``spread``, ``missing`` or ``share`` (of the
        value `response_value`). None for findings that compete with no other in this
        way.
    lag
        Days by which the first column leads.
    is_large
        Whether the effect passes the practical limit of its kind.
    shape
        Shape of the evidence, which decides the chart (see ``dsp.insights.evidence``).
    say
        Makes the sentences from the rows of the evidence query: every figure in them is
        read there.
    facts
        Further figures and words for the sentences.
    detector
        Name of the detector; `PatternDetector` fills it in.
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
    lag: int | None = None
    response: str | None = None
    aspect: str = "mean"
    response_value: str | None = None
    term: Term | None = None
    say: Callable[[Candidate, Rows], Words] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    detector: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repair:
    """What a fault asks to do to the frame before relations are looked for.

    Attributes
    ----------
    drop_rows
        Mask of rows to leave out (copies).
    rescale
        Measure, mask of rows, and the factor to divide them by.
    drop_columns
        Columns to leave out (copies of the target).
    """

    drop_rows: Any = None
    rescale: tuple[str, Any, float] | None = None
    drop_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one detector returns: its candidates and how many tests it ran."""

    candidates: tuple[Candidate, ...] = ()
    n_tests: int = 0
    repairs: tuple[Repair, ...] = ()


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
    n_tests_of
        Tests that ran, by detector.
    frame
        The rows that were tested, repaired.
    read
        Runs an evidence query and returns its rows.
    """

    candidates: tuple[Candidate, ...] = ()
    n_tests: int = 0
    problems: tuple[Problem, ...] = ()
    n_tests_of: Mapping[str, int] = field(default_factory=dict)
    frame: Frame | None = None
    read: Callable[[str], Rows] | None = None


class Detector(Protocol):
    """A plug-in of this room.

    A detector with ``phase = FAULTS`` runs before the others, on the data as they are;
    its repairs are made before the others run.
    """

    name: str

    def detect(self, scene: Scene) -> Found:
        """Return what this detector sees in the data."""
        ...


def found(candidates: Iterable[Candidate], n_tests: int = 0) -> Found:
    """Return candidates worth keeping: facts, and tests that came near a finding."""
    kept = tuple(c for c in candidates if c.p_value is None or c.p_value < 1.0)
    return Found(candidates=kept, n_tests=n_tests)
