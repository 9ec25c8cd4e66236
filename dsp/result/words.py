"""The last words of a run, for a terminal and for a notebook: found, failed, written."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from dsp.numbers import counted, metric, printable, shape, size
from dsp.numbers import score as score_of
from dsp.result.plain import line
from dsp.units import metric_name

if TYPE_CHECKING:
    from dsp.records import CheckResult, ModelRow
    from dsp.result.run import Run

TOP = 3
LINE = 100
SEVERITIES = ("critical", "error", "warning", "info")


def summary_text(run: Run) -> str:
    """Return what a run has found and written, as ``dsp analyze`` says it."""
    row = run.record
    head = f"{line(row.source_name, LINE)}: {shape(row.n_rows, row.n_columns)}"
    if run.quality is not None:
        head += f", quality {score_of(run.quality)}"
    return printable("\n".join([head, "", *findings(run), "", *files(run)]))


def findings(run: Run) -> list[str]:
    """Return the lines on what was found: insights, failed checks, model, problems."""
    lines = [f"  {line(insight.title, LINE)}" for insight in run.insights[:TOP]]
    if not lines:
        lines = ["  No finding passed its test."]
    failed = sorted((c for c in run.checks if c.is_failure), key=by_severity)
    lines += [f"  ! {line(check.observed, LINE)}" for check in failed[:TOP]]
    place = shlex.quote(str(shown_path(run.path)))
    if len(failed) > TOP:
        more = counted(len(failed) - TOP, "more failed check")
        lines.append(f"  ! {more}: dsp show {place} checks")
    best = next((m for m in run.models if m.is_best), None)
    if best is not None:
        lines.append(f"  {line(model_line(best), LINE)}")
    n_problems = len(run.problems)
    if n_problems:
        parts = counted(n_problems, "part")
        lines.append(f"  ! {parts} could not be computed: dsp show {place} problems")
    return lines


def files(run: Run) -> list[str]:
    """Return the lines on what was written: dashboard, results, report."""
    written = [
        (run.dashboard, "dashboard, works offline"),
        (run.database, "results"),
        (run.path / "report.md", "report"),
    ]
    known = [
        (path, note) for path, note in written if path is not None and path.is_file()
    ]
    width = max((len(str(shown_path(path))) for path, _ in known), default=0)
    lines = []
    for position, (path, note) in enumerate(known):
        head = "Wrote" if position == 0 else ""
        shown = size(path.stat().st_size)
        lines.append(f"{head:<6} {shown_path(path)!s:<{width}}  {shown:>8}   {note}")
    return lines


def model_line(best: ModelRow) -> str:
    """Return the chosen model with its figure on rows that it had not seen."""
    if best.holdout is None:
        return f"{best.name}: {best.note}"
    return (
        f"{best.name} predicts {best.target}: {metric_name(best.metric)} "
        f"{metric(best.holdout)} on {counted(best.n_holdout, 'row')} held out"
    )


def by_severity(check: CheckResult) -> int:
    """Return the place of a check among others, the worst first."""
    known = check.severity in SEVERITIES
    return SEVERITIES.index(check.severity) if known else len(SEVERITIES)


def shown_path(path: Path) -> Path:
    """Return a path as short as it can be: relative when it is below this folder."""
    folder = Path.cwd()
    return path.relative_to(folder) if path.is_relative_to(folder) else path
