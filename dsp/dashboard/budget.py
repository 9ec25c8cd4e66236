"""Keeps a page within what a browser draws quickly."""

from __future__ import annotations

from dataclasses import replace

from dsp import numbers
from dsp.dashboard.content import Content

MAX_VIEWS = 24
"""Charts that a page draws."""
MAX_INSIGHTS = 12
"""Insights that are shown before a reader asks for all of them."""


def within_budget(content: Content) -> Content:
    """Return contents with at most `MAX_VIEWS` charts.

    Insights give up their charts first, from the last one on; their sentences stay.
    """
    others = [
        c for c in content.charts if c.section != "insights" and content.chart(c.chart_id)
    ]
    places = max(0, min(MAX_INSIGHTS, MAX_VIEWS - len(others)))
    wanted = [i.chart_id for i in content.asserted[:MAX_INSIGHTS]]
    drawn = [name for name in wanted if content.chart(name)]
    kept = {c.chart_id for c in others[:MAX_VIEWS]} | set(drawn[:places])
    notes = content.withheld
    n_lost = len(drawn) - len(drawn[:places])
    if n_lost:
        shown = numbers.counted(n_lost, "insight")
        verb = numbers.agreeing(n_lost, "has its", "have their")
        notes = (*notes, f"{shown} {verb} sentences only, without a chart")
    return replace(
        content,
        charts=[c for c in content.charts if c.chart_id in kept],
        withheld=notes,
    )
