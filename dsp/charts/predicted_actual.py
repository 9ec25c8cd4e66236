"""Predictions against what happened, counted in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import MAX_ROWS, TICK, Facts, Look, Plan, outside, sized
from dsp.engine.duckdb_engine import literal

BINS = 36
IS_ROUND = "indexof(['1','2','5'],format(datum.value,'.0e')[0])>=0"
"""Whether a tick of a logarithmic axis is 1, 2 or 5 times a power of ten."""
LOG_FROM = 2
"""Skewness of a target above which the axes are logarithmic."""


class PredictedActual:
    """Draws x, x2, y, y2 and n_rows as cells, with the line of perfect predictions."""

    name = "predicted_actual"
    shape = frozenset({"x", "x2", "y", "y2", "n_rows", "low", "high"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the hold-out predictions of the best regression."""
        best = facts.best
        if best is None or best.task not in ("regression", "forecast"):
            return []
        is_log = _is_log(facts, best.model_id)
        sql = _cells(best.model_id, is_log=is_log)
        columns = ("x", "x2", "y", "y2", "n_rows", "low", "high")
        about = (
            "Held-out rows by predicted and actual value; a good model stays near the "
            "dashed line. The stronger the colour, the more rows."
        )
        look = Look("Actual", "Predicted", height=340, columns=columns, log=is_log)
        title = "Predicted against actual"
        return [Plan("model_predicted_actual", "model", title, about, sql, look)]

    def draw(self, data: Any, look: Look) -> Any:
        """Return the grid and the line of perfect predictions."""
        import altair as alt

        scale = alt.Scale(type="log", nice=False) if look.log else None
        axis = alt.Axis(labelExpr=TICK, tickCount=5, grid=True)
        if look.log:
            main = {"test": IS_ROUND, "value": 1}
            axis = alt.Axis(
                labelExpr=f"{IS_ROUND}?({TICK}):''",
                grid=True,
                gridOpacity={"condition": main, "value": 0},
            )

        def place(kind: Any, name: str, title: str) -> Any:
            return kind(
                name,
                type="quantitative",
                title=title,
                axis=axis,
                scale=scale or alt.Scale(zero=False, nice=False),
            )

        base = alt.Chart(data)
        cells = base.mark_rect().encode(
            x=place(alt.X, "x", look.label_title),
            x2=alt.X2("x2"),
            y=place(alt.Y, "y", look.value_title),
            y2=alt.Y2("y2"),
            color=alt.Color(
                "n_rows",
                type="quantitative",
                scale=alt.Scale(type="log", range=look.ramp[1:]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("x", type="quantitative", title="Predicted", format=",.4~r"),
                alt.Tooltip("y", type="quantitative", title="Actual", format=",.4~r"),
                alt.Tooltip("n_rows", type="quantitative", title="Rows", format=",.0f"),
            ],
        )
        identity = (
            base.transform_aggregate(low="min(low)", high="max(high)")
            .transform_fold(["low", "high"], as_=["end", "at"])
            .mark_line(strokeDash=[4, 4], strokeWidth=1.25, color=look.color("text-2"))
            .encode(
                x=alt.X("at", type="quantitative"), y=alt.Y("at", type="quantitative")
            )
        )
        return sized(alt.layer(cells, identity), look)

    def aggregate(
        self, table: Any, *, predicted: str, actual: str, bins: int = BINS
    ) -> tuple[Any, Look]:
        """Return the rows of each cell of a square grid."""
        import ibis

        pairs = table.select(p=table[predicted], a=table[actual])
        pairs = pairs.filter(pairs["p"].notnull() & pairs["a"].notnull())
        edges = pairs.aggregate(
            low=ibis.least(pairs["p"].min(), pairs["a"].min()),
            high=ibis.greatest(pairs["p"].max(), pairs["a"].max()),
        )
        joined = pairs.cross_join(edges)
        step = (joined["high"] - joined["low"]) / bins

        def cell(name: str) -> Any:
            return (
                ((joined[name] - joined["low"]) / step.nullif(0))
                .floor()
                .clip(0, bins - 1)
            )

        grid = joined.select(
            i=cell("p"), j=cell("a"), low=joined["low"], high=joined["high"], step=step
        )
        counted = grid.group_by(["i", "j", "low", "high", "step"]).aggregate(
            n_rows=grid.count()
        )
        shown = counted.select(
            x=counted["low"] + counted["i"] * counted["step"],
            x2=counted["low"] + (counted["i"] + 1) * counted["step"],
            y=counted["low"] + counted["j"] * counted["step"],
            y2=counted["low"] + (counted["j"] + 1) * counted["step"],
            n_rows=counted["n_rows"],
            low=counted["low"],
            high=counted["high"],
        )
        look = Look("Actual", "Predicted", height=320, columns=tuple(sorted(self.shape)))
        return shown.order_by(["x", "y"]).limit(MAX_ROWS), outside(look)


def _is_log(facts: Facts, model_id: str) -> bool:
    """Return whether most rows would lie in one corner, and all are above zero."""
    target = facts.target
    if target is None or facts.engine is None or (target.skewness or 0) <= LOG_FROM:
        return False
    least = facts.engine.rows(
        "select least(min(predicted_number), min(actual_number))\n"
        f"from main.predictions\nwhere model_id = {literal(model_id)}\n"
        "    and split = 'holdout'"
    )[0][0]
    return least is not None and least > 0


def _cells(model_id: str, *, is_log: bool) -> str:
    """Return the query of the rows of each cell of a square grid."""
    p, a = "predicted_number", "actual_number"
    into, back = ("ln({})", "exp({})") if is_log else ("{}", "{}")
    x, x2 = back.format("low + i * step"), back.format("low + (i + 1) * step")
    y, y2 = back.format("low + j * step"), back.format("low + (j + 1) * step")
    return (
        f"with pairs as (\n    select {into.format(p)} as p, {into.format(a)} as a\n"
        f"    from main.predictions\n    where model_id = {literal(model_id)}\n"
        f"        and split = 'holdout' and {p} is not null\n"
        f"        and {a} is not null\n),\nedges as (\n"
        "    select least(min(p), min(a)) as low, greatest(max(p), max(a)) as high\n"
        "    from pairs\n),\nsteps as (\n"
        f"    select low, high, (high - low) / {BINS} as step\n    from edges\n),\n"
        "cells as (\n    select low, high, step,\n"
        f"        least(floor((p - low) / step), {BINS - 1}) as i,\n"
        f"        least(floor((a - low) / step), {BINS - 1}) as j\n"
        "    from pairs, steps\n    where step > 0\n)\n"
        f"select {x} as x,\n    {x2} as x2,\n    {y} as y,\n    {y2} as y2,\n"
        f"    count(*) as n_rows,\n    any_value({back.format('low')}) as low,\n"
        f"    any_value({back.format('high')}) as high\nfrom cells\n"
        f"group by x, x2, y, y2\norder by x, y\nlimit {MAX_ROWS}"
    )


plugin = PredictedActual()
