"""The model section: models compared, what was left out, charts."""

from __future__ import annotations

from typing import Any

from dsp import numbers
from dsp.dashboard.content import Content, as_list
from dsp.dashboard.marks import clean, cut, mark
from dsp.dashboard.sections.explore import chart_card
from dsp.records import ModelRow
from dsp.units import metric_name


def model(content: Content) -> dict[str, Any]:
    """Return the comparison of models, the charts and what was left out."""
    best = next((m for m in content.models if m.is_best), None)
    shown = [c for c in content.charts if c.section == "model"]
    charts = [chart_card(content, c) for c in shown if content.chart(c.chart_id)]
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
