"""Predicted classes against actual classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import Facts, Look, Plan, outside, sized
from dsp.charts.columns import labels
from dsp.engine.duckdb_engine import literal

CLASSES = 10


class Confusion:
    """Draws actual, predicted, n_rows and share as a matrix."""

    name = "confusion"
    shape = frozenset({"actual", "predicted", "n_rows", "share"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the hold-out predictions of the best classifier."""
        best = facts.best
        if best is None or best.task not in ("binary", "multiclass"):
            return []
        sql = (
            "select actual_label as actual,\n    predicted_label as predicted,\n"
            "    count(*) as n_rows,\n"
            "    count(*) / sum(count(*)) over (partition by actual_label) as share\n"
            f"from main.predictions\nwhere model_id = {literal(best.model_id)}\n"
            "    and split = 'holdout' and actual_label is not null\n"
            "group by actual, predicted\norder by actual, predicted\n"
            f"limit {CLASSES * CLASSES}"
        )
        columns = ("actual", "predicted", "n_rows", "share")
        return [
            Plan(
                "model_confusion",
                "model",
                "Predicted against actual",
                "Held-out rows by actual and predicted class; right answers are on the "
                "diagonal.",
                sql,
                Look("Predicted", "Actual", height=300, columns=columns),
            )
        ]

    def draw(self, data: Any, look: Look) -> Any:
        """Return the matrix with the number of rows in each cell."""
        import altair as alt

        base = alt.Chart(data).encode(
            x=alt.X(
                "predicted",
                type="nominal",
                title="Predicted",
                axis=alt.Axis(labelAngle=0, labelLimit=80),
            ),
            y=alt.Y(
                "actual", type="nominal", title="Actual", axis=alt.Axis(labelLimit=90)
            ),
        )
        cells = base.mark_rect(
            stroke=look.color("surface"), strokeWidth=1.5, cornerRadius=2
        ).encode(
            color=alt.Color(
                "share",
                type="quantitative",
                legend=None,
                scale=alt.Scale(domain=[0, 1], range=look.ramp),
            ),
            tooltip=[
                alt.Tooltip("actual", type="nominal", title="Actual"),
                alt.Tooltip("predicted", type="nominal", title="Predicted"),
                alt.Tooltip("n_rows", type="quantitative", title="Rows", format=",.0f"),
                alt.Tooltip(
                    "share", type="quantitative", title="Of the actual", format=".1%"
                ),
            ],
        )
        text = base.mark_text(fontSize=13, fontWeight=600).encode(
            text=alt.Text("n_rows", type="quantitative", format=",.0f"),
            color=alt.condition(
                "datum.share > 0.68",
                alt.value(look.color("surface")),
                alt.value(look.color("text")),
            ),
        )
        return sized(alt.layer(cells, text), look)

    def aggregate(self, table: Any, *, predicted: str, actual: str) -> tuple[Any, Look]:
        """Return the rows for each pair of classes."""
        import ibis

        counted = table.group_by(
            actual=labels(table, actual), predicted=labels(table, predicted)
        ).aggregate(n_rows=table.count())
        total = counted["n_rows"].sum().over(ibis.window(group_by="actual"))
        shown = counted.mutate(share=counted["n_rows"] / total)
        look = Look("Predicted", "Actual", height=300, columns=tuple(sorted(self.shape)))
        return shown.order_by(["actual", "predicted"]).limit(CLASSES * CLASSES), outside(
            look
        )


plugin = Confusion()
