"""The spread of a number for each value of a dimension: median, quartiles, 5 to 95 %."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import TICK, Facts, Look, Plan, outside, short, sized


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

        y = alt.Y("label", type="nominal", sort=None, title=None)
        axis = alt.Axis(labelExpr=TICK, tickCount=5, grid=True)
        base = alt.Chart(data).encode(y=y)
        tooltip = [alt.Tooltip("label", type="nominal", title=look.label_title)] + [
            alt.Tooltip(name, type="quantitative", title=title, format=",.4~r")
            for name, title in (("q25", "Quarter"), ("q50", "Median"), ("q75", "75%"))
        ]
        whisker = base.mark_rule(color=look.color("text-3")).encode(
            x=at(alt.X, "q05", axis=axis, scale=alt.Scale(zero=False)), x2=alt.X2("q95")
        )
        boxes = base.mark_bar(color=look.color("c1"), opacity=0.75, height=14).encode(
            x=at(alt.X, "q25"), x2=alt.X2("q75"), tooltip=tooltip
        )
        middle = base.mark_tick(color=look.color("text"), thickness=2, size=16).encode(
            x=at(alt.X, "q50")
        )
        return sized(alt.layer(whisker, boxes, middle), look, step=28)

    def aggregate(
        self, table: Any, *, label: str, value: str, limit: int = 12
    ) -> tuple[Any, Look]:
        """Return quantiles of a number for the most frequent values of a dimension."""
        import ibis

        kept = table.filter(table[value].notnull())
        number = kept[value].cast("float64")
        quantiles = {
            f"q{int(q * 100):02d}": number.quantile(q)
            for q in (0.05, 0.25, 0.5, 0.75, 0.95)
        }
        grouped = (
            kept.group_by(label=kept[label].cast("string").fill_null("(missing)"))
            .aggregate(n_rows=kept.count(), **quantiles)
            .order_by([ibis.desc("n_rows"), "label"])
            .limit(limit)
        )
        look = Look(short(value), short(label), columns=tuple(sorted(self.shape)))
        return grouped, outside(look)


plugin = Box()
