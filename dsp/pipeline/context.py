"""What the stages of a run share, and what each of them leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.records import RunRow

if TYPE_CHECKING:
    from dsp.engine import DuckEngine, Store
    from dsp.events import Tick
    from dsp.models import AutoMLEngine
    from dsp.settings import PipelineConfig
    from dsp.sources import Located


@dataclass(slots=True)
class Context:
    """What stages share: settings, engine, store, and the row of the run."""

    config: PipelineConfig
    located: Located
    engine: DuckEngine
    store: Store
    folder: Path
    run: RunRow
    tick: Tick
    models: AutoMLEngine | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stage leaves: records to store and how it went.

    Attributes
    ----------
    records
        Written together with the stage's own row, in one transaction.
    tables
        Arrow tables by the record type of their columns.
    run
        The row of the run, when the stage learnt something about it.
    """

    message: str
    records: list[object] = field(default_factory=list)
    tables: dict[type, Any] = field(default_factory=dict)
    n_rows_in: int | None = None
    n_rows_out: int | None = None
    run: RunRow | None = None
    skipped: bool = False


Stage = Callable[[Context], Outcome]


def count(n: int, word: str) -> str:
    """Return a number with its noun: ``1 row``, ``2 rows``."""
    return f"{n:,} {word}" if n == 1 else f"{n:,} {word}s"


def size_text(n_bytes: int) -> str:
    """Return a size with its unit: ``1.34 MB``."""
    size = float(n_bytes)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
