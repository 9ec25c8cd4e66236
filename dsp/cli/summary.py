"""The last words of a run: what was found, what was written, what to do next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dsp.cli.common import emit, options, printable, say, shell_word, suggest
from dsp.numbers import counted, metric, size

if TYPE_CHECKING:
    from dsp.records import CheckResult, Insight, ModelRow
    from dsp.result import Run

TOP = 3
LINE = 100


def write_summary(run: Run) -> None:
    """Write the findings, the files and the next commands for people."""
    if options().quiet:
        return
    say()
    for line in findings(run):
        say(line)
    say()
    _files(run)
    say()
    place = shell_word(shown_path(run.path))
    opened = f"dsp open {place}" if run.dashboard else f"dsp show {place}"
    suggest(opened, f'dsp query {place} "from insights"')


def findings(run: Run) -> list[str]:
    """Return the lines on what was found: insights, failed checks, model, problems."""
    lines = [f"  {_line(insight.title)}" for insight in run.insights[:TOP]]
    if not lines:
        lines = ["  No finding passed its test."]
    failed = [c for c in run.checks if c.is_failure]
    lines += [f"  ! {_line(c.observed)}" for c in sorted(failed, key=_severity)[:TOP]]
    place = shell_word(shown_path(run.path))
    if len(failed) > TOP:
        more = counted(len(failed) - TOP, "more failed check")
        lines.append(f"  ! {more}: dsp show {place} checks")
    best = next((m for m in run.models if m.is_best), None)
    if best is not None:
        lines.append(f"  {_line(model_line(best))}")
    n_problems = len(run.problems)
    if n_problems:
        parts = counted(n_problems, "part")
        lines.append(f"  ! {parts} could not be computed: dsp show {place} problems")
    return lines


def model_line(best: ModelRow) -> str:
    """Return the chosen model with its figure on rows that it had not seen."""
    if best.holdout is None:
        return f"{best.name}: {best.note}"
    name = {"r2": "R²", "roc_auc": "AUC"}.get(best.metric, best.metric)
    return (
        f"{best.name} predicts {best.target}: {name} {metric(best.holdout)} "
        f"on {counted(best.n_holdout, 'row')} held out"
    )


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


def shown_path(path: Path) -> Path:
    """Return a path as short as it can be: relative when it is below this folder."""
    folder = Path.cwd()
    return path.relative_to(folder) if path.is_relative_to(folder) else path


def _files(run: Run) -> None:
    files = [
        (run.dashboard, "dashboard, works offline"),
        (run.database, "results"),
        (run.path / "report.md", "report"),
    ]
    known = [(path, note) for path, note in files if path is not None and path.is_file()]
    width = max((len(str(shown_path(path))) for path, _ in known), default=0)
    for position, (path, note) in enumerate(known):
        head = "Wrote" if position == 0 else ""
        shown = size(path.stat().st_size)
        say(f"{head:<6} {shown_path(path)!s:<{width}}  {shown:>8}   {note}")


def _line(text: str) -> str:
    flat = printable(" ".join(text.split()))
    return flat if len(flat) <= LINE else flat[: LINE - 1] + "…"


def _severity(check: CheckResult) -> int:
    order = ["critical", "error", "warning", "info"]
    return order.index(check.severity) if check.severity in order else len(order)


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
