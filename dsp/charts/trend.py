"""A line over time, with what was expected where that is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    MAX_ROWS,
    Facts,
    Look,
    Plan,
    measured,
    outside,
    short,
    sized,
    value_axis,
)
from dsp.charts.explored import trend_sql

FORMATS = {
    "Hour": {"format": "%H:%M"},
    "Day": {"format": "%-d %b"},
    "Week of": {"format": "%b %Y"},
    "Month": {"format": "%b %Y"},
    "Quarter": {"format": "%b %Y"},
    "Year": {"format": "%Y"},
}
"""How the periods of an axis are written, by their name."""
DASHED = (("previous", [4, 4], "text-3"), ("expected", [4, 3], "text"))
"""Columns that are drawn as dashed lines where the data have them."""


class Trend:
    """Draws ts and value as a line; expected as a dashed line."""

    name = "trend"
    shape = frozenset({"ts", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the measure over the periods of the cube, and those before them."""
        explored = facts.explored
        if explored is None or explored.cube.axis != "time":
            return []
        cube, measure = explored.cube, (explored.measures or (None,))[0]
        grain, title = str(cube.grain), "Rows" if measure is None else measure.label
        before = cube.previous_label
        look = Look(
            title,
            "Week of" if grain == "week" else grain.capitalize(),
            "integer" if measure is None else measure.format,
            height=240,
            columns=("ts", "value", "previous", "is_partial", "note", "note_end"),
            time_unit="utcyearmonthdatehours" if grain == "hour" else "utcyearmonthdate",
            zero=measure is None or measure.how == "sum",
            unit=(measure.unit or "") if measure else "",
        )
        about = f"{title} for each {grain}, from {short(str(cube.axis_column))}."
        return [
            Plan(
                "explore_trend",
                "explore",
                f"{title} by {grain}",
                about + (f" Dashed: {before}." if before else ""),
                trend_sql(explored, has_notes=measure is not None),
                look,
                column_name=cube.axis_column,
            )
        ]

    def draw(self, data: Any, look: Look) -> Any:
        """Return a line with an area under it when it starts at zero."""
        import altair as alt

        x = alt.X(
            "ts",
            type="temporal",
            title=None,
            scale=alt.Scale(type="utc"),
            axis=alt.Axis(
                tickCount=6, labelOverlap=True, **FORMATS.get(look.label_title, {})
            ),
        )
        y = alt.Y(
            "value",
            type="quantitative",
            title=None,
            scale=alt.Scale(zero=look.zero),
            axis=value_axis(look, count=3 if look.height < 200 else 4),
        )
        base = alt.Chart(data).encode(x=x)
        layers = _notes(base, look) if "note" in look.columns else []
        if look.zero:
            layers.append(
                base.mark_area(opacity=0.1, line=False, color=look.color("c1")).encode(
                    y=y
                )
            )
        for name, dashes, color in DASHED:
            if name in look.columns:
                layers.append(
                    base.mark_line(
                        strokeDash=dashes, strokeWidth=1.5, color=look.color(color)
                    ).encode(y=alt.Y(name, type="quantitative"))
                )
        layers.append(
            base.mark_line(
                strokeWidth=2.25 if look.height >= 200 else 1.5, color=look.color("c1")
            ).encode(y=y)
        )
        if "is_partial" in look.columns:
            layers.append(_hollow(base, look))
        layers += _hover(base, look)
        return sized(alt.layer(*layers), look)

    def aggregate(
        self,
        table: Any,
        *,
        ts: str,
        value: str | None = None,
        how: str = "sum",
        grain: str = "month",
    ) -> tuple[Any, Look]:
        """Return a figure by period of a time column."""
        figure, title, shape = measured(table, value, how)
        kept = table.filter(table[ts].notnull())
        unit = {"year": "Y", "quarter": "Q", "month": "M", "week": "W", "day": "D"}[grain]
        grouped = (
            kept.group_by(ts=kept[ts].truncate(unit))
            .aggregate(value=figure)
            .order_by("ts")
            .limit(MAX_ROWS)
        )
        look = Look(title, grain.capitalize(), shape, height=240, columns=("ts", "value"))
        return grouped, outside(look)


plugin = Trend()


def _notes(base: Any, look: Look) -> list[Any]:
    """Return bands over the time of anomalies, each with its words."""
    import altair as alt

    noted = base.transform_filter("isString(datum.note)")
    color = look.color("bad")
    return [
        noted.mark_rect(color=color, opacity=0.1).encode(x2=alt.X2("note_end")),
        noted.transform_calculate(middle="(datum.ts+datum.note_end)/2")
        .mark_text(
            baseline="top", dy=2, fontSize=11, fontWeight=500, color=color, limit=130
        )
        .encode(
            x=alt.X("middle", type="temporal"),
            y=alt.value(0),
            text=alt.Text("note", type="nominal"),
        ),
    ]


def _hollow(base: Any, look: Look) -> Any:
    """Return the points of periods that are not complete, drawn hollow."""
    import altair as alt

    return (
        base.transform_filter("datum.is_partial===true&&isValid(datum.value)")
        .mark_point(
            size=46, strokeWidth=2, stroke=look.color("c1"), fill=look.color("surface")
        )
        .encode(y=alt.Y("value", type="quantitative"), opacity=alt.value(1))
    )


def _hover(base: Any, look: Look) -> list[Any]:
    """Return a rule and a point where the pointer is, and the figures there."""
    import altair as alt

    if look.height < 200:
        return [
            base.mark_rule(strokeWidth=10, opacity=0, color=look.color("c1")).encode(
                tooltip=_tooltip(look)
            )
        ]
    hover = alt.selection_point(
        name="hover", on="pointerover", nearest=True, encodings=["x"], clear="pointerout"
    )
    shown = base.transform_calculate(
        shown=look.number("value"),
        shown_before=f"isValid(datum.previous)?{look.number('previous')}:'–'",
    )
    return [
        shown.mark_rule(strokeWidth=1, color=look.color("border-2"))
        .encode(
            opacity=alt.when(hover, empty=False)
            .then(alt.value(1))
            .otherwise(alt.value(0)),
            tooltip=_tooltip(look),
        )
        .add_params(hover),
        base.transform_filter({"param": "hover", "empty": False})
        .mark_point(
            size=52,
            filled=True,
            color=look.color("c1"),
            stroke=look.color("surface"),
            strokeWidth=2,
        )
        .encode(y=alt.Y("value", type="quantitative"), opacity=alt.value(1)),
    ]


def _tooltip(look: Look) -> list[Any]:
    import altair as alt

    when = alt.Tooltip(
        "ts", type="temporal", title=look.label_title, timeUnit=look.time_unit
    )
    if look.height >= 200:
        found = [alt.Tooltip("shown", type="nominal", title=look.value_title)]
        if "previous" in look.columns:
            found.append(alt.Tooltip("shown_before", type="nominal", title="Before"))
        return [when, *found]
    figures = [("value", look.value_title)]
    if "expected" in look.columns:
        figures.append(("expected", "Expected"))
    return [
        when,
        *(
            alt.Tooltip(
                field, type="quantitative", title=title, format=look.tooltip_format
            )
            for field, title in figures
        ),
    ]
