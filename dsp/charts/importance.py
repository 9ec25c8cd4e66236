"""Which columns a model leans on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import AMOUNT, TICK, Facts, Look, Plan, outside, short, sized
from dsp.charts.columns import labels, numbers
from dsp.engine.duckdb_engine import literal
from dsp.units import metric_name

SHOWN = 12
STEP, THICK, DOWN = 36, 12, 8
"""Pixels of a label with its bar, of the bar, and from the middle down to the bar."""
FIGURE = (
    "abs(datum.value)<0.0005?'≈ 0'"
    f":abs(datum.value)<10?format(datum.value,'.3f'):abs(datum.value)<10000?format(datum.value,',.3r')"
    f":{AMOUNT.format('datum.value')}"
)


class ImportanceBars:
    """Draws label, value, low and high as bars with an interval."""

    name = "importance"
    shape = frozenset({"label", "value", "low", "high"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the importances of the best model."""
        best = facts.best
        if best is None or not any(
            i.model_id == best.model_id for i in facts.importances
        ):
            return []
        metric = metric_name(best.metric)
        sql = (
            "select feature as label,\n    mean as value,\n    low,\n    high\n"
            f"from main.importances\nwhere model_id = {literal(best.model_id)}\n"
            f"order by rank\nlimit {SHOWN}"
        )
        return [
            Plan(
                "model_importance",
                "model",
                "What drives the prediction",
                f"Loss of {metric} when a column is shuffled, by column.",
                sql,
                Look(
                    f"Loss of {metric} when the column is shuffled",
                    "Column",
                    columns=("label", "value", "low", "high"),
                ),
            )
        ]

    def draw(self, data: Any, look: Look) -> Any:
        """Return bars under their labels, with intervals and the values as text."""
        import altair as alt

        y = alt.Y(
            "label",
            type="nominal",
            sort=None,
            title=None,
            axis=None,
            scale=alt.Scale(paddingInner=0, paddingOuter=0),
        )
        x = alt.X(
            "value",
            type="quantitative",
            title=look.value_title,
            axis=alt.Axis(labelExpr=TICK, tickCount=4, grid=True),
            scale=alt.Scale(range=[0, {"expr": "max(40,width-52)"}]),
        )
        base = alt.Chart(data).encode(y=y)
        tooltip = [
            alt.Tooltip("label", type="nominal", title=look.label_title),
            alt.Tooltip("value", type="quantitative", title="Value", format=",.4~r"),
            alt.Tooltip("low", type="quantitative", title="Low", format=",.4~r"),
            alt.Tooltip("high", type="quantitative", title="High", format=",.4~r"),
        ]
        # A label has the whole width: it stands above its bar.
        bars = base.mark_bar(
            color=look.color("c1"), cornerRadiusEnd=3, height=THICK, yOffset=DOWN
        ).encode(x=x, tooltip=tooltip)
        interval = base.mark_rule(
            strokeWidth=1.25, color=look.color("text"), yOffset=DOWN
        ).encode(x=alt.X("low", type="quantitative"), x2=alt.X2("high"))
        figures = (
            base.transform_calculate(shown=FIGURE, anchor="max(0,datum.value,datum.high)")
            .mark_text(
                align="left", dx=7, dy=DOWN, fontSize=11.5, color=look.color("text-2")
            )
            .encode(
                x=alt.X("anchor", type="quantitative"),
                text=alt.Text("shown", type="nominal"),
            )
        )
        names = base.mark_text(
            align="left",
            dy=DOWN - THICK / 2 - 8,
            fontSize=12,
            color=look.color("text"),
            limit={"expr": "width"},
        ).encode(
            x=alt.value(0),
            text=alt.Text("label", type="nominal"),
            tooltip=alt.Tooltip("label", type="nominal", title=look.label_title),
        )
        return sized(alt.layer(bars, interval, figures, names), look, step=STEP)

    def aggregate(
        self, table: Any, *, label: str, value: str, low: str, high: str
    ) -> tuple[Any, Look]:
        """Return the columns under the names that are drawn."""
        shown = table.select(
            label=labels(table, label),
            value=numbers(table, value),
            low=numbers(table, low),
            high=numbers(table, high),
        )
        shown = shown.filter(shown["value"].notnull())
        look = Look(
            short(value), "Column", columns=("label", "value", "low", "high"), height=300
        )
        return shown.limit(SHOWN), outside(look)


plugin = ImportanceBars()
