"""The distribution of a number in bins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    MAX_ROWS,
    TICK,
    Facts,
    Look,
    Plan,
    outside,
    short,
    sized,
    tick_of,
    tip_of,
)
from dsp.engine.duckdb_engine import literal


class Histogram:
    """Draws low, high and value as touching bars."""

    name = "histogram"
    shape = frozenset({"low", "high", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the distribution of the target, or of the first measures."""
        numbers = ("integer", "decimal", "float")
        target = facts.target
        if facts.explored is not None:
            # Its charts say more: they can be filtered, and the columns have their own.
            return []
        if target is not None:
            # Two values are classes, which bars show.
            is_number = target.family in numbers and target.n_distinct > 2
            chosen = [target] if is_number else []
        else:
            chosen = [c for c in facts.columns if c.role == "measure"][:2]
        shown = [c.column_name for c in chosen if c.n_distinct > 1]
        return [self._of(name, place) for place, name in enumerate(shown, start=1)]

    def draw(self, data: Any, look: Look) -> Any:
        """Return the bins with counts."""
        import altair as alt

        tip = tip_of(look.label_title)
        bars = (
            alt.Chart(data)
            .mark_rect(
                color=look.color("c1"), stroke=look.color("surface"), strokeWidth=1
            )
            .encode(
                x=alt.X(
                    "low",
                    type="quantitative",
                    title=look.label_title,
                    axis=alt.Axis(
                        labelExpr=tick_of(look.label_title), tickCount=6, grid=False
                    ),
                    scale=alt.Scale(zero=False, nice=False),
                ),
                x2=alt.X2("high"),
                y=alt.Y(
                    "value",
                    type="quantitative",
                    title=None,
                    axis=alt.Axis(labelExpr=TICK, tickCount=4),
                ),
                y2=alt.Y2(datum=0),
                tooltip=[
                    alt.Tooltip("low", type="quantitative", title="From", format=tip),
                    alt.Tooltip("high", type="quantitative", title="To", format=tip),
                    alt.Tooltip(
                        "value", type="quantitative", title="Rows", format=",.0f"
                    ),
                ],
            )
        )
        return sized(bars, look)

    def aggregate(self, table: Any, *, x: str, bins: int = 30) -> tuple[Any, Look]:
        """Return bins of equal width between the smallest and the largest value."""
        import ibis

        number = table[x].cast("float64")
        usable = table.filter(number.notnull() & ~number.isnan() & ~number.isinf())
        values = usable.select(x=usable[x].cast("float64"))
        edges = values.aggregate(low=values["x"].min(), high=values["x"].max())
        joined = values.cross_join(edges)
        width = (joined["high"] - joined["low"]) / bins
        place = ((joined["x"] - joined["low"]) / width.nullif(0)).floor().fill_null(0)
        binned = joined.mutate(
            bin=ibis.least(place, ibis.literal(bins - 1)),
            start=joined["low"],
            width=width,
        )
        counted = binned.group_by(["bin", "start", "width"]).aggregate(
            value=binned.count()
        )
        shown = counted.select(
            low=counted["start"] + counted["bin"] * counted["width"],
            high=counted["start"] + (counted["bin"] + 1) * counted["width"],
            value=counted["value"],
        ).order_by("low")
        look = Look(
            "Rows",
            short(x),
            "integer",
            height=240,
            columns=("low", "high", "value"),
        )
        return shown, outside(look)

    def _of(self, name: str, place: int) -> Plan:
        sql = (
            "select low,\n    high,\n    n_rows as value\nfrom main.histograms\n"
            f"where column_name = {literal(name)}\n    and kind = 'width'\norder by bin\n"
            f"limit {MAX_ROWS}"
        )
        title = f"Distribution of {short(name)}"
        return Plan(
            f"explore_distribution_{place}",
            "explore",
            title,
            f"Number of rows by value of {short(name)}.",
            sql,
            Look("Rows", short(name), "integer", None, 210, ("low", "high", "value")),
            column_name=name,
        )


plugin = Histogram()
