"""Rows that describe a run: when it begins, what it reports, whether it may go on."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dsp
from dsp.errors import DspError
from dsp.events import PipelineProgress, PipelineStage
from dsp.records import EventRow, RunRow, StageRow
from dsp.settings import PipelineConfig

if TYPE_CHECKING:
    from dsp.checks import Rules
    from dsp.engine import Store
    from dsp.sources import Loaded, Located


def new_run(config: PipelineConfig, located: Located, rules: Rules | None) -> RunRow:
    """Return the row of a run that begins."""
    settings = config.stored()
    if rules is not None:  # their text, so that a changed file is another run
        settings["rules"] = [repr(rule) for rule in rules]
    return RunRow(
        run_id=secrets.token_hex(16),
        status="running",
        version=dsp.__version__,
        source=located.source,
        source_name=located.name,
        source_format=located.format,
        source_files=tuple(located.files),
        source_bytes=located.n_bytes,
        source_fingerprint=located.fingerprint,
        read_decisions="{}",
        is_materialized=True,
        n_rows=0,
        n_columns=0,
        n_rejected=0,
        target=config.target_column,
        time_column=config.time_column,
        context=config.business_context,
        config=json.dumps(settings, sort_keys=True),
        seed=config.seed,
        engine=config.engine,
        started_at=datetime.now(UTC),
    )


def finished_run(
    located: Located,
    loaded: Loaded,
    *,
    config: Mapping[str, object],
    target: str | None,
    time: str | None,
    started: datetime,
    elapsed_ms: float | None,
    context: str | None = None,
) -> RunRow:
    """Return the row that makes the output of a single command a finished run."""
    return RunRow(
        run_id=secrets.token_hex(16),
        status="complete",
        version=dsp.__version__,
        source=located.source,
        source_name=located.name,
        source_format=located.format,
        source_files=tuple(located.files),
        source_bytes=located.n_bytes,
        source_fingerprint=located.fingerprint,
        read_decisions=json.dumps(loaded.decisions, sort_keys=True, default=str),
        is_materialized=loaded.is_materialized,
        n_rows=loaded.n_rows,
        n_columns=len(loaded.columns),
        n_rejected=loaded.n_rejected,
        target=target,
        time_column=time,
        context=context,
        config=json.dumps(config),
        seed=0,
        engine="duckdb",
        started_at=started,
        finished_at=datetime.now(UTC),
        elapsed_ms=elapsed_ms,
    )


def event_row(event: PipelineProgress) -> EventRow:
    """Return the row of an event."""
    return EventRow(
        event_id=event.stage.position,
        stage=event.stage.value,
        state=event.state,
        done=event.done,
        total=event.total,
        unit=event.unit,
        message=event.message,
        occurred_at=datetime.now(UTC),
    )


def earlier_run(store: Store, row: RunRow) -> tuple[RunRow, set[PipelineStage]] | None:
    """Return the row and finished stages of an unfinished run, if it is the same job.

    Loading is repeated unless it is finished: what it leaves half-done is replaced.
    """
    try:
        runs, stages = store.read(RunRow), store.read(StageRow)
    except DspError:
        return None
    same: Mapping[str, object] = {
        name: getattr(row, name)
        for name in ("version", "source", "source_fingerprint", "config", "engine")
    }
    if not runs or any(getattr(runs[0], name) != value for name, value in same.items()):
        return None
    done = {PipelineStage(stage.stage) for stage in stages}
    if PipelineStage.DATA_LOADING not in done:
        return None
    return runs[0], done
