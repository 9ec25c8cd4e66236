"""What each of the seven stages does; each returns its records and one line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dsp.errors import (
    ColumnNotFoundError,
    DspError,
    ValidationFailedError,
)
from dsp.events import PipelineStage
from dsp.numbers import counted, shape, size
from dsp.pipeline.analysis import analysis
from dsp.pipeline.context import Context, Outcome, Stage
from dsp.pipeline.processing import processing
from dsp.pipeline.workspace import FAILED_VALIDATION
from dsp.records import (
    Artifact,
    CheckResult,
    Insight,
    Problem,
)


def initialization(context: Context) -> Outcome:
    """Record what will be read and how."""
    located = context.located
    if context.models is not None:
        context.models.prepare()
    held = "" if located.n_bytes is None else f", {size(located.n_bytes)}"
    return Outcome(f"{located.format}{held}", run=context.run)


def data_loading(context: Context) -> Outcome:
    """Read the source into ``raw.data`` and look for the named columns."""
    from dsp.sources import DataReader

    config = context.config
    loaded = DataReader().load(
        context.located,
        context.engine,
        materialize=config.materialize,
        sample_size=config.sample_size,
        seed=config.seed,
        tick=context.tick,
    )
    for short in ("rejects", "lines"):
        context.engine.create(short, f"from raw.{short}", kind="view")
    # Here, because the database is cut off from all files after this stage.
    if config.validate_data:
        context.references = _references(context)
    where = context.located.name
    named = [config.target_column, config.time_column, *config.transforms.columns]
    if config.transforms.names == "keep":
        named += [_named(card, loaded.columns) for card in config.kpis]
        named += config.units
    for name in named:
        if name is not None and name not in loaded.columns:
            raise ColumnNotFoundError.of(name, loaded.columns, where=where)
    if not loaded.columns:
        raise DspError(f"{where} holds no columns", hint="give a file with a table in it")
    run = replace(
        context.run,
        read_decisions=json.dumps(loaded.decisions, sort_keys=True, default=str),
        is_materialized=loaded.is_materialized,
        n_rows=loaded.n_rows,
        n_columns=len(loaded.columns),
        n_rejected=loaded.n_rejected,
    )
    message = shape(loaded.n_rows, len(loaded.columns))
    if loaded.n_rejected:
        message += f", {counted(loaded.n_rejected, 'record')} could not be read"
    return Outcome(message, run=run, n_rows_out=loaded.n_rows)


def validation(context: Context) -> Outcome:
    """Check ``raw.data``; under strict validation a failed error stops the run."""
    from dsp.checks import DataValidator
    from dsp.engine import StoredTable

    if not context.config.validate_data:
        return Outcome("not asked for", skipped=True)
    result = DataValidator(context.engine).validate(
        StoredTable(context.engine, "data", "raw"),
        rules=context.rules,
        automatic=True,
        references=context.references or _references(context),
        target=context.config.target_column,
        time=context.config.time_column,
        tick=context.tick,
    )
    context.figures = result.figures
    failed = [r for r in result.results if r.outcome == "failed"]
    errors = result.failing("error")
    passed = sum(r.outcome == "passed" for r in result.results)
    warnings = sum(r.severity == "warning" for r in failed)
    notes = sum(r.severity == "info" for r in failed)
    message = (
        f"{counted(len(result.results), 'check')}: {passed} passed, "
        f"{counted(notes, 'note')}, {counted(warnings, 'warning')}, "
        f"{counted(len(errors), 'error')}"
    )
    outcome = Outcome(
        message,
        records=[*result.results, *result.failures, *result.problems],
        n_rows_in=context.run.n_rows,
    )
    if errors and context.config.strict_validation:
        return _stopped(context, outcome, errors)
    return outcome


def _references(context: Context) -> dict[str, Any]:
    """Return the other tables that rules compare with; those read once are there."""
    from dsp.pipeline.references import load_references

    return load_references(context.rules or (), context.engine, tick=context.tick)


def _named(card: str, columns: Sequence[str]) -> str:
    """Return the column that a card of the dashboard names, as ``cost:down`` does."""
    return card if card in columns else card.rpartition(":")[0] or card


def _stopped(
    context: Context, outcome: Outcome, errors: Sequence[CheckResult]
) -> Outcome:
    """Return what ends a run under strict validation, its checks kept."""
    now = datetime.now(UTC)
    started = context.run.started_at or now
    run = replace(
        context.run,
        status=FAILED_VALIDATION,
        finished_at=now,
        elapsed_ms=(now - started).total_seconds() * 1000,
    )
    listed = "; ".join(r.observed for r in errors[:3])
    error = ValidationFailedError(
        f"strict validation: {counted(len(errors), 'check')} failed: {listed}",
        hint="mend the data, or run without --strict-validation",
    )
    return replace(outcome, run=run, stop=error)


def dashboard_generation(context: Context) -> Outcome:
    """Build the cube, figures and charts that the page is drawn from."""
    from dsp.dashboard.building import CubeOptions, build_contents

    config = context.config
    if not config.generate_dashboard:
        return Outcome("not asked for", skipped=True)
    options = CubeOptions(
        kpis=config.kpis,
        units=config.units,
        min_cell=config.min_cell,
        redact=config.redact,
    )
    made = build_contents(context.store, options=options, tick=context.tick)
    return Outcome(
        f"{counted(made.n_figures, 'figure')}, {counted(made.n_charts, 'chart')}",
        records=made.records,
        tables=made.tables,
    )


def finalization(context: Context) -> Outcome:
    """Write every rendering of the tables, and list them with their checksums."""
    from dsp.dashboard import DashboardGenerator
    from dsp.exports import ExportOptions, export
    from dsp.exports.markdown import render

    config, engine, folder = context.config, context.engine, context.folder
    written: list[tuple[Path, str]] = []
    if config.generate_dashboard:
        page = DashboardGenerator(
            engine,
            title=config.dashboard_title,
            theme=config.dashboard_theme,
            brand=config.dashboard_brand,
            redact=config.redact,
            min_cell=config.min_cell,
        )
        written.append((page.generate(folder / "dashboard.html"), "dashboard"))
    context.tick(1, 3, unit="files")
    report = folder / "report.md"
    report.write_text(render(engine), encoding="utf-8")
    written.append((report, "report"))
    context.tick(2, 3, unit="files")
    if config.export_formats:
        options = ExportOptions(
            theme="dark" if config.dashboard_theme == "dark" else "light",
            tick=context.tick,
        )
        paths = export(engine, config.export_formats, folder / "export", options)
        written.extend((path, "export") for path in paths)
    summary = folder / "run.json"
    summary.write_text(_summary(context), encoding="utf-8")
    written.append((summary, "summary"))
    now = datetime.now(UTC)
    started = context.run.started_at or now
    records: list[object] = [
        Artifact(
            name=str(path.relative_to(folder)),
            kind=kind,
            n_bytes=path.stat().st_size,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            written_at=now,
        )
        for path, kind in written
    ]
    run = replace(
        context.run,
        status="complete",
        finished_at=now,
        elapsed_ms=(now - started).total_seconds() * 1000,
    )
    return Outcome(f"{counted(len(written), 'file')} written", records=records, run=run)


STAGES: dict[PipelineStage, Stage] = {
    PipelineStage.INITIALIZATION: initialization,
    PipelineStage.DATA_LOADING: data_loading,
    PipelineStage.VALIDATION: validation,
    PipelineStage.PROCESSING: processing,
    PipelineStage.ANALYSIS: analysis,
    PipelineStage.DASHBOARD_GENERATION: dashboard_generation,
    PipelineStage.FINALIZATION: finalization,
}


def _summary(context: Context) -> str:
    run = context.run
    kept = [i for i in context.store.read(Insight) if i.is_said]
    document = {
        "schema": "dsp.run/1",
        "run_id": run.run_id,
        "source": run.source_name,
        "n_rows": run.n_rows,
        "n_columns": run.n_columns,
        "target": run.target,
        "time_column": run.time_column,
        "version": run.version,
        "insights": [{"rank": i.rank, "kind": i.kind, "title": i.title} for i in kept],
        "problems": len(context.store.read(Problem)),
        "config": json.loads(run.config),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
