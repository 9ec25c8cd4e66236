"""A line for each label: the mean of one number along another, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    MAX_ROWS,
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

COLORS = ("c1", "c4", "c2", "c3", "c5", "c6", "text-3", "muted")
"""Colours of the lines in their order; beyond them they come again."""


class Lines:
    """Draws x and value as a line with points for each label."""

    name = "lines"
    shape = frozenset({"x", "value", "label"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: insights bring the data of this kind."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return lines with a legend above them."""
        import altair as alt

        x = alt.X(
            "x",
            type="quantitative",
            title=look.label_title,
            axis=alt.Axis(labelExpr=tick_of(look.label_title), tickCount=6),
            scale=alt.Scale(zero=False),
        )
        along = alt.Tooltip(
            "x",
            type="quantitative",
            title=look.label_title,
            format=tip_of(look.label_title),
        )
        return sized(drawn(data, look, x, along, has_points=True), look)

    def aggregate(
        self, table: Any, *, x: str, value: str, label: str, bins: int = 5
    ) -> tuple[Any, Look]:
        """Return the mean of a number in bins of another, for each value of a column."""
        import ibis

        kept = table.filter(
            table[x].notnull() & table[value].notnull() & table[label].notnull()
        )
        rows = kept.select(
            x=kept[x].cast("float64"),
            y=kept[value].cast("float64"),
            label=kept[label].cast("string"),
        )
        binned = rows.mutate(bin=ibis.ntile(bins).over(order_by=[rows["x"], rows["y"]]))
        grouped = (
            binned.group_by(["label", "bin"])
            .aggregate(x=binned["x"].mean(), value=binned["y"].mean())
            .order_by(["label", "bin"])
            .limit(MAX_ROWS)
        )
        look = Look(
            f"Average {short(value)}",
            short(x),
            columns=("x", "value", "label"),
            height=240,
        )
        return grouped.select("x", "value", "label"), outside(look)


def drawn(data: Any, look: Look, x: Any, along: Any, *, has_points: bool) -> Any:
    """Return lines by label along an axis; `along` is the tooltip of the axis."""
    import altair as alt

    color = alt.Color(
        "label",
        type="nominal",
        sort=None,
        scale=alt.Scale(range=[look.color(name) for name in COLORS]),
        legend=alt.Legend(
            orient="top", title=None, labelLimit=160, columns=3, symbolType="stroke"
        ),
    )
    points = alt.OverlayMarkDef(size=30, filled=True) if has_points else False
    return (
        alt.Chart(data)
        .mark_line(strokeWidth=2 if has_points else 1.5, point=points)
        .encode(
            x=x,
            y=alt.Y(
                "value",
                type="quantitative",
                title=None,
                axis=value_axis(look, count=3),
                scale=alt.Scale(zero=False),
            ),
            color=color,
            tooltip=[
                along,
                alt.Tooltip("label", type="nominal", title="Line"),
                alt.Tooltip(
                    "value",
                    type="quantitative",
                    title=look.value_title,
                    format=look.tooltip_format,
                ),
            ],
        )
    )


plugin = Lines()
