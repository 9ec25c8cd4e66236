"""What the stages of a run share, and what each of them leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.errors import DspError
from dsp.events import PipelineStage
from dsp.records import RunRow, StageRow

if TYPE_CHECKING:
    from dsp.checks import Rules
    from dsp.engine import DuckEngine, Store
    from dsp.events import Tick
    from dsp.models import AutoMLEngine
    from dsp.settings import PipelineConfig
    from dsp.sources import Located


@dataclass(slots=True)
class Context:
    """What stages share: settings, engine, store, and the row of the run.

    `figures` are aggregates of ``raw.data`` by their SQL, as far as this process has
    measured them: the next stage need not scan for them again.
    """

    config: PipelineConfig
    located: Located
    engine: DuckEngine
    store: Store
    folder: Path
    run: RunRow
    tick: Tick
    models: AutoMLEngine | None = None
    rules: Rules | None = None
    references: dict[str, Any] | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Rows of ``clean.data``, once it is there; cleaning may have dropped some."""
        stages = {row.stage: row for row in self.store.read(StageRow)}
        cleaned = stages.get(PipelineStage.PROCESSING.value)
        known = cleaned.n_rows_out if cleaned else None
        return self.run.n_rows if known is None else known


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stage leaves: records to store and how it went.

    Attributes
    ----------
    records
        Written together with the stage's own row, in one transaction.
    tables
        Arrow tables by the record type of their columns.
    statements
        SQL to execute after them.
    run
        The row of the run, when the stage learnt something about it.
    stop
        Why the run ends here, with what is stored kept.
    """

    message: str
    records: list[object] = field(default_factory=list)
    tables: dict[type, Any] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
    n_rows_in: int | None = None
    n_rows_out: int | None = None
    run: RunRow | None = None
    skipped: bool = False
    stop: DspError | None = None


Stage = Callable[[Context], Outcome]
