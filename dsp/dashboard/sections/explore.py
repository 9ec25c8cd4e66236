"""The explore section: charts that the filters change, and the bar of filters."""

from __future__ import annotations

from typing import Any

from dsp import numbers
from dsp.dashboard.content import Content
from dsp.dashboard.cube.axis import PERIODS
from dsp.dashboard.marks import clean, cut
from dsp.records import ChartRow

LEADS = ("trend", "brushed", "histogram")
WIDE, USUAL = "s8", "s4"


def explore(content: Content) -> list[dict[str, Any]]:
    """Return the charts of the section, the wide one first."""
    shown = [
        c
        for c in content.charts
        if c.section == "explore" and c.kind != "strip" and content.chart(c.chart_id)
    ]
    lead = next((c for c in shown if c.kind in LEADS), None)
    rest = [c for c in shown if c is not lead]
    found = [chart_card(content, c) for c in ([lead] if lead else []) + rest]
    if lead is not None:
        found[0]["class"] = WIDE
        found[0]["has_strip"] = content.chart("explore_strip") is not None
        found[0]["has_before"] = (
            content.cube is not None and content.cube.back is not None
        )
        found[0]["before"] = "" if content.cube is None else content.cube.previous_label
    return _filled(found)


def _filled(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let every row be full: what stands after the first row goes by threes or twos."""
    has_lead = bool(cards) and cards[0]["class"] == WIDE
    rest = cards[2:] if has_lead else cards
    if has_lead and len(cards) == 1:
        cards[0]["class"] = "s12"
    n_halves = {1: 0, 2: 2, 4: 4, 5: 2}.get(len(rest), 0)
    for card in rest[len(rest) - n_halves :]:
        card["class"] = "s6"
    if len(rest) == 1:
        rest[0]["class"] = "s12"
    return cards


def chart_card(content: Content, chart: ChartRow) -> dict[str, Any]:
    """Return what the card of a chart shows."""
    return {
        "id": chart.chart_id,
        "title": cut(chart.title, 90),
        "about": cut(chart.description, 240),
        "class": USUAL,
        "kind": chart.kind,
        "sql": clean(chart.data_sql),
        "has_strip": False,
        "has_before": False,
        "is_explored": chart.section == "explore",
    }


def filter_bar(content: Content) -> dict[str, Any] | None:
    """Return the periods and the menus of the bar; None where nothing can be filtered."""
    cube = content.cube
    if cube is None:
        return None
    buttons: list[tuple[str, int]] = []
    if cube.axis == "time" and cube.n_buckets > 1:
        periods = PERIODS.get(str(cube.grain), ())
        buttons = [("All", 0), *((w, n) for w, n in periods if n < cube.n_buckets)]
    first_shown = cube.last_bucket - cube.first_bucket + 1
    return {
        "periods": [
            {
                "words": words,
                "n": n,
                "on": (n or cube.n_buckets) == first_shown,
            }
            for words, n in buttons
        ],
        "has_dates": cube.axis == "time" and cube.grain != "hour" and cube.n_buckets > 1,
        "menus": [
            {
                "place": d.dimension - 1,
                "label": cut(d.label, 30),
                "values": [
                    {"label": cut(v.value, 60), "n": numbers.count(v.n_rows)}
                    for v in content.values
                    if v.dimension == d.dimension
                ],
            }
            for d in content.dimensions
        ],
    }
