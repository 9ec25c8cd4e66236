"""A series for each label: a figure over time, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import MAX_ROWS, Facts, Look, Plan, outside, short, sized
from dsp.charts.lines import drawn


class SeriesBy:
    """Draws ts and value as a line for each label."""

    name = "series_by"
    shape = frozenset({"ts", "value", "label"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: insights bring the data of this kind."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return lines over time with a legend above them."""
        import altair as alt

        x = alt.X(
            "ts",
            type="temporal",
            title=None,
            scale=alt.Scale(type="utc"),
            axis=alt.Axis(tickCount=6, labelOverlap=True),
        )
        along = alt.Tooltip("ts", type="temporal", title="Date", format="%-d %b %Y")
        return sized(drawn(data, look, x, along, has_points=False), look)

    def aggregate(
        self, table: Any, *, ts: str, value: str, label: str, grain: str = "month"
    ) -> tuple[Any, Look]:
        """Return the mean of a number by period, for each value of a column."""
        kept = table.filter(table[ts].notnull() & table[label].notnull())
        grouped = (
            kept.group_by(
                label=kept[label].cast("string"),
                ts=kept[ts].cast("timestamp").truncate(grain[0].upper()),
            )
            .aggregate(value=kept[value].cast("float64").mean())
            .order_by(["label", "ts"])
            .limit(MAX_ROWS)
        )
        look = Look(
            f"Average {short(value)}",
            grain.capitalize(),
            columns=("ts", "value", "label"),
            height=240,
        )
        return grouped.select("ts", "value", "label"), outside(look)


plugin = SeriesBy()
