"""The insight cards: kind, grade, sentences, evidence and chart of a finding."""

from __future__ import annotations

import json
from typing import Any

from dsp import numbers
from dsp.dashboard.content import Content
from dsp.dashboard.marks import clean, counted, cut, mark, sentence
from dsp.detectors.kinds import spoken
from dsp.insights.effects import effect_words
from dsp.records import ChartRow, Insight

KINDS = {
    "anomaly": ("anomaly", "Anomaly"),
    "point_anomaly": ("anomaly", "Anomaly"),
    "change_point": ("down", "Change of level"),
    "trend": ("exp", "Trend"),
    "seasonality": ("cal", "Seasonality"),
    "correlation": ("rel", "Relationship"),
    "driver": ("rel", "Driver"),
    "association": ("rel", "Association"),
    "dominance": ("conc", "Concentration"),
    "segment_outlier": ("mix", "Segment"),
    "leakage": ("warn", "Leakage"),
}


def insight_card(content: Content, insight: Insight) -> dict[str, Any]:
    """Return what the card of one finding shows."""
    key = insight.insight_id
    icon, words = KINDS.get(insight.kind, ("insight", spoken(insight.kind)))
    is_strong = insight.q_value is not None and insight.q_value < 0.001
    chart = content.chart(insight.chart_id)
    return {
        "id": key,
        "icon": icon,
        "kind": words,
        "important": insight.severity == "important",
        "grade": ("Strong evidence", 3) if is_strong else ("Moderate evidence", 2),
        "tested": insight.q_value is not None,
        "title": mark(sentence(insight.title), insight.title, "insights", "title", key),
        "statement": mark(
            insight.statement, insight.statement, "insights", "statement", key
        ),
        "recommendation": mark(
            insight.recommendation,
            insight.recommendation,
            "insights",
            "recommendation",
            key,
        ),
        "evidence": _evidence(insight),
        "chart": None if chart is None else chart.chart_id,
        "caption": _caption(chart),
        "alt": cut(f"{insight.title}. {insight.statement}", 600),
        "sql": clean(insight.evidence_sql),
        "filter": _filter(content, insight),
    }


def _filter(content: Content, insight: Insight) -> str:
    """Return the filter that shows what a finding speaks of, as JSON; "" without one."""
    codes = {
        str(d.dimension - 1): [v.code]
        for d in content.dimensions
        for v in content.values
        if v.dimension == d.dimension
        and v.kind == "value"
        and d.column_name == insight.segment_column
        and v.value == insight.segment_value
    }
    wanted: dict[str, Any] = {"d": codes} if codes else {}
    if content.cube is not None and content.cube.axis == "time":
        times = [milliseconds(t) for t in (insight.time_start, insight.time_end)]
        if None not in times:
            wanted["w"] = times
    return json.dumps(wanted) if wanted else ""


def milliseconds(text: str | None) -> int | None:
    """Return an ISO moment in milliseconds since 1970 (UTC); None for anything else."""
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(known.timestamp() * 1000)


def _caption(chart: ChartRow | None) -> str:
    """Return what the chart of an insight measures, from its own specification."""
    if chart is None:
        return ""
    spec = json.loads(chart.spec)
    layers = [spec, *spec.get("layer", [])]
    tips = [t for layer in layers for t in layer.get("encoding", {}).get("tooltip", [])]
    titles = {t.get("field"): t.get("title") for t in tips if isinstance(t, dict)}
    value = titles.get("value") or titles.get("shown") or "Value"
    by = titles.get("ts") or titles.get("x") or titles.get("label")
    text = f"{value} by {str(by).lower() if titles.get('ts') else by}" if by else value
    has_line = chart.kind == "trend" and "expected" in titles
    return cut(text + ("; dashed line is expected" if has_line else ""), 120)


def _evidence(insight: Insight) -> Any:
    from markupsafe import Markup

    key = insight.insight_id

    def cell(name: str, writer: Any) -> Any:
        value = getattr(insight, name)
        return mark(writer(value), value, "insights", name, key)

    parts = []
    if insight.effect is not None and insight.effect_name:
        is_count = insight.effect_name == "distinct_values"
        text = Markup("{} {}").format(
            effect_words(insight.effect_name),
            cell("effect", numbers.count if is_count else numbers.metric),
        )
        if insight.effect_low is not None and insight.effect_high is not None:
            text += Markup(" (95% CI {} to {})").format(
                cell("effect_low", numbers.metric), cell("effect_high", numbers.metric)
            )
        parts.append(text)
    if insight.q_value is not None:
        tests = counted(insight.n_tests, "test", "insights", "n_tests", key)
        parts.append(
            Markup("adjusted {} over {}").format(cell("q_value", numbers.p_value), tests)
        )
    parts.append(counted(insight.n_rows, "row", "insights", "n_rows", key))
    return Markup(" · ").join(parts)
