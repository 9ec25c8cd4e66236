"""The distribution of a number in bins, of all rows or side by side for each label."""

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
    value_axis,
)
from dsp.charts.columns import bin_of, edge, labels, numbers, with_rest
from dsp.charts.lines import colored, series_of
from dsp.engine.duckdb_engine import literal

MAX_BINS = 200


class Histogram:
    """Draws low, high and value as touching bars, or as steps for each label."""

    name = "histogram"
    shape = frozenset({"low", "high", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the distribution of the target, or of the first measures."""
        numeric = ("integer", "decimal", "float")
        target = facts.target
        if facts.explored is not None:
            # Its charts say more: they can be filtered, and the columns have their own.
            return []
        if target is not None:
            # Two values are classes, which bars show.
            is_number = target.family in numeric and target.n_distinct > 2
            chosen = [target] if is_number else []
        else:
            chosen = [c for c in facts.columns if c.role == "measure"][:2]
        shown = [c.column_name for c in chosen if c.n_distinct > 1]
        return [self._of(name, place) for place, name in enumerate(shown, start=1)]

    def draw(self, data: Any, look: Look) -> Any:
        """Return the bins with counts; for labels, their shares of the label's rows."""
        import altair as alt

        tip = tip_of(look.label_title)
        x = alt.X(
            "low",
            type="quantitative",
            title=look.label_title,
            axis=alt.Axis(labelExpr=tick_of(look.label_title), tickCount=6, grid=False),
            scale=alt.Scale(zero=False, nice=False),
        )
        bounds = [
            alt.Tooltip("low", type="quantitative", title="From", format=tip),
            alt.Tooltip("high", type="quantitative", title="To", format=tip),
        ]
        if "label" in look.columns:
            return sized(_steps(data, look, x, bounds), look)
        bars = (
            alt.Chart(data)
            .mark_rect(
                color=look.color("c1"), stroke=look.color("surface"), strokeWidth=1
            )
            .encode(
                x=x,
                x2=alt.X2("high"),
                y=alt.Y(
                    "value",
                    type="quantitative",
                    title=None,
                    axis=alt.Axis(labelExpr=TICK, tickCount=4),
                ),
                y2=alt.Y2(datum=0),
                tooltip=[
                    *bounds,
                    alt.Tooltip(
                        "value", type="quantitative", title="Rows", format=",.0f"
                    ),
                ],
            )
        )
        return sized(bars, look)

    def aggregate(
        self, table: Any, *, x: str, bins: int = 30, label: str | None = None
    ) -> tuple[Any, Look]:
        """Return bins of equal width between the smallest and the largest value."""
        import ibis

        bins = max(1, min(bins, MAX_BINS))
        rows = table.select(
            x=numbers(table, x),
            label=ibis.literal("") if label is None else labels(table, label),
            weight=ibis.literal(1),
        )
        rows = with_rest(rows.filter(rows["x"].notnull()), Look().series)
        edges = rows.aggregate(first=rows["x"].min(), last=rows["x"].max())
        joined = rows.cross_join(edges)
        at = bin_of(joined["x"], joined["first"], joined["last"], bins)
        binned = joined.mutate(bin=at)
        counted = binned.group_by(["label", "bin"]).aggregate(n_rows=binned.count())
        groups = rows.group_by(["label", "place"]).aggregate(n_all=rows.count())
        if label is None:
            shown = counted.cross_join(edges).mutate(place=0, n_all=1)
        else:
            # A line must come down to zero where a group has no rows.
            every = ibis.range(bins).unnest().name("bin").as_table().cross_join(groups)
            every = every.mutate(bin=every["bin"].cast("float64")).cross_join(edges)
            shown = every.left_join(counted, ["label", "bin"]).drop(
                "label_right", "bin_right"
            )
        first, last = shown["first"], shown["last"]
        shown = shown.select(
            place="place",
            low=edge(first, last, shown["bin"], bins),
            # A column of one value has a bin too.
            high=ibis.ifelse(
                first == last, first + 1.0, edge(first, last, shown["bin"] + 1, bins)
            ),
            value=shown["n_rows"].fill_null(0) / shown["n_all"],
            label="label",
        ).order_by(["place", "low"])
        names = ("low", "high", "value") + (() if label is None else ("label",))
        look = Look(
            "Rows" if label is None else "Share of its rows",
            short(x),
            "integer" if label is None else "percent",
            height=240,
            columns=names,
        )
        return shown.select(*names).limit(MAX_ROWS), outside(look)

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


def _steps(data: Any, look: Look, x: Any, bounds: list[Any]) -> Any:
    """Return the outline of the distribution of each label, from zero back to zero."""
    import altair as alt

    base = series_of(alt.Chart(data), look).transform_calculate(
        middle="(datum.low+datum.high)/2"
    )
    y = alt.Y("value", type="quantitative", title=None, axis=value_axis(look), stack=None)
    along = alt.X(
        "middle",
        type="quantitative",
        title=look.label_title,
        axis=x["axis"],
        scale=x["scale"],
    )
    color = colored(look, is_direct=False)
    tooltip = [
        alt.Tooltip("label", type="nominal", title="Group"),
        *bounds,
        alt.Tooltip(
            "value",
            type="quantitative",
            title=look.value_title,
            format=look.tooltip_format,
        ),
    ]
    detail = alt.Detail("label", type="nominal")
    shared = {"x": along, "y": y, "color": color, "detail": detail}
    return alt.layer(
        base.mark_area(opacity=0.08, line=False).encode(**shared),
        base.mark_line(strokeWidth=2).encode(tooltip=tooltip, **shared),
    )


plugin = Histogram()
