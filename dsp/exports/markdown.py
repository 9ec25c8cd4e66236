"""A report in Markdown, for people who were not there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dsp.engine.store import Store
from dsp.exports.cells import appearing
from dsp.exports.chart_files import FOLDER, drawn_charts
from dsp.exports.insights.markdown_text import (
    MAX_SHOWN,
    faults,
    findings,
    headlines,
    next_steps,
    not_found,
)
from dsp.exports.marks import inline, table
from dsp.exports.options import DEFAULTS, ExportOptions
from dsp.numbers import counted, day, number, shape, share, written
from dsp.records import (
    CheckResult,
    ColumnProfile,
    DetectorTests,
    Figure,
    Importance,
    Insight,
    ModelRow,
    Problem,
    RunRow,
    Step,
)
from dsp.units import metric_name

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

MAX_CHECKS = 30
SEVERITIES = ("critical", "error", "warning", "info")


class MarkdownExport:
    """Writes ``report.md``: the report of the run, with the charts of its findings.

    The charts are SVG images in ``charts/`` beside it.
    """

    name = "markdown"
    takes_options = True

    def write(
        self, engine: DuckEngine, folder: Path, options: ExportOptions = DEFAULTS
    ) -> list[Path]:
        """Write the report and its charts and return their paths."""
        path = folder / "report.md"
        pictures = _drawn(engine, folder, options)
        shown = {key: f"{FOLDER}/{file.name}" for key, file in pictures.items()}
        with appearing(path) as unfinished:
            unfinished.write_text(render(engine, shown), encoding="utf-8")
        return [path, *pictures.values()]


plugin = MarkdownExport()


def _drawn(engine: DuckEngine, folder: Path, options: ExportOptions) -> dict[str, Path]:
    """Write the charts of the findings that are shown; return files by finding."""
    said = sorted((i for i in Store(engine).read(Insight) if i.is_said), key=_rank)
    wanted = {i.insight_id for i in said[:MAX_SHOWN]}
    found = {}
    drawn = drawn_charts(
        engine, options, wanted=lambda row: row.insight_id in wanted, title=False
    )
    for chart, svg in drawn:
        path = folder / FOLDER / f"{chart.name}.svg"
        with appearing(path) as unfinished:
            unfinished.write_bytes(svg.encode("utf-8", "replace"))
        found[str(chart.row.insight_id)] = path
    return found


def _rank(insight: Insight) -> int:
    return insight.rank


def render(engine: DuckEngine, pictures: Mapping[str, str] | None = None) -> str:
    """Return the report of a run: summary, findings, caveats, model, next steps.

    Every name and value from the data is escaped for Markdown and HTML.

    Parameters
    ----------
    engine
        The result database of a run.
    pictures
        Files of charts, by the id of their finding, as seen from the report.
    """
    store = Store(engine)
    runs = store.read(RunRow)
    insights = sorted(store.read(Insight), key=_rank)
    checks = store.read(CheckResult)
    models = store.read(ModelRow)
    run = runs[0] if runs else None
    columns = store.read(ColumnProfile)
    tests = store.read(DetectorTests)
    n_rows = run.n_rows if run else 0
    n_read = max((t.n_rows for t in tests), default=n_rows)
    changed, proposed = _cleaning(store.read(Step))
    caveats = [*faults(insights), *_caveats(run, checks, columns, n_read), *changed]
    lines = [
        f"# {inline(run.source_name if run else 'Analysis')}",
        "",
        *_summary(run, columns, insights, checks, models),
        *_figures(store.read(Figure)),
        *findings(insights, n_rows=n_rows, n_read=n_read, pictures=pictures),
        *not_found(insights, tests),
        "## About the data",
        "",
        *(caveats or ["No caveats: every check passed and nothing was changed."]),
        *proposed,
        "",
        *_model(models, store.read(Importance)),
        *_problems(store.read(Problem)),
        *next_steps(insights, checks),
        *_reproduce(run),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _summary(
    run: RunRow | None,
    columns: list[ColumnProfile],
    insights: list[Insight],
    checks: list[CheckResult],
    models: list[ModelRow],
) -> list[str]:
    if run is None:
        return []
    best = next((m for m in models if m.is_best and m.holdout is not None), None)
    closing = [_checked(checks)]
    if best is not None:
        metric = metric_name(best.metric)
        closing.append(
            f"Best model of {inline(best.target)}: {inline(best.name)}, {inline(metric)} "
            f"{number(best.holdout)} on "
            f"{counted(best.n_holdout, 'row')} it had not seen."
        )
    lines = [_about(run, columns), *headlines(insights), " ".join(closing)]
    context = [f"Context: {inline(run.context)}", ""] if run.context else []
    return ["## Executive summary", "", *(f"- {line}" for line in lines), "", *context]


def _about(run: RunRow, columns: list[ColumnProfile]) -> str:
    """Return what the data are: size, target and the time they cover."""
    text = f"{shape(run.n_rows, run.n_columns)}."
    if run.target:
        text += f" Target: {inline(run.target)}."
    time = next((c for c in columns if c.column_name == run.time_column), None)
    if time is not None and time.min_value and time.max_value:
        first, last = inline(day(time.min_value)), inline(day(time.max_value))
        text += f" Time: {inline(time.column_name)}, {first} to {last}."
    return text


def _checked(checks: list[CheckResult]) -> str:
    """Return how many checks failed, and apart from them what was only noted."""
    evaluated = [c for c in checks if c.outcome != "not_evaluated"]
    if not evaluated:
        return "The data were not checked."
    n_notes = sum(c.is_note for c in checks)
    noted = f" {counted(n_notes, 'note')} besides." if n_notes else ""
    n_failed = sum(c.is_failure for c in checks)
    return f"{n_failed} of {counted(len(evaluated), 'check')} of the data failed.{noted}"


def _figures(figures: list[Figure]) -> list[str]:
    if not figures:
        return []
    rows = [(f.label, figure_text(f)) for f in figures]
    return table(("figure", "value"), rows)


def figure_text(figure: Figure) -> str:
    """Return a figure as people read it."""
    if figure.text is not None:
        return figure.text
    return written(figure.value, figure.format)


def _caveats(
    run: RunRow | None,
    checks: list[CheckResult],
    columns: list[ColumnProfile],
    n_read: int,
) -> list[str]:
    """Return what to mind about the data: not read, failed, missing."""
    lines = []
    if run is not None and run.n_rejected:
        rejected = counted(run.n_rejected, "record")
        lines += [f"- {rejected} could not be read (table `raw.rejects`)"]
    if run is not None and 0 < n_read < run.n_rows:
        drawn = counted(n_read, "row")
        lines += [f"- findings were tested on a random sample of {drawn}"]
    failed = [c for c in checks if c.outcome == "failed"]
    failed.sort(key=lambda c: ((*SEVERITIES, c.severity)).index(c.severity))
    words = {c.severity: c.severity for c in failed} | {"info": "note"}
    lines += [
        f"- **{words[c.severity]}**: {inline(c.observed)}" for c in failed[:MAX_CHECKS]
    ]
    if len(failed) > MAX_CHECKS:
        lines.append(f"- and {len(failed) - MAX_CHECKS} more in table `checks`")
    gaps = sorted((c for c in columns if c.n_null), key=lambda c: -c.n_null)[:10]
    lines += [
        f"- {inline(c.column_name)}: {c.n_null:,} of {counted(c.n_rows, 'value')} "
        f"missing ({share(c.n_null / max(c.n_rows, 1))})"
        for c in gaps
    ]
    return lines


def _cleaning(steps: list[Step]) -> tuple[list[str], list[str]]:
    """Return what was changed, and what could be."""
    applied = [s for s in steps if s.status == "applied"]
    proposed = [s for s in steps if s.status == "proposed"]
    changed = [f"- changed: {inline(s.reason)}" for s in applied[:MAX_CHECKS]]
    lines = []
    if proposed:
        lines += ["", "Cleaning that could be asked for with `--transform`:", ""]
        lines += [
            f"- {inline(s.reason)}: {inline(s.setting)}" for s in proposed[:MAX_CHECKS]
        ]
        if len(proposed) > MAX_CHECKS:
            lines.append(f"- and {len(proposed) - MAX_CHECKS} more in table `steps`")
    return changed, lines


def _model(models: list[ModelRow], importances: list[Importance]) -> list[str]:
    if not models:
        return []
    rows = [
        (
            f"{m.name} (chosen)" if m.is_best else m.name,
            m.metric,
            number(m.cv_mean),
            number(m.holdout),
            m.n_train,
            m.n_holdout,
        )
        for m in models
    ]
    heads = ("model", "metric", "cross-validation", "hold-out", "rows", "held out")
    lines = [f"## Model of {inline(models[0].target)}", "", *table(heads, rows)]
    best = next((m for m in models if m.is_best), None)
    if best is not None:
        lines += [inline(best.note), ""]
        excluded = json.loads(best.excluded or "{}")
        named = excluded.items() if isinstance(excluded, dict) else ()
        lines += [f"- left out: {inline(name)} ({inline(why)})" for name, why in named]
    top = sorted(importances, key=lambda i: i.rank)[:10]
    if top:
        lines += ["", "What the model uses most (loss of the metric when shuffled):", ""]
        lines += table(
            ("column", "importance", "spread"),
            [(i.feature, number(i.mean), number(i.sd)) for i in top],
        )
    return lines


def _problems(problems: list[Problem]) -> list[str]:
    if not problems:
        return []
    lines = [f"- {inline(p.plugin)}: {inline(p.error)}" for p in problems[:MAX_CHECKS]]
    return ["## What could not be computed", "", *lines, ""]


def _reproduce(run: RunRow | None) -> list[str]:
    if run is None:
        return []
    return [
        "## Reproduce",
        "",
        (
            f"dsp {inline(run.version)}, seed {run.seed}, source "
            f"{inline(run.source_fingerprint)}. Every query above runs against "
            "`results.duckdb`."
        ),
        "",
    ]
