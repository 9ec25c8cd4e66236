"""The whole axis of the cube, to choose a part of it by dragging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    Explored,
    Facts,
    Look,
    Plan,
    measured,
    outside,
    sized,
)
from dsp.charts.explored import strip_sql
from dsp.charts.trend import FORMATS

FORMATTED = {"hour": "Hour", "day": "Day", "year": "Year"} | dict.fromkeys(
    ("week", "month", "quarter"), "Month"
)


class Strip:
    """Draws ts and value as a low, muted area that can be brushed."""

    name = "strip"
    shape = frozenset({"ts", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return all periods of the cube, where there are enough to choose from."""
        explored = facts.explored
        if explored is None or explored.cube.axis != "time":
            return []
        return [_plan(explored)] if explored.cube.n_buckets >= 3 else []

    def draw(self, data: Any, look: Look) -> Any:
        """Return the area, with an interval to select along the axis."""
        import altair as alt

        color = look.color("accent-line")
        brush = alt.selection_interval(
            name="brush",
            encodings=["x"],
            mark=alt.BrushConfig(
                fill=color, fillOpacity=0.14, stroke=color, strokeOpacity=0.6
            ),
        )
        chart = (
            alt.Chart(data)
            .mark_area(color=look.color("muted"), opacity=0.55, interpolate="monotone")
            .encode(
                x=alt.X(
                    "ts",
                    type="temporal",
                    title=None,
                    scale=alt.Scale(type="utc"),
                    axis=alt.Axis(
                        tickCount=8,
                        labelFontSize=10.5,
                        labelOverlap=True,
                        **FORMATS.get(look.label_title, {}),
                    ),
                ),
                y=alt.Y("value", type="quantitative", title=None, axis=None),
            )
            .add_params(brush)
        )
        return sized(chart, look)

    def aggregate(
        self, table: Any, *, ts: str, value: str | None = None, how: str = "sum"
    ) -> tuple[Any, Look]:
        """Return a figure by month of a time column."""
        figure, title, shape = measured(table, value, how)
        kept = table.filter(table[ts].notnull())
        grouped = (
            kept.group_by(ts=kept[ts].truncate("M"))
            .aggregate(value=figure)
            .order_by("ts")
            .limit(2_000)
        )
        return grouped, outside(Look(title, "Month", shape, height=60))


plugin = Strip()


def _plan(explored: Explored) -> Plan:
    return Plan(
        "explore_strip",
        "explore",
        "All periods",
        "Drag across to choose dates.",
        strip_sql(explored),
        Look(label_title=FORMATTED[str(explored.cube.grain)], height=60),
        column_name=explored.cube.axis_column,
    )
