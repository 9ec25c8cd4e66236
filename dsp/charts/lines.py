"""A line for each label: the mean of one number along another, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    MAX_ROWS,
    OTHER,
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
from dsp.charts.columns import labels, numbers, with_rest

REST = (OTHER, "(all others)", "(the rest)")
"""Labels of what is compared with, drawn in grey."""
DIRECT = 3
"""Lines up to which their names stand at their ends, instead of in a legend."""
ROOM, LETTERS = 112, 12
"""Pixels for the names at the ends, and letters of a name beside its figure."""
IS_DIRECT = f"length(domain('color'))<={DIRECT}"
ENDS: list[Any] = [0, {"expr": f"{IS_DIRECT}?max(80,width-{ROOM}):width"}]
"""The range of the axis along which lines run."""


class Lines:
    """Draws x and value as a line with points for each label."""

    name = "lines"
    shape = frozenset({"x", "value", "label"})
    has_points = True

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: insights bring the data of this kind."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return lines with their names at the ends, or in a legend."""
        import altair as alt

        x = alt.X(
            "x",
            type="quantitative",
            title=look.label_title,
            axis=alt.Axis(labelExpr=tick_of(look.label_title), tickCount=6),
            scale=alt.Scale(zero=False, nice=False, range=ENDS),
        )
        along = alt.Tooltip(
            "x",
            type="quantitative",
            title=look.label_title,
            format=tip_of(look.label_title),
        )
        return sized(drawn(data, look, x, along, has_points=self.has_points), look)

    def aggregate(
        self, table: Any, *, x: str, value: str, label: str, bins: int = 5
    ) -> tuple[Any, Look]:
        """Return the mean of a number in bins of another, for each value of a column."""
        import ibis

        rows = table.select(
            x=numbers(table, x),
            y=numbers(table, value),
            label=labels(table, label),
            weight=ibis.literal(1),
        )
        rows = rows.filter(rows["x"].notnull() & rows["y"].notnull())
        rows = with_rest(rows, Look().series)
        binned = rows.mutate(bin=ibis.ntile(bins).over(order_by=[rows["x"], rows["y"]]))
        grouped = (
            binned.group_by(["place", "label", "bin"])
            .aggregate(x=binned["x"].mean(), value=binned["y"].mean())
            .order_by(["place", "bin"])
            .limit(MAX_ROWS)
        )
        look = Look(
            f"Average {short(value)}",
            short(x),
            columns=("x", "value", "label"),
            height=240,
        )
        return grouped.select("x", "value", "label"), outside(look)


def drawn(data: Any, look: Look, x: Any, along: Any, *, has_points: bool) -> Any:
    """Return lines by label along an axis; `along` is the tooltip of the axis.

    Labels have colours in the order in which they come; those beyond the colours of the
    look are "Other", in grey.
    """
    import altair as alt

    series = series_of(alt.Chart(data), look)
    y = alt.Y(
        "value",
        type="quantitative",
        title=None,
        axis=value_axis(look, count=3 if look.height < 200 else 4),
        scale=alt.Scale(zero=False),
    )
    own = colored(look)
    color = _greyed(own, look, "muted")
    points = alt.OverlayMarkDef(size=30, filled=True) if has_points else False
    lines = series.mark_line(strokeWidth=2, point=points).encode(
        x=x,
        y=y,
        color=color,
        detail=alt.Detail("label", type="nominal"),
        tooltip=[
            along,
            alt.Tooltip("label", type="nominal", title="Line"),
            alt.Tooltip(
                "value",
                type="quantitative",
                title=look.value_title,
                format=look.tooltip_format,
            ),
        ],
    )
    return alt.layer(
        lines,
        _names(series, look, x, _greyed(own, look, "text-3")),
    )


def series_of(chart: Any, look: Look) -> Any:
    """Return a chart whose rows know the name that their line is shown by."""
    import altair as alt

    return (
        chart.transform_window(row="row_number()")
        .transform_joinaggregate(first="min(row)", groupby=["label"])
        .transform_window(
            place="dense_rank()", sort=[alt.SortField("first")], frame=[None, None]
        )
        .transform_calculate(series=f"datum.place<={look.series}?datum.label:'{OTHER}'")
    )


def colored(look: Look, *, is_direct: bool = True) -> Any:
    """Return the colour of a line: that of its label, or one line against grey ones.

    `is_direct` says that few lines have names at their ends, instead of a legend.
    """
    import altair as alt

    if look.highlight is not None:
        return alt.condition(
            alt.FieldEqualPredicate(field="label", equal=look.highlight),
            alt.value(look.color("c1")),
            alt.value(look.color("muted")),
        )
    colors = [look.color(f"c{n}") for n in range(1, look.series + 1)]
    return alt.Color(
        "series",
        type="nominal",
        sort=alt.EncodingSortField("row", op="min"),
        scale=alt.Scale(range=[*colors, look.color("muted")]),
        legend=alt.Legend(
            orient="top",
            title=None,
            labelLimit=112,
            columns={"expr": "width<400?2:4"},
            symbolType="stroke",
            symbolStrokeWidth=3,
            **(_unless_direct() if is_direct else {"offset": 4, "symbolOpacity": 1}),
        ),
    )


def _unless_direct() -> dict[str, Any]:
    """Return what hides a legend: an expression cannot leave it out, but shrink it."""
    shown = {"labelFontSize": 12, "symbolSize": 100, "labelOpacity": 1}
    hidden = {key: f"{IS_DIRECT}?0:{value}" for key, value in shown.items()}
    hidden |= {"symbolOpacity": f"{IS_DIRECT}?0:1", "offset": f"{IS_DIRECT}?-2:4"}
    return {key: {"expr": text} for key, text in hidden.items()}


def _greyed(color: Any, look: Look, grey: str) -> Any:
    """Return a colour that is grey for what the others are compared with."""
    import altair as alt

    if look.highlight is not None:
        return color
    rest = alt.FieldOneOfPredicate(field="series", oneOf=list(REST))
    return alt.condition(rest, alt.value(look.color(grey)), color)


def _names(series: Any, look: Look, x: Any, color: Any) -> Any:
    """Return the names of few lines beside their last points, none over another."""
    import altair as alt

    along = "ts" if "ts" in look.columns else "x"
    gap = f"(datum.high-datum.low)*{round(15 / look.height, 4)}"
    down = [alt.SortField("value"), alt.SortField("row")]
    return (
        series.transform_filter("isValid(datum.value)")
        .transform_joinaggregate(
            low="min(value)", high="max(value)", n_lines="distinct(series)"
        )
        .transform_window(
            back="row_number()",
            sort=[alt.SortField(along, order="descending")],
            groupby=["label"],
        )
        .transform_filter("datum.back===1")
        .transform_window(
            [
                alt.WindowFieldDef(op="lag", field="value", param=n, **{"as": f"v{n}"})
                for n in (1, 2)
            ],
            sort=down,
        )
        .transform_calculate(
            below=f"isValid(datum.v2)?max(datum.v1,datum.v2+{gap}):datum.v1",
            shown=f"datum.n_lines>{DIRECT}?'':truncate(datum.series,{LETTERS})"
            f"+'\u2002'+({look.number('value')})",
        )
        .transform_calculate(
            at=f"isValid(datum.below)&&datum.n_lines<={DIRECT}"
            f"?max(datum.value,datum.below+{gap}):datum.value"
        )
        .mark_text(align="left", dx=8, fontSize=11.5, fontWeight=500, limit=ROOM - 8)
        .encode(
            x=x,
            y=alt.Y("at", type="quantitative"),
            color=color,
            text=alt.Text("shown", type="nominal"),
        )
    )


plugin = Lines()
