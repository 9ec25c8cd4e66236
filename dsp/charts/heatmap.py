"""A figure for every pair of values of two dimensions, as colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import MAX_ROWS, Facts, Look, Plan, measured, outside, short, sized


class Heatmap:
    """Draws label, label_b and value as coloured cells."""

    name = "heatmap"
    shape = frozenset({"label", "label_b", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: insights bring the data of this kind."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return cells; the stronger the colour, the higher the value."""
        import altair as alt

        def axis(name: str, kind: Any, **options: Any) -> Any:
            return kind(
                name,
                type="nominal",
                sort=None,
                title=None,
                axis=alt.Axis(labelLimit=100, **options),
            )

        cells = (
            alt.Chart(data)
            .mark_rect(stroke=look.color("surface"), strokeWidth=1.5, cornerRadius=2)
            .encode(
                x=axis("label_b", alt.X, labelAngle=0, labelOverlap=True),
                y=axis("label", alt.Y),
                color=alt.Color("value", type="quantitative", legend=None),
                tooltip=[
                    alt.Tooltip("label", type="nominal", title=look.label_title),
                    alt.Tooltip("label_b", type="nominal", title="And"),
                    alt.Tooltip(
                        "value",
                        type="quantitative",
                        title=look.value_title,
                        format=look.tooltip_format,
                    ),
                ],
            )
        )
        return sized(cells, look)

    def aggregate(
        self,
        table: Any,
        *,
        label: str,
        label_b: str,
        value: str | None = None,
        how: str = "mean",
    ) -> tuple[Any, Look]:
        """Return a figure by two dimensions."""
        figure, title, shape = measured(table, value, how)
        grouped = (
            table.group_by(
                label=table[label].cast("string").fill_null("(missing)"),
                label_b=table[label_b].cast("string").fill_null("(missing)"),
            )
            .aggregate(value=figure)
            .order_by(["label", "label_b"])
            .limit(MAX_ROWS)
        )
        look = Look(
            title,
            short(label),
            shape,
            columns=("label", "label_b", "value"),
            height=240,
        )
        return grouped, outside(look)


plugin = Heatmap()
