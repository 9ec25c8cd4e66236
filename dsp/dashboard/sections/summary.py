"""The summary: one headline, a short paragraph, cards."""

from __future__ import annotations

from typing import Any

from dsp import numbers, units
from dsp.charts.base import short
from dsp.dashboard.content import Content
from dsp.dashboard.marks import counted, cut, mark, sentence
from dsp.dashboard.sections.counts import stored, stored_count
from dsp.records import Insight, Kpi
from dsp.units import metric_name

FAULTS = ("leakage", "functional_dependency", "duplicate_rows", "missing_values")
"""Kinds that speak of the data, not of its subject: never the headline, if others are."""
WORTH_SAYING = 0.005
"""Relative change of the first card from which on it is the headline."""
TOO_MUCH = 3.0
"""Relative change beyond which the earlier period is no measure, or mostly missing."""


def summary(content: Content) -> dict[str, Any]:
    """Return headline, lead and cards."""
    told = _told(content)
    first = _first_change(content)
    lead = []
    if first is not None:
        headline = first
        lead += [_sentence(i) for i in _news(told)[:1]]
    elif told:
        headline = _sentence(told[0])
        lead += [_sentence(i) for i in told[1:2]]
    else:
        headline = (
            "Nothing in these data stands out beyond what chance would bring."
            if content.columns and stored(content, "rows")
            else "The data hold no rows, so there is nothing to analyse."
        )
    lead += [_about(content), _checked(content), _modelled(content)]
    return {
        "headline": headline,
        "lead": _joined([text for text in lead if text][:3]),
        "cards": kpi_cards(content),
    }


def kpi_cards(content: Content) -> list[dict[str, Any]]:
    """Return what the cards of the summary show."""
    return [_card(content, kpi) for kpi in content.kpis]


def _told(content: Content) -> list[Insight]:
    """Return the findings in the order they are told: of the subject before the data."""
    stories = [i for i in content.asserted if i.kind not in FAULTS]
    return stories or content.asserted


def _news(told: list[Insight]) -> list[Insight]:
    """Return the findings, those first that say when something happened."""
    return sorted(told, key=lambda i: not (i.time_start and i.kind != "trend"))


def _sentence(insight: Insight) -> Any:
    title = sentence(insight.title.rstrip(".") + ".")
    return mark(title, insight.title, "insights", "title", insight.insight_id)


def _first_change(content: Content) -> Any:
    """Return how the first card moved against the year before, where it moved."""
    from markupsafe import Markup

    kpi = content.kpis[0] if content.kpis else None
    cube = content.cube
    if kpi is None or cube is None or kpi.change is None or kpi.value is None:
        return None
    if cube.back != cube.shift or not WORTH_SAYING <= abs(kpi.change) <= TOO_MUCH:
        return None
    if written(kpi, kpi.value) == written(kpi, kpi.previous):
        return None
    verb = "rose" if kpi.change > 0 else "fell"
    moved = mark(
        change_words(kpi).lstrip(numbers.MINUS), kpi.change, "kpis", "change", kpi.kpi_id
    )
    value = mark(written(kpi, kpi.value), kpi.value, "kpis", "value", kpi.kpi_id)
    return Markup("{} {} {} in the last 12 months, to {}.").format(
        short(kpi.label, 60), verb, moved, value
    )


def change_words(kpi: Kpi) -> str:
    """Return a change as readers see it: a percentage, or points of a share."""
    change = abs(kpi.change or 0.0)
    if kpi.change_kind == "points":
        return f"{100 * change:.1f}{numbers.NBSP}pt"
    return numbers.share(change)


def written(kpi: Kpi, value: float | None) -> str:
    """Return a figure of a card in its format, with its unit."""
    return units.with_unit(numbers.written(value, kpi.format), kpi.unit)


def _card(content: Content, kpi: Kpi) -> dict[str, Any]:
    return {
        "id": kpi.kpi_id,
        "label": cut(kpi.label, 60),
        "value": mark(written(kpi, kpi.value), kpi.value, "kpis", "value", kpi.kpi_id),
        "exact": "" if kpi.value is None else f"{kpi.value:,.12g}",
        "is_filtered": kpi.how != "all" and content.cube is not None,
        "change": _change(kpi),
        "spark": content.sparks.get(kpi.kpi_id, ""),
    }


def _change(kpi: Kpi) -> dict[str, Any] | None:
    if kpi.previous is None or kpi.change is None:
        return None
    is_same = written(kpi, kpi.value) == written(kpi, kpi.previous)
    sign = 0 if is_same else (kpi.change > 0) - (kpi.change < 0)
    way = {"up": 1, "down": -1, "neutral": 0}[kpi.polarity] * sign
    return {
        "sign": sign,
        "tone": {1: "good", -1: "bad", 0: "flat"}[way],
        "text": "No change"
        if is_same
        else mark(change_words(kpi), kpi.change, "kpis", "change", kpi.kpi_id),
        "versus": ""
        if is_same
        else mark(
            written(kpi, kpi.previous), kpi.previous, "kpis", "previous", kpi.kpi_id
        ),
        "label": cut(kpi.previous_label or "", 40),
    }


def _about(content: Content) -> Any:
    from markupsafe import Markup

    run = content.run
    if run is None:
        return ""
    rows = counted(run.n_rows, "row", "runs", "n_rows")
    wide = counted(run.n_columns, "column", "runs", "n_columns")
    time = next((c for c in content.columns if c.column_name == run.time_column), None)
    span = ""
    if time is not None and time.min_value and time.max_value:
        ends = (
            mark(
                numbers.day(getattr(time, end)),
                getattr(time, end),
                "columns",
                end,
                time.column_name,
            )
            for end in ("min_value", "max_value")
        )
        span = Markup(" from {} to {}").format(*ends)
    return Markup("{} holds {} and {}{}.").format(
        cut(run.source_name, 60), rows, wide, span
    )


def _checked(content: Content) -> Any:
    from markupsafe import Markup

    if not content.checks:
        return ""
    noted = Markup("")
    if stored(content, "checks_noted"):
        n = stored_count(content, "checks_noted")
        noted = Markup(", and {} noted something").format(n)
    return Markup("{} of {} failed{}.").format(
        stored_count(content, "checks_failed"),
        stored_count(content, "checks", "data check"),
        noted,
    )


def _modelled(content: Content) -> Any:
    from markupsafe import Markup

    best = next((m for m in content.models if m.is_best), None)
    if best is None or best.holdout is None:
        return ""
    return Markup("The best model of {} reaches {} {} on held-out rows.").format(
        cut(best.target, 60),
        metric_name(best.metric),
        mark(
            numbers.metric(best.holdout), best.holdout, "models", "holdout", best.model_id
        ),
    )


def _joined(parts: list[Any]) -> Any:
    from markupsafe import Markup

    return Markup(" ").join(parts)
