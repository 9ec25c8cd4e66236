"""A report in Markdown, for people who were not there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import escape as escape_html
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dsp.engine.store import Store
from dsp.exports.cells import appearing
from dsp.numbers import agreeing, counted, number, p_value, shape, written
from dsp.records import (
    CheckResult,
    ColumnProfile,
    Figure,
    Importance,
    Insight,
    ModelRow,
    Problem,
    RunRow,
    Step,
)

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

R = TypeVar("R")
MAX_INSIGHTS = 12
MAX_CHECKS = 30
SPECIAL = re.compile(r"([\\`*_\[\]|~#$])")
METRICS = {"r2": "R²", "roc_auc": "AUC"}
SEVERITIES = ("critical", "error", "warning", "info")


class MarkdownExport:
    """Writes ``report.md``, the same text as the report of the run."""

    name = "markdown"

    def write(self, engine: DuckEngine, folder: Path) -> list[Path]:
        """Write the report and return its path."""
        path = folder / "report.md"
        with appearing(path) as unfinished:
            unfinished.write_text(render(engine), encoding="utf-8")
        return [path]


plugin = MarkdownExport()


def render(engine: DuckEngine) -> str:
    """Return the report of a run: summary, findings, caveats, model, next steps.

    Every name and value from the data is escaped for Markdown and HTML.

    Parameters
    ----------
    engine
        The result database of a run.
    """
    store = Store(engine)
    runs = store.read(RunRow)
    insights = sorted(store.read(Insight), key=lambda row: row.rank)
    checks = store.read(CheckResult)
    models = store.read(ModelRow)
    run = runs[0] if runs else None
    lines = [
        f"# {inline(run.source_name if run else 'Analysis')}",
        "",
        *_summary(run, insights, checks, models),
        *_figures(store.read(Figure)),
        *_findings(insights),
        *_not_found(insights),
        *_caveats(run, checks, store.read(ColumnProfile), store.read(Step)),
        *_model(models, store.read(Importance)),
        *_problems(store.read(Problem)),
        *_next_steps(insights, checks),
        *_reproduce(run),
    ]
    return "\n".join(lines).rstrip() + "\n"


def inline(text: object, *, limit: int = 1_000) -> str:
    r"""Return text as one harmless piece of a Markdown line.

    Examples
    --------
    >>> inline("a|b <img> *x*")
    'a\\|b &lt;img&gt; \\*x\\*'
    """
    flat = " ".join("".join(_visible(str(text))).split())
    cut = flat if len(flat) <= limit else flat[: limit - 1] + "…"
    escaped = SPECIAL.sub(r"\\\1", escape_html(cut, quote=False))
    linkless = escaped.replace("://", "&#58;//").replace("www.", "www&#46;")
    return re.sub(r"^([-+]|\d+[.)])(?=\s|$)", r"&#8203;\1", linkless)


def _visible(text: str) -> Iterator[str]:
    for char in text:
        yield (
            char if char.isprintable() or char.isspace() else "\N{REPLACEMENT CHARACTER}"
        )


def _code(text: str) -> list[str]:
    """Return a fenced block that its content cannot close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}sql", text.strip(), fence]


def _table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    names = list(headings)
    body = [
        "| " + " | ".join(inline("–" if v is None else v, limit=300) for v in row) + " |"
        for row in rows
    ]
    head = "| " + " | ".join(names) + " |"
    return [head, "|" + " --- |" * len(names), *body, ""]


def _summary(
    run: RunRow | None,
    insights: list[Insight],
    checks: list[CheckResult],
    models: list[ModelRow],
) -> list[str]:
    if run is None:
        return []
    kept = [i for i in insights if i.asserted]
    target = f" Target: {inline(run.target)}." if run.target else ""
    sentences = [f"{shape(run.n_rows, run.n_columns)}.{target}"]
    if kept:
        sentences.append(f"**{inline(kept[0].title)}.**")
    else:
        sentences.append("No finding passed its test; see below what was tested.")
    sentences.append(_checked(checks))
    best = next((m for m in models if m.is_best), None)
    if best is not None and best.holdout is not None:
        metric = METRICS.get(best.metric, best.metric)
        sentences.append(
            f"Best model of {inline(best.target)}: {inline(best.name)}, {inline(metric)} "
            f"{number(best.holdout)} on "
            f"{counted(best.n_holdout, 'row')} it had not seen."
        )
    context = [f"Context: {inline(run.context)}", ""] if run.context else []
    return ["## Executive summary", "", " ".join(sentences), "", *context]


def _checked(checks: list[CheckResult]) -> str:
    """Return how many checks failed, and apart from them what was only noted."""
    evaluated = [c for c in checks if c.outcome != "not_evaluated"]
    n_notes = sum(c.is_note for c in checks)
    noted = f" {counted(n_notes, 'note')} besides." if n_notes else ""
    n_failed = sum(c.is_failure for c in checks)
    return f"{n_failed} of {counted(len(evaluated), 'check')} of the data failed.{noted}"


def _figures(figures: list[Figure]) -> list[str]:
    if not figures:
        return []
    rows = [(f.label, figure_text(f)) for f in figures]
    return _table(("figure", "value"), rows)


def figure_text(figure: Figure) -> str:
    """Return a figure as people read it."""
    if figure.text is not None:
        return figure.text
    return written(figure.value, figure.format)


def _findings(insights: list[Insight]) -> list[str]:
    kept = [i for i in insights if i.asserted]
    lines = ["## Findings", ""]
    if not kept:
        return [*lines, "None.", ""]
    for rank, insight in enumerate(kept[:MAX_INSIGHTS], start=1):
        lines += [f"### {rank}. {inline(insight.title)}", "", inline(insight.statement)]
        lines += ["", _evidence(insight), "", *_code(insight.evidence_sql), ""]
    if len(kept) > MAX_INSIGHTS:
        left = len(kept) - MAX_INSIGHTS
        lines += [f"{left} more {agreeing(left, 'is', 'are')} in table `insights`.", ""]
    return lines


def _evidence(insight: Insight) -> str:
    parts = [counted(insight.n_rows, "row")]
    if insight.effect is not None:
        shown = f"{insight.effect_name or 'effect'} {number(insight.effect)}"
        if insight.effect_low is not None and insight.effect_high is not None:
            low, high = number(insight.effect_low), number(insight.effect_high)
            shown += f" (95% CI {low} to {high})"
        parts.append(shown)
    if insight.q_value is not None:
        tests = counted(insight.n_tests, "test")
        q = p_value(insight.q_value, "q")
        parts.append(f"{q} over {tests} ({insight.correction})")
    return inline(f"Evidence: {'; '.join(parts)}.")


def _not_found(insights: list[Insight]) -> list[str]:
    dropped = [i for i in insights if not i.asserted]
    n_tests = max((i.n_tests for i in insights), default=0)
    lines = ["## Tested and not claimed", ""]
    if not dropped:
        return [*lines, f"Nothing else stood out in {counted(n_tests, 'test')}.", ""]
    lines += [
        f"{counted(len(dropped), 'candidate')} set aside: not passed, or explained:",
        "",
    ]
    lines += [f"- {inline(i.title)}" for i in dropped[:MAX_INSIGHTS]]
    if len(dropped) > MAX_INSIGHTS:
        lines.append(f"- and {len(dropped) - MAX_INSIGHTS} more")
    return [*lines, ""]


def _caveats(
    run: RunRow | None,
    checks: list[CheckResult],
    columns: list[ColumnProfile],
    steps: list[Step],
) -> list[str]:
    lines = ["## About the data", ""]
    if run is not None and run.n_rejected:
        rejected = counted(run.n_rejected, "record")
        lines += [f"- {rejected} could not be read (table `raw.rejects`)"]
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
        f"- {inline(c.column_name)}: {c.n_null:,} of {counted(c.n_rows, 'value')} missing"
        for c in gaps
    ]
    applied = [s for s in steps if s.status == "applied"]
    proposed = [s for s in steps if s.status == "proposed"]
    lines += [f"- changed: {inline(s.reason)}" for s in applied[:MAX_CHECKS]]
    if len(lines) == 2:
        lines.append("No caveats: every check passed and nothing was changed.")
    if proposed:
        lines += ["", "Cleaning that could be asked for with `--transform`:", ""]
        lines += [
            f"- {inline(s.reason)}: {inline(s.setting)}" for s in proposed[:MAX_CHECKS]
        ]
        if len(proposed) > MAX_CHECKS:
            lines.append(f"- and {len(proposed) - MAX_CHECKS} more in table `steps`")
    return [*lines, ""]


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
    lines = [f"## Model of {inline(models[0].target)}", "", *_table(heads, rows)]
    best = next((m for m in models if m.is_best), None)
    if best is not None:
        lines += [inline(best.note), ""]
        excluded = json.loads(best.excluded or "{}")
        named = excluded.items() if isinstance(excluded, dict) else ()
        lines += [f"- left out: {inline(name)} ({inline(why)})" for name, why in named]
    top = sorted(importances, key=lambda i: i.rank)[:10]
    if top:
        lines += ["", "What the model uses most (loss of the metric when shuffled):", ""]
        lines += _table(
            ("column", "importance", "spread"),
            [(i.feature, number(i.mean), number(i.sd)) for i in top],
        )
    return lines


def _problems(problems: list[Problem]) -> list[str]:
    if not problems:
        return []
    lines = [f"- {inline(p.plugin)}: {inline(p.error)}" for p in problems[:MAX_CHECKS]]
    return ["## What could not be computed", "", *lines, ""]


def _next_steps(insights: list[Insight], checks: list[CheckResult]) -> list[str]:
    steps = [i.recommendation for i in insights if i.asserted and i.recommendation]
    steps += [c.action for c in checks if c.outcome == "failed" and c.action]
    unique = list(dict.fromkeys(steps))[:MAX_INSIGHTS]
    if not unique:
        return []
    return ["## Next steps", "", *(f"- {inline(step)}" for step in unique), ""]


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
