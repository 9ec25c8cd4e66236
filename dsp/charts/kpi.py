"""A single figure as a big number, with its change against a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import Facts, Look, Plan, measured, outside, short, sized
from dsp.charts.columns import values
from dsp.errors import DspError

POLARITIES = ("neutral", "up", "down")
CHANGE = (
    "!isValid(datum.baseline)?''"
    ":datum.shown===datum.before?'No change'"
    ":(datum.value>datum.baseline?'▲ ':'▼ ')+datum.size+' vs '+datum.before"
)
RATIO = (
    "datum.baseline>0&&datum.value>=0&&datum.value<=10*datum.baseline"
    "?format(abs(datum.value/datum.baseline-1),'.1%')"
    ":{}"
)
POINTS = "format(100*abs(datum.value-datum.baseline),'.1f')+' pt'"


class Kpi:
    """Draws value as text, with baseline and goal where they are known."""

    name = "kpi"
    shape = frozenset({"value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: a page has its own cards; this is drawn on request."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return the name, the number, and what it is compared with."""
        import altair as alt

        base = alt.Chart(data).transform_calculate(shown=look.number("value"))
        tooltip = [
            alt.Tooltip(
                "value",
                type="quantitative",
                title=look.value_title,
                format=look.tooltip_format,
            )
        ]

        def text(chart: Any, at: int, size: float, color: str, **options: Any) -> Any:
            mark = chart.mark_text(
                align="left",
                baseline="middle",
                fontSize=size,
                color=look.color(color),
                limit={"expr": "width"},
                **options,
            )
            return mark.encode(x=alt.value(0), y=alt.value(at))

        layers = [
            text(base, 9, 13, "text-2", text=look.value_title or " "),
            text(base, 39, 28, "text", fontWeight=700).encode(
                text=alt.Text("shown", type="nominal"), tooltip=tooltip
            ),
        ]
        at = 68
        if "baseline" in look.columns:
            size = POINTS if look.format == "percent" else RATIO.format(_step(look))
            change = (
                base.transform_calculate(before=look.number("baseline"), size=size)
                .transform_calculate(shown=CHANGE)
                .transform_filter("datum.shown!==''")
            )
            layers.append(
                text(change, at, 12.5, "text-2", fontWeight=600).encode(
                    text=alt.Text("shown", type="nominal"), color=_color(look)
                )
            )
            at += 20
        if "goal" in look.columns:
            goal = base.transform_filter("isValid(datum.goal)").transform_calculate(
                shown=f"'Goal '+({look.number('goal')})"
            )
            layers.append(
                text(goal, at, 12, "text-2").encode(
                    text=alt.Text("shown", type="nominal")
                )
            )
            at += 20
        return sized(alt.layer(*layers), look).properties(height=at - 2)

    def aggregate(
        self,
        table: Any,
        *,
        value: str | None = None,
        how: str = "sum",
        title: str = "",
        baseline: float | None = None,
        goal: float | None = None,
        polarity: str = "neutral",
    ) -> tuple[Any, Look]:
        """Return one row: the figure, and the numbers it is compared with."""
        given = {"baseline": baseline, "goal": goal}
        figure, look = one_figure(table, value, how, title, given)
        if polarity not in POLARITIES:
            raise DspError(
                f'no polarity "{polarity}"', hint=f"one of {', '.join(POLARITIES)}"
            )
        return figure, outside(Look(**look, polarity=polarity))


def one_figure(
    table: Any, value: str | None, how: str, title: str, given: dict[str, float | None]
) -> tuple[Any, dict[str, Any]]:
    """Return a table of one row with a figure beside given numbers, and its look."""
    import ibis

    for name, number in given.items():
        if number is not None and not -1e300 < number < 1e300:
            raise DspError(f"{name} is {number}, which is no number to draw")
    rows = table.select(y=values(table, value))
    figure, named, form = measured(rows, None if value is None else "y", how, name=value)
    known = {name: number for name, number in given.items() if number is not None}
    shown = rows.aggregate(
        value=figure.cast("float64"),
        **{name: ibis.literal(float(number)) for name, number in known.items()},
    )
    look = {
        "value_title": short(title) if title else named,
        "label_title": "",
        "format": form,
        "columns": ("value", *known),
    }
    return shown.filter(shown["value"].notnull()), look


def _step(look: Look) -> str:
    """Return the expression that writes how far the figure is from its baseline."""
    return look.number("value").replace("datum.value", "(datum.value-datum.baseline)")


def _color(look: Look) -> Any:
    """Return the colour of a change: good, bad, or neither."""
    import altair as alt

    neutral = alt.value(look.color("text-2"))
    if look.polarity not in ("up", "down"):
        return neutral
    sign = "1" if look.polarity == "up" else "-1"
    moved = f"datum.shown!=='No change'&&{sign}*(datum.value-datum.baseline)"
    return (
        alt.when(f"{moved}>0")
        .then(alt.value(look.color("good")))
        .when(f"{moved}<0")
        .then(alt.value(look.color("bad")))
        .otherwise(neutral)
    )


plugin = Kpi()
