"""The distribution of a number, to choose a range of it by dragging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import Facts, Look, Plan, outside, short
from dsp.charts.explored import strip_sql
from dsp.charts.histogram import plugin as histogram


class Brushed:
    """Draws low, high and value as touching bars that can be brushed."""

    name = "brushed"
    shape = frozenset({"low", "high", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the rows by range of the number that the cube is cut along."""
        explored = facts.explored
        if explored is None or explored.cube.axis != "number":
            return []
        name = short(str(explored.cube.axis_column))
        return [
            Plan(
                "explore_distribution",
                "explore",
                f"Distribution of {name}",
                f"Rows by {name}; the outermost bars hold what lies beyond.",
                strip_sql(explored),
                Look("Rows", name, "integer", None, 240, ("low", "high", "value")),
                column_name=explored.cube.axis_column,
            )
        ]

    def draw(self, data: Any, look: Look) -> Any:
        """Return the bins with counts, and an interval to select along the axis."""
        import altair as alt

        color = look.color("accent-line")
        brush = alt.selection_interval(
            name="brush",
            encodings=["x"],
            mark=alt.BrushConfig(
                fill=color, fillOpacity=0.1, stroke=color, strokeOpacity=0.6
            ),
        )
        is_left_out = alt.when("datum.on===false").then(alt.value(0.25))
        bins = histogram.draw(data, look)
        return bins.encode(opacity=is_left_out.otherwise(alt.value(1))).add_params(brush)

    def aggregate(self, table: Any, *, x: str, bins: int = 30) -> tuple[Any, Look]:
        """Return bins of equal width between the smallest and the largest value."""
        shown, look = histogram.aggregate(table, x=x, bins=bins)
        return shown, outside(look)


plugin = Brushed()
