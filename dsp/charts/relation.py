"""How the mean of one number goes with another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    Facts,
    Look,
    Plan,
    outside,
    short,
    sized,
    tick_of,
    tip_of,
    value_axis,
)


class Relation:
    """Draws x and value as a line with points."""

    name = "relation"
    shape = frozenset({"x", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: insights bring the data of this kind."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return a line with a point for each bin."""
        import altair as alt

        tooltip = [
            alt.Tooltip(
                "x",
                type="quantitative",
                title=look.label_title,
                format=tip_of(look.label_title),
            ),
            alt.Tooltip(
                "value",
                type="quantitative",
                title=look.value_title,
                format=look.tooltip_format,
            ),
        ]
        if "n_rows" in look.columns:
            tooltip.append(
                alt.Tooltip("n_rows", type="quantitative", title="Rows", format=",.0f")
            )
        chart = (
            alt.Chart(data)
            .mark_line(
                color=look.color("c1"),
                strokeWidth=2,
                point=alt.OverlayMarkDef(size=34, filled=True, color=look.color("c1")),
            )
            .encode(
                x=alt.X(
                    "x",
                    type="quantitative",
                    title=look.label_title,
                    axis=alt.Axis(labelExpr=tick_of(look.label_title), tickCount=6),
                    scale=alt.Scale(zero=False),
                ),
                y=alt.Y(
                    "value",
                    type="quantitative",
                    title=None,
                    axis=value_axis(look, count=3),
                    scale=alt.Scale(zero=False),
                ),
                tooltip=tooltip,
            )
        )
        return sized(chart, look)

    def aggregate(
        self, table: Any, *, x: str, value: str, bins: int = 20
    ) -> tuple[Any, Look]:
        """Return the mean of a number in bins of equal size of another."""
        import ibis

        kept = table.filter(table[x].notnull() & table[value].notnull())
        pairs = kept.select(x=kept[x].cast("float64"), y=kept[value].cast("float64"))
        binned = pairs.mutate(
            bin=ibis.ntile(bins).over(order_by=[pairs["x"], pairs["y"]])
        )
        grouped = (
            binned.group_by("bin")
            .aggregate(x=binned["x"].mean(), value=binned["y"].mean())
            .order_by("bin")
        )
        look = Look(
            f"Average {short(value)}", short(x), columns=("x", "value"), height=240
        )
        return grouped.select("x", "value"), outside(look)


plugin = Relation()
