"""Horizontal bars: a figure for each value of a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    Explored,
    Facts,
    Look,
    Plan,
    measured,
    outside,
    short,
    sized,
)
from dsp.charts.explored import bars_sql
from dsp.records import CubeDimension

STEP = 28
LOW, TALL = 178, 302
"""Heights of bars by dimension: alone, and beside the trend."""
FEW, PER_VALUE = 6, 30
SHORTENED = "length(datum.label)>3?slice(datum.label,0,3):datum.label"
SAME = {False: "'0%'", True: "'0.0 pt'"}
"""How no change would be written."""


class Bar:
    """Draws label and value as bars, in the order of the data."""

    name = "bar"
    shape = frozenset({"label", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the measure by every dimension of the cube, the first one tall."""
        if facts.explored is None:
            return []
        return [
            _explored(facts.explored, dimension, is_first=place == 0)
            for place, dimension in enumerate(facts.explored.dimensions)
        ]

    def draw(self, data: Any, look: Look) -> Any:
        """Return bars with their values at the end, and changes at the right edge."""
        import altair as alt

        is_compared, is_explored = "previous" in look.columns, "share" in look.columns
        if look.is_upright:
            return sized(_columns(alt.Chart(data), look), look)
        room = (78 if look.format == "amount" else 64) + 44 * is_compared
        y = alt.Y(
            "label",
            type="nominal",
            sort=None,
            title=None,
            axis=alt.Axis(labelLimit=96 if is_explored else 120),
            scale=alt.Scale(paddingInner=0.34, paddingOuter=0.12),
        )
        x = alt.X(
            "value",
            type="quantitative",
            axis=None,
            scale=alt.Scale(range=[0, {"expr": f"max(40,width-{room})"}]),
        )
        color: Any = alt.value(look.color("c1"))
        if look.highlight is not None:
            color = alt.condition(
                alt.FieldEqualPredicate(field="label", equal=look.highlight),
                alt.value(look.color("c1")),
                alt.value(look.color("muted")),
            )
        base = _calculated(alt.Chart(data), look).encode(y=y)
        size: dict[str, Any] = {"height": 20} if is_explored else {}
        bars = base.mark_bar(cornerRadiusEnd=3, **size).encode(
            x=x, color=color, tooltip=_tooltip(look), **_faded(look, 0.25)
        )
        text = base.mark_text(
            align="left", dx=6, fontSize=12, fontWeight=500, color=look.color("text")
        ).encode(
            x=alt.X("anchor", type="quantitative"),
            text=alt.Text("shown", type="nominal"),
            **_faded(look, 0.4),
        )
        layers = [bars, text, *([_changes(base, look)] if is_compared else [])]
        return sized(alt.layer(*layers), look, step=None if is_explored else STEP)

    def aggregate(
        self,
        table: Any,
        *,
        label: str,
        value: str | None = None,
        how: str = "mean",
        limit: int = 12,
    ) -> tuple[Any, Look]:
        """Return the largest values of a figure by a dimension."""
        import ibis

        figure, title, shape = measured(table, value, how)
        grouped = (
            table.group_by(label=table[label].cast("string").fill_null("(missing)"))
            .aggregate(value=figure, n_rows=table.count())
            .order_by([ibis.desc("value"), "label"])
            .limit(limit)
        )
        look = Look(
            title, short(label), shape, columns=("label", "value", "n_rows"), height=180
        )
        return grouped, outside(look)


plugin = Bar()


def _explored(explored: Explored, dimension: CubeDimension, *, is_first: bool) -> Plan:
    measure = None
    if explored.measures and not dimension.is_target:
        measure = explored.measures[0]
    what = "Rows" if measure is None else measure.label
    n = dimension.n_values
    has_side = is_first and explored.cube.axis != "none"
    height = max(TALL if has_side else LOW, PER_VALUE * n if n > FEW else 0)
    before = explored.cube.previous_label
    compared = f" Change against {before}." if before else ""
    return Plan(
        f"explore_by_{dimension.dimension}",
        "explore",
        f"{what} by {dimension.label}",
        f"{what} by {dimension.label}.{compared}",
        bars_sql(explored, dimension),
        Look(
            what,
            dimension.label,
            "integer" if measure is None else measure.format,
            height=height,
            columns=("label", "value", "n_rows", "share")
            + (("previous",) if explored.cube.axis == "time" else ()),
            unit=(measure.unit or "") if measure else "",
            polarity=measure.polarity if measure else "neutral",
        ),
        column_name=dimension.column_name,
    )


def _calculated(chart: Any, look: Look) -> Any:
    """Return a chart whose rows carry what is written beside their bars."""
    made = chart.transform_calculate(
        shown=f"isValid(datum.value)?({look.number('value')}):''",
        anchor="max(0,datum.value)",
    )
    if "previous" not in look.columns:
        return made
    if look.format == "percent":
        size, moved = (
            "datum.value-datum.previous",
            "format(100*abs(datum.moved),'.1f')+' pt'",
        )
        known = "isValid(datum.previous)"
    else:
        size = "(datum.value-datum.previous)/abs(datum.previous)"
        moved = "format(abs(datum.moved),'.0%')"
        known = "isValid(datum.previous)&&datum.previous*datum.value>0"
    return made.transform_calculate(
        moved=f"{known}&&isValid(datum.value)?{size}:null"
    ).transform_calculate(
        change=f"!isValid(datum.moved)?'':{moved}=={SAME[look.format == 'percent']}"
        f"?{moved}:(datum.moved>0?'▲ ':'▼ ')+{moved}"
    )


def _columns(chart: Any, look: Look) -> Any:
    """Return upright bars, for labels that have an order: months, weekdays, hours."""
    import altair as alt

    return (
        _calculated(chart, look)
        .mark_bar(color=look.color("c1"), cornerRadiusEnd=3)
        .encode(
            x=alt.X(
                "label",
                type="nominal",
                sort=None,
                title=None,
                axis=alt.Axis(labelAngle=0, labelOverlap=True, labelExpr=SHORTENED),
                scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1),
            ),
            y=alt.Y(
                "value",
                type="quantitative",
                title=None,
                axis=alt.Axis(labelExpr=look.tick, tickCount=3),
            ),
            tooltip=_tooltip(look),
        )
    )


def _changes(base: Any, look: Look) -> Any:
    """Return the changes at the right edge, in the colours of good and bad."""
    import altair as alt

    good, bad = ("good", "bad") if look.polarity == "up" else ("bad", "good")
    plain = alt.value(look.color("text-3"))
    color: Any = plain
    if look.polarity != "neutral":
        color = (
            alt.when("datum.moved>0.005")
            .then(alt.value(look.color(good)))
            .when("datum.moved<-0.005")
            .then(alt.value(look.color(bad)))
            .otherwise(plain)
        )
    return base.mark_text(align="right", fontSize=11.5, fontWeight=500).encode(
        x=alt.value({"expr": "width"}),
        text=alt.Text("change", type="nominal"),
        color=color,
        **_faded(look, 0.4),
    )


def _faded(look: Look, opacity: float) -> dict[str, Any]:
    """Return the opacity of what a filter leaves out; the page says what is on."""
    import altair as alt

    if "share" not in look.columns:
        return {}
    return {
        "opacity": alt.when("datum.on===false")
        .then(alt.value(opacity))
        .otherwise(alt.value(1))
    }


def _tooltip(look: Look) -> list[Any]:
    import altair as alt

    found = [
        alt.Tooltip("label", type="nominal", title=look.label_title),
        alt.Tooltip("shown", type="nominal", title=look.value_title),
    ]
    if "share" in look.columns:
        found.append(
            alt.Tooltip("share", type="quantitative", title="Share", format=".1%")
        )
    if "n_rows" in look.columns:
        found.append(
            alt.Tooltip("n_rows", type="quantitative", title="Rows", format=",.0f")
        )
    if "previous" in look.columns:
        found.append(alt.Tooltip("change", type="nominal", title="Change"))
    return found
