"""Which columns a model leans on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import TICK, Facts, Look, Plan, outside, sized
from dsp.engine.duckdb_engine import literal

SHOWN = 12


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
        metric = "R²" if best.metric == "r2" else best.metric.replace("_", " ")
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
        """Return bars with the interval of the repeats, and the value as text."""
        import altair as alt

        y = alt.Y(
            "label",
            type="nominal",
            sort=None,
            title=None,
            axis=alt.Axis(labelLimit=130),
            scale=alt.Scale(paddingInner=0.4, paddingOuter=0.15),
        )
        x = alt.X(
            "value",
            type="quantitative",
            title=look.value_title,
            axis=alt.Axis(labelExpr=TICK, tickCount=4, grid=True),
            scale=alt.Scale(range=[0, {"expr": "max(40,width-48)"}]),
        )
        base = alt.Chart(data).encode(y=y)
        tooltip = [
            alt.Tooltip("label", type="nominal", title=look.label_title),
            alt.Tooltip("value", type="quantitative", title="Value", format=".4f"),
            alt.Tooltip("low", type="quantitative", title="Low", format=".4f"),
            alt.Tooltip("high", type="quantitative", title="High", format=".4f"),
        ]
        bars = base.mark_bar(color=look.color("c1"), cornerRadiusEnd=3).encode(
            x=x, tooltip=tooltip
        )
        interval = base.mark_rule(strokeWidth=1.25, color=look.color("text")).encode(
            x=alt.X("low", type="quantitative"), x2=alt.X2("high")
        )
        text = (
            base.transform_calculate(
                shown="abs(datum.value)<0.0005?'≈ 0':format(datum.value,'.3f')",
                anchor="max(0,datum.high)",
            )
            .mark_text(align="left", dx=7, fontSize=11.5, color=look.color("text-2"))
            .encode(
                x=alt.X("anchor", type="quantitative"),
                text=alt.Text("shown", type="nominal"),
            )
        )
        return sized(alt.layer(bars, interval, text), look, step=28)

    def aggregate(
        self, table: Any, *, label: str, value: str, low: str, high: str
    ) -> tuple[Any, Look]:
        """Return the columns under the names that are drawn."""
        shown = table.select(
            label=table[label], value=table[value], low=table[low], high=table[high]
        )
        look = Look(
            "Importance", "Column", columns=("label", "value", "low", "high"), height=300
        )
        return shown.limit(SHOWN), outside(look)


plugin = ImportanceBars()
