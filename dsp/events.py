"""What a run tells its listeners: stages, states and frozen event records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from dsp.numbers import printable


class PipelineStage(StrEnum):
    """The seven stages of a run, in order."""

    INITIALIZATION = "initialization"
    DATA_LOADING = "data_loading"
    VALIDATION = "validation"
    PROCESSING = "processing"
    ANALYSIS = "analysis"
    DASHBOARD_GENERATION = "dashboard_generation"
    FINALIZATION = "finalization"

    @property
    def position(self) -> int:
        """Place in the run, from 1 to 7."""
        return list(PipelineStage).index(self) + 1

    @property
    def label(self) -> str:
        """Words for people: ``data loading``."""
        return self.value.replace("_", " ")


class PipelineStatus(StrEnum):
    """The state of a run."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    FAILED_VALIDATION = "failed_validation"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PipelineProgress:
    """One thing that happened in a run.

    Attributes
    ----------
    stage
        The stage that speaks.
    state
        ``start``, ``progress``, ``done``, ``skipped``, ``warning`` or ``failed``.
    done, total
        Units finished and units in all. `total` is None when it is not known; progress
        is counted or read from the engine, never guessed.
    unit
        What is counted: ``rows``, ``columns``, ``checks``, ``fits``, ``fraction`` …
    message
        One short line for people.
    elapsed_ms
        Milliseconds since the run started.
    """

    stage: PipelineStage
    state: str
    done: float = 0.0
    total: float | None = None
    unit: str = ""
    message: str = ""
    elapsed_ms: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def fraction(self) -> float | None:
        """Share of the stage that is done (0-1), or None when unknown."""
        if self.state in ("done", "skipped"):
            return 1.0
        if not self.total:
            return None
        return min(1.0, max(0.0, self.done / self.total))

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            **asdict(self),
            "stage": self.stage.value,
            "n": self.stage.position,
            "of": len(PipelineStage),
            "fraction": self.fraction,
        }


Listener = Callable[[PipelineProgress], None]
"""Anything that takes a `PipelineProgress`."""

Tick = Callable[..., None]
"""How a room reports: ``tick(done, total, unit=…, message=…)``; raises when cancelled."""


def no_tick(
    done: float = 0, total: float | None = None, *, unit: str = "", message: str = ""
) -> None:
    """Report to nobody: the default for rooms that are used alone."""


VERBS = {
    PipelineStage.INITIALIZATION: "Opened",
    PipelineStage.DATA_LOADING: "Read",
    PipelineStage.VALIDATION: "Validated",
    PipelineStage.PROCESSING: "Cleaned",
    PipelineStage.ANALYSIS: "Analysed",
    PipelineStage.DASHBOARD_GENERATION: "Drawn",
    PipelineStage.FINALIZATION: "Finished",
}
WIDTH = 76
"""Characters of the line of a finished stage, without its time."""


class Lines:
    """A listener that writes one line for every finished stage.

    Parameters
    ----------
    write
        Takes a line.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._started: dict[PipelineStage, float] = {}

    def __call__(self, event: PipelineProgress) -> None:
        """Hear an event."""
        if event.state == "start":
            self._started[event.stage] = event.elapsed_ms
        elif event.state in ("done", "skipped"):
            began = self._started.get(event.stage, event.elapsed_ms)
            self._write(stage_line(event, event.elapsed_ms - began))
        elif event.state == "warning":
            self._write(f"  ! {printable(event.message)}")


def stage_line(event: PipelineProgress, elapsed_ms: float) -> str:
    """Return the line of a finished stage: what was done, with counts, and how long.

    Examples
    --------
    >>> event = PipelineProgress(PipelineStage.DATA_LOADING, "done", message="9 rows")
    >>> " ".join(stage_line(event, 234).split())
    'Read 9 rows 0.2 s'
    """
    verb = "Skipped" if event.state == "skipped" else VERBS[event.stage]
    message = printable(event.message)
    if event.state == "skipped":
        message = f"{event.stage.label}: {message}" if message else event.stage.label
    return f"{verb:<10} {message:<{WIDTH - 10}} {elapsed_ms / 1000:>6.1f} s"
