"""The spread of a number for each value of a dimension: median, quartiles, 5 to 95 %."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import MISSING, TICK, Facts, Look, Plan, outside, short, sized
from dsp.charts.columns import labels, numbers

MAX_BOXES = 30
PARTS = (
    ("q05", "5%"),
    ("q25", "25%"),
    ("q50", "Median"),
    ("q75", "75%"),
    ("q95", "95%"),
)


class Box:
    """Draws label with the quantiles q05, q25, q50, q75 and q95."""

    name = "box"
    shape = frozenset({"label", "q05", "q25", "q50", "q75", "q95"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: this kind is drawn on request."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return a box for each label."""
        import altair as alt

        def at(kind: Any, name: str, **options: Any) -> Any:
            return kind(name, type="quantitative", title=look.value_title, **options)

        y = alt.Y(
            "label",
            type="nominal",
            sort=None,
            title=None,
            axis=alt.Axis(labelLimit=120, grid=False),
        )
        axis = alt.Axis(labelExpr=TICK, tickCount=5, grid=True)
        base = alt.Chart(data).encode(y=y)
        tooltip = [alt.Tooltip("label", type="nominal", title=look.label_title)] + [
            alt.Tooltip(name, type="quantitative", title=title, format=",.4~r")
            for name, title in PARTS
        ]
        whisker = base.mark_rule(color=look.color("text-3"), strokeWidth=1.25).encode(
            x=at(alt.X, "q05", axis=axis, scale=alt.Scale(zero=False)),
            x2=alt.X2("q95"),
            tooltip=tooltip,
        )
        boxes = base.mark_bar(color=look.color("c1"), height=16, cornerRadius=2).encode(
            x=at(alt.X, "q25"), x2=alt.X2("q75"), tooltip=tooltip
        )
        middle = base.mark_tick(
            color=look.color("surface"), thickness=2.5, size=16, opacity=1
        ).encode(x=at(alt.X, "q50"), tooltip=tooltip)
        return sized(alt.layer(whisker, boxes, middle), look, step=28)

    def aggregate(
        self, table: Any, *, label: str, value: str, limit: int = 12
    ) -> tuple[Any, Look]:
        """Return quantiles of a number for the most frequent values of a dimension."""
        import ibis

        rows = table.select(label=labels(table, label), y=numbers(table, value))
        rows = rows.filter(rows["y"].notnull())
        quantiles = {
            f"q{int(q * 100):02d}": rows["y"].quantile(q)
            for q in (0.05, 0.25, 0.5, 0.75, 0.95)
        }
        grouped = rows.group_by("label").aggregate(n_rows=rows.count(), **quantiles)
        shown = grouped.order_by(
            [grouped["label"] == MISSING, ibis.desc("n_rows"), "label"]
        ).limit(max(1, min(limit, MAX_BOXES)))
        look = Look(
            short(value), short(label), columns=tuple(sorted(self.shape)), height=240
        )
        return shown, outside(look)


plugin = Box()
