"""The last words of a run: what was found, what was written, what to do next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from dsp.cli.common import emit, options, say, shell_word, suggest
from dsp.result.words import files, findings, shown_path

if TYPE_CHECKING:
    from dsp.records import Insight, ModelRow
    from dsp.result import Run


def write_summary(run: Run) -> None:
    """Write the findings, the files and the next commands for people."""
    if options().quiet:
        return
    say()
    for line in findings(run):
        say(line)
    say()
    for line in files(run):
        say(line)
    say()
    place = shell_word(shown_path(run.path))
    opened = f"dsp open {place}" if run.dashboard else f"dsp show {place}"
    suggest(opened, f'dsp query {place} "from insights"')


def write_paths(run: Run) -> None:
    """Write the paths of dashboard and results to standard output, one a line."""
    if run.dashboard is not None:
        click.echo(shown_path(run.dashboard))
    click.echo(shown_path(run.database))


def emit_run(run: Run) -> None:
    """Write the run as one JSON document (``dsp.analyze/1``)."""
    emit(summary(run))


def summary(run: Run) -> dict[str, Any]:
    """Return the run as plain values, as ``dsp analyze --json`` shows it."""
    row = run.record
    best = next((m for m in run.models if m.is_best), None)
    dashboard = None if run.dashboard is None else str(shown_path(run.dashboard))
    return {
        "schema": "dsp.analyze/1",
        "status": "ok",
        "rows": row.n_rows,
        "columns": row.n_columns,
        "outputs": {
            "folder": str(shown_path(run.path)),
            "dashboard": dashboard,
            "database": str(shown_path(run.database)),
        },
        "kpis": [
            {"id": f.figure_id, "label": f.label, "value": f.value, "text": f.text}
            for f in run.figures
        ],
        "insights": [_insight(i) for i in run.insights],
        "quality": _quality(run),
        "model": None if best is None else _model(best),
        "timings": {s.stage: s.elapsed_ms for s in run.stages},
        "problems": [
            {"stage": p.stage, "plugin": p.plugin, "error": p.error, "hint": p.hint}
            for p in run.problems
        ],
    }


def _insight(insight: Insight) -> dict[str, Any]:
    return {
        "id": insight.insight_id,
        "kind": insight.kind,
        "title": insight.title,
        "statement": insight.statement,
        "effect_name": insight.effect_name,
        "effect": insight.effect,
        "ci": [insight.effect_low, insight.effect_high],
        "p_adj": insight.q_value,
        "n": insight.n_rows,
        "recommendation": insight.recommendation,
        "sql": insight.evidence_sql,
    }


def _quality(run: Run) -> dict[str, Any]:
    failed = [c for c in run.checks if c.outcome == "failed"]
    errors = sum(c.severity in ("error", "critical") for c in failed)
    notes = sum(c.is_note for c in failed)
    return {
        "score": run.quality,
        "checks": len(run.checks),
        "errors": errors,
        "warnings": len(failed) - errors - notes,
        "notes": notes,
        "findings": [
            {"check": c.check_id, "severity": c.severity, "observed": c.observed}
            for c in failed
        ],
    }


def _model(best: ModelRow) -> dict[str, Any]:
    return {
        "name": best.name,
        "task": best.task,
        "target": best.target,
        "metric": best.metric,
        "cv": best.cv_mean,
        "holdout": best.holdout,
        "holdout_ci": [best.holdout_low, best.holdout_high],
        "note": best.note,
        "params": json.loads(best.params or "{}"),
    }
