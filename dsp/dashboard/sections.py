"""What each section of the page says, in words and marks."""

from __future__ import annotations

import shlex
from typing import Any

from dsp import numbers
from dsp.dashboard.content import Content, as_list
from dsp.dashboard.figures import SHOWN, metric_name
from dsp.dashboard.findings import insight_card
from dsp.dashboard.marks import clean, counted, cut, mark
from dsp.records import ChartRow, CheckResult, Figure, ModelRow

TABLE_ROWS = 120
FAULTS = ("leakage", "functional_dependency", "duplicate_rows", "missing_values")
"""Kinds that speak of the data, not of its subject: never the headline, if others are."""


def summary(content: Content) -> dict[str, Any]:
    """Return headline, lead and cards."""
    stories = [i for i in content.asserted if i.kind not in FAULTS]
    if content.asserted:
        i = (stories or content.asserted)[0]
        headline = mark(
            i.title.rstrip(".") + ".", i.title, "insights", "title", i.insight_id
        )
    else:
        headline = (
            "Nothing in these data stands out beyond what chance would bring."
            if content.columns and _number(content, "rows")
            else "The data hold no rows, so there is nothing to analyse."
        )
    cards = [_card(f) for f in _cards(content)]
    return {"headline": headline, "lead": _lead(content), "cards": cards}


def explore(content: Content) -> list[dict[str, Any]]:
    """Return the charts of the section with their tables."""
    shown = [
        c for c in content.charts if c.section == "explore" and content.chart(c.chart_id)
    ]
    # One wide chart leads: the trend, or the distribution where there is no time.
    lead = next((c for c in shown if c.kind in ("trend", "histogram")), None)
    rest = sorted(
        (c for c in shown if c is not lead), key=lambda c: c.kind == "histogram"
    )
    found = [_chart(content, c) for c in ([lead] if lead else []) + rest]
    if lead is not None:
        found[0]["class"] = "s8"
    return found


def insights(content: Content) -> list[dict[str, Any]]:
    """Return the cards of the insights that are claimed."""
    return [insight_card(content, i) for i in content.asserted]


def quality(content: Content) -> dict[str, Any]:
    """Return score, dimensions, missing values and findings."""
    order = {"failed": 0, "not_evaluated": 2}
    weight = {"critical": 0, "error": 1, "warning": 2, "info": 3}
    checks = sorted(
        content.checks,
        key=lambda c: (
            order.get(c.outcome, 1) if c.outcome != "passed" else 3,
            weight.get(c.severity, 4),
            -c.failed_fraction,
        ),
    )
    lost = sorted((m for m in content.missing if m[1]), key=lambda m: -m[2])[:12]
    figure = content.figures.get("quality")
    value = None if figure is None else figure.value
    return {
        "score": mark(numbers.score(value), value, "figures", "value", "quality"),
        "dimensions": [
            {
                "name": name.capitalize(),
                "class": "" if score >= 0.99 else " w",
                "width": f"{100 * score:.2f}",
                "share": mark(numbers.share(score), score, "quality", "score", name),
            }
            for name, score in content.quality
        ],
        "missing": [
            {
                "name": cut(name, 40),
                "full": clean(name),
                "width": f"{max(100 * fraction, 0.7):.2f}",
                "share": mark(
                    numbers.share(fraction), fraction, "missing", "fraction", name
                ),
            }
            for name, _, fraction in lost
        ],
        "checks": [_check(c) for c in checks if c.outcome != "passed"][:60],
        "passed_checks": [_check(c) for c in checks if c.outcome == "passed"][:60],
        "is_checked": bool(checks),
        "passed": _count(content, "checks_passed"),
        "failed": _count(content, "checks_failed"),
        "noted": _count(content, "checks_noted"),
        "evaluated": _count(content, "checks", "check"),
    }


def model(content: Content) -> dict[str, Any]:
    """Return the comparison of models, the charts and what was left out."""
    best = next((m for m in content.models if m.is_best), None)
    shown = [c for c in content.charts if c.section == "model"]
    charts = [_chart(content, c) for c in shown if content.chart(c.chart_id)]
    if best is None:
        return {"absent": _why_no_model(content), "charts": charts}
    return {
        "absent": None,
        "target": cut(best.target, 60),
        "n_features": len(best.features),
        "metric": metric_name(best.metric),
        "rows": [_model_row(m) for m in content.models],
        "holdout": mark(
            numbers.metric(best.holdout), best.holdout, "models", "holdout", best.model_id
        ),
        "interval": _interval(best),
        "n_holdout": mark(
            numbers.count(best.n_holdout),
            best.n_holdout,
            "models",
            "n_holdout",
            best.model_id,
        ),
        "split": {
            "time": "rows, the newest",
            "random": "rows chosen at random",
            "stratified": "rows chosen at random within classes",
        }.get(best.split, best.split),
        "excluded": [
            (cut(name, 60), cut(reason, 160))
            for name, reason in as_list(best.excluded).items()
        ],
        "notes": [
            mark(clean(m.note), m.note, "models", "note", m.model_id)
            for m in content.models
            if m.note and m.is_best
        ],
        "charts": charts,
    }


def reproduce(content: Content, *, is_fixed: bool) -> dict[str, Any]:
    """Return command, query and facts of the run."""
    run = content.run
    if run is None:
        return {"command": "", "facts": []}
    source = run.source.replace("\\", "/").rpartition("/")[2] or run.source_name
    command = ["dsp", "analyze", source]
    if run.target:
        command += ["--target", run.target]
    if run.seed:
        command += ["--seed", str(run.seed)]
    elapsed = sum(s.elapsed_ms or 0 for s in content.stages)
    facts = [
        ("Source", cut(run.source_name, 80)),
        (
            "Fingerprint",
            mark(
                "sha256 " + run.source_fingerprint[:16] + "…",
                run.source_fingerprint,
                "runs",
                "source_fingerprint",
            ),
        ),
        (
            "Size",
            mark(
                numbers.size(run.source_bytes), run.source_bytes, "runs", "source_bytes"
            ),
        ),
        ("Version", "dsp " + mark(run.version, run.version, "runs", "version")),
        ("Seed", mark(run.seed, run.seed, "runs", "seed")),
    ]
    if elapsed and not is_fixed:
        facts.append(("Time", f"{numbers.seconds(elapsed)} up to this page"))
    return {"command": clean(shlex.join(command)), "facts": facts}


def _cards(content: Content) -> list[Figure]:
    shown = [f for f in content.figures.values() if f.position <= SHOWN]
    return sorted(shown, key=lambda f: f.position)


def _card(figure: Figure) -> dict[str, Any]:
    text = figure.text or numbers.written(figure.value, figure.format)
    return {
        "id": figure.figure_id,
        "label": cut(figure.label, 60),
        "value": mark(text, figure.value, "figures", "value", figure.figure_id),
        "exact": "" if figure.value is None else f"{figure.value:,.12g}",
    }


def _number(content: Content, figure_id: str) -> float | None:
    figure = content.figures.get(figure_id)
    return None if figure is None else figure.value


def _count(content: Content, figure_id: str, noun: str = "") -> Any:
    value = _number(content, figure_id)
    if noun:
        return counted(value, noun, "figures", "value", figure_id)
    return mark(numbers.count(value), value, "figures", "value", figure_id)


def _lead(content: Content) -> Any:
    from markupsafe import Markup

    parts = []
    run = content.run
    if run is not None:
        rows = counted(run.n_rows, "row", "runs", "n_rows")
        wide = counted(run.n_columns, "column", "runs", "n_columns")
        time = next(
            (c for c in content.columns if c.column_name == run.time_column), None
        )
        span = ""
        if time is not None and time.min_value and time.max_value:
            span = Markup(" from {} to {}").format(
                *(
                    mark(
                        numbers.day(getattr(time, end)),
                        getattr(time, end),
                        "columns",
                        end,
                        time.column_name,
                    )
                    for end in ("min_value", "max_value")
                )
            )
        name = cut(run.source_name, 60)
        parts.append(Markup("{} holds {} and {}{}.").format(name, rows, wide, span))
    if content.checks:
        noted = Markup("")
        if _number(content, "checks_noted"):
            noted = Markup(", and {} noted something").format(
                _count(content, "checks_noted")
            )
        parts.append(
            Markup("{} of {} failed{}.").format(
                _count(content, "checks_failed"),
                _count(content, "checks", "data check"),
                noted,
            )
        )
    best = next((m for m in content.models if m.is_best), None)
    if best is not None and best.holdout is not None:
        parts.append(
            Markup("The best model of {} reaches {} {} on held-out rows.").format(
                cut(best.target, 60),
                metric_name(best.metric),
                mark(
                    numbers.metric(best.holdout),
                    best.holdout,
                    "models",
                    "holdout",
                    best.model_id,
                ),
            )
        )
    return Markup(" ").join(parts)


def _chart(content: Content, chart: ChartRow) -> dict[str, Any]:
    data = content.chart_rows[chart.chart_id]
    return {
        "id": chart.chart_id,
        "title": cut(chart.title, 90),
        "about": cut(chart.description, 240),
        "class": "s4",
        "kind": chart.kind,
        "sql": clean(chart.data_sql),
        "head": [_head(c) for c in data["columns"]],
        "rows": _table(chart.chart_id, data) if chart.section == "explore" else [],
    }


def _head(column: str) -> str:
    names = {"ts": "Period", "n_rows": "Rows", "label": "Value", "value": "Figure"}
    return names.get(column, column.capitalize())


def _table(chart_id: str, data: dict[str, Any]) -> list[list[Any]]:
    found = []
    for place, row in enumerate(data["rows"][:TABLE_ROWS]):
        cells = []
        for column, value in zip(data["columns"], row, strict=True):
            if column == "ts" and value is not None:
                text: Any = _period(value)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                written = numbers.count if isinstance(value, int) else numbers.amount
                text = mark(
                    written(value), value, "charts", column, f"{chart_id}#{place}"
                )
            else:
                text = numbers.NOTHING if value is None else cut(value, 60)
            cells.append(text)
        found.append(cells)
    return found


def _period(milliseconds: int) -> str:
    from datetime import UTC, datetime, timedelta

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    if moment.hour or moment.minute:
        return numbers.moment(moment)
    return numbers.day(moment.date())


def _check(check: CheckResult) -> dict[str, Any]:
    words = {
        "critical": "Critical",
        "error": "Error",
        "warning": "Warning",
        "info": "Note",
    }
    if check.outcome == "passed":
        look = ("ok", "ok", "Passed")
    elif check.outcome == "not_evaluated":
        look = ("info", "x", "Not checked")
    else:
        is_bad = check.severity in ("critical", "error")
        kind = "bad" if is_bad else "warn"
        look = ("info", "bad", "") if check.severity == "info" else (kind, kind, "")
    seen = check.reason if check.outcome == "not_evaluated" else check.observed
    column = "reason" if check.outcome == "not_evaluated" else "observed"
    key = check.check_id
    return {
        "class": look[0],
        "icon": look[1],
        "result": look[2] or words.get(check.severity, check.severity),
        "name": cut(check.name, 60),
        "columns": [cut(c, 40) for c in check.columns[:3]],
        "more": max(0, len(check.columns) - 3),
        "text": mark(cut(seen or "", 300), seen, "checks", column, key),
        "n": mark(
            numbers.count(check.n_failed), check.n_failed, "checks", "n_failed", key
        ),
        "share": mark(
            numbers.share(check.failed_fraction),
            check.failed_fraction,
            "checks",
            "failed_fraction",
            key,
        ),
        "action": cut(check.action, 160) if check.action else "–",
    }


def _model_row(model: ModelRow) -> dict[str, Any]:
    def cell(name: str) -> Any:
        value = getattr(model, name)
        return mark(numbers.metric(value), value, "models", name, model.model_id)

    return {
        "name": cut(model.name, 60),
        "best": model.is_best,
        "baseline": model.is_baseline and "baseline" not in model.name.lower(),
        "cv": cell("cv_mean"),
        "sd": cell("cv_sd"),
        "holdout": cell("holdout"),
    }


def _interval(model: ModelRow) -> Any:
    from markupsafe import Markup

    if model.holdout_low is None or model.holdout_high is None:
        return ""
    return Markup(" ({} to {} for as many new rows)").format(
        *(
            mark(
                numbers.metric(getattr(model, name)),
                getattr(model, name),
                "models",
                name,
                model.model_id,
            )
            for name in ("holdout_low", "holdout_high")
        )
    )


def _why_no_model(content: Content) -> str:
    if content.target is None:
        return "No target column was named, so no model was fitted."
    problem = next((p for p in content.problems if p.plugin.startswith("models")), None)
    if problem is not None:
        return f"No model was fitted: {cut(problem.error, 200)}."
    analysis = next((s for s in content.stages if s.stage == "analysis"), None)
    said = "" if analysis is None else analysis.message.partition("; ")[2]
    return f"No model was fitted: {cut(said, 200)}." if said else "No model was fitted."
