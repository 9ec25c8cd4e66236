"""Predicted probabilities against how often they came true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import PERCENT_TICK, Facts, Look, Plan, outside, sized
from dsp.engine.duckdb_engine import literal

MAX_BINS = 100


class Calibration:
    """Draws predicted, observed, low, high and n_rows, with the line of equal shares."""

    name = "calibration"
    shape = frozenset({"predicted", "observed", "low", "high", "n_rows"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the calibration of the best model of two classes."""
        best = facts.best
        if best is None or best.task != "binary" or facts.engine is None:
            return []
        which = f"from main.calibration\nwhere model_id = {literal(best.model_id)}\n"
        if not facts.engine.rows(f"select 1 {which} limit 1"):
            return []
        sql = (
            "select predicted,\n    observed,\n    low,\n    high,\n    n_rows\n"
            f"{which}order by bin\nlimit {MAX_BINS}"
        )
        columns = ("predicted", "observed", "low", "high", "n_rows")
        return [
            Plan(
                "model_calibration",
                "model",
                "How far probabilities can be trusted",
                "Held-out rows of like probability: what was predicted and how often it "
                "came true, with 95% intervals. A trusted model stays near the line.",
                sql,
                Look("Came true", "Predicted", "percent", height=260, columns=columns),
            )
        ]

    def draw(self, data: Any, look: Look) -> Any:
        """Return points with intervals over the line of equal shares."""
        import altair as alt

        axis = alt.Axis(labelExpr=PERCENT_TICK, tickCount=5, grid=True)
        scale = alt.Scale(domain=[0, 1])
        base = alt.Chart(data).encode(
            x=alt.X(
                "predicted",
                type="quantitative",
                title=look.label_title,
                axis=axis,
                scale=scale,
            )
        )
        ideal = (
            base.transform_aggregate(n="count()")
            .transform_calculate(ends="[0,1]")
            .transform_flatten(["ends"])
            .mark_line(strokeDash=[4, 4], strokeWidth=1.25, color=look.color("text-2"))
            .encode(
                x=alt.X("ends", type="quantitative"),
                y=alt.Y("ends", type="quantitative"),
            )
        )
        whiskers = base.mark_rule(strokeWidth=1.25, color=look.color("c1")).encode(
            y=alt.Y("low", type="quantitative"), y2=alt.Y2("high")
        )
        points = base.mark_line(
            strokeWidth=1.75,
            color=look.color("c1"),
            point=alt.OverlayMarkDef(size=40, filled=True, color=look.color("c1")),
        ).encode(
            y=alt.Y(
                "observed",
                type="quantitative",
                title=look.value_title,
                axis=axis,
                scale=scale,
            ),
            tooltip=[
                alt.Tooltip(
                    "predicted", type="quantitative", title="Predicted", format=".1%"
                ),
                alt.Tooltip(
                    "observed", type="quantitative", title="Came true", format=".1%"
                ),
                alt.Tooltip("n_rows", type="quantitative", title="Rows", format=",.0f"),
            ],
        )
        return sized(alt.layer(ideal, whiskers, points), look)

    def aggregate(
        self, table: Any, *, predicted: str, happened: str, bins: int = 10
    ) -> tuple[Any, Look]:
        """Return rows in bins of the predicted probability, with the share of events."""
        import ibis

        rows = table.select(
            p=table[predicted].cast("float64"), e=table[happened].cast("float64")
        )
        rows = rows.filter(rows["p"].notnull() & rows["e"].notnull())
        binned = rows.mutate(bin=ibis.ntile(bins).over(order_by=rows["p"]))
        found = binned.group_by("bin").aggregate(
            predicted=binned["p"].mean(),
            observed=binned["e"].mean(),
            n_rows=binned.count(),
        )
        reach = (
            1.959963984540054
            * (found["observed"] * (1 - found["observed"]) / found["n_rows"]).sqrt()
        )
        shown = found.mutate(
            low=ibis.greatest(found["observed"] - reach, 0.0),
            high=ibis.least(found["observed"] + reach, 1.0),
        ).order_by("predicted")
        look = Look(
            "Came true",
            "Predicted",
            "percent",
            height=260,
            columns=("predicted", "observed", "low", "high", "n_rows"),
        )
        return shown.drop("bin").limit(MAX_BINS), outside(look)


plugin = Calibration()
