"""A single figure as a bar within its range, with a goal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import Facts, Look, Plan, outside, sized
from dsp.charts.kpi import one_figure
from dsp.errors import DspError

MIDDLE, THICK, LINE = 80, 20, 16


class Gauge:
    """Draws value as a bar from low to high, with a mark at the goal."""

    name = "gauge"
    shape = frozenset({"value", "high"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: this kind is drawn on request."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return the bar over its range; a figure beyond the range fills it."""
        import altair as alt

        low = "datum.low" if "low" in look.columns else "0"
        base = alt.Chart(data).transform_calculate(
            start="0",
            end="1",
            part=f"clamp((datum.value-{low})/(datum.high-{low}),0,1)",
            shown=look.number("value"),
            first=look.number("low") if "low" in look.columns else "'0'",
            last=look.number("high"),
        )
        tooltip = [
            alt.Tooltip(
                name, type="quantitative", title=title, format=look.tooltip_format
            )
            for name, title in (
                ("value", look.value_title),
                ("low", "From"),
                ("high", "To"),
                ("goal", "Goal"),
            )
            if name in look.columns
        ]
        scale = alt.Scale(domain=[0, 1])
        y = alt.value(MIDDLE if "goal" in look.columns else MIDDLE - LINE)

        def along(name: str) -> Any:
            return alt.X(name, type="quantitative", axis=None, scale=scale)

        def bar(color: str, end: str, size: int) -> Any:
            mark = base.mark_bar(color=look.color(color), size=size, cornerRadius=3)
            return mark.encode(x=along("start"), x2=end, y=y, tooltip=tooltip)

        def text(at: int, size: float, color: str, **options: Any) -> Any:
            mark = base.mark_text(
                baseline="middle", fontSize=size, color=look.color(color), **options
            )
            return mark.encode(y=alt.value(at))

        below = y["value"] + THICK / 2 + 12
        layers = [
            text(9, 13, "text-2", align="left", text=look.value_title or " ").encode(
                x=alt.value(0)
            ),
            text(34, 22, "text", align="left", fontWeight=700).encode(
                x=alt.value(0), text=alt.Text("shown", type="nominal")
            ),
            bar("ghost", "end", THICK),
            bar("c1", "part", THICK),
            text(int(below), 11, "text-3", align="left").encode(
                x=alt.value(0), text=alt.Text("first", type="nominal")
            ),
            text(int(below), 11, "text-3", align="right").encode(
                x=alt.value({"expr": "width"}), text=alt.Text("last", type="nominal")
            ),
        ]
        if "goal" in look.columns:
            layers.extend(_goal(base, look, low, along))
        return sized(alt.layer(*layers), look).properties(height=int(below) + 14)

    def aggregate(
        self,
        table: Any,
        *,
        high: float,
        value: str | None = None,
        how: str = "sum",
        title: str = "",
        low: float = 0.0,
        goal: float | None = None,
    ) -> tuple[Any, Look]:
        """Return one row: the figure, its range and its goal."""
        if not low < high:
            raise DspError(
                f"the range of a gauge ends at {high}, which is not above {low}",
                hint="low=..., high=...",
            )
        given = {"low": low, "high": high, "goal": goal}
        figure, look = one_figure(table, value, how, title, given)
        return figure, outside(Look(**look))


def _goal(base: Any, look: Look, low: str, along: Any) -> list[Any]:
    """Return the mark at the goal, and its name above it."""
    import altair as alt

    goal = (
        base.transform_filter("isValid(datum.goal)")
        .transform_calculate(
            at=f"clamp((datum.goal-{low})/(datum.high-{low}),0,1)",
            named=f"'Goal '+({look.number('goal')})",
        )
        .transform_calculate(side="datum.at<0.2?'left':datum.at>0.8?'right':'center'")
    )
    half = THICK / 2 + 4
    tick = goal.mark_rule(strokeWidth=2.5, color=look.color("text")).encode(
        x=along("at"), y=alt.value(MIDDLE - half), y2=alt.value(MIDDLE + half)
    )
    name = goal.mark_text(
        fontSize=11.5,
        fontWeight=600,
        color=look.color("text"),
        baseline="bottom",
        align={"expr": "datum.side"},
    ).encode(
        x=along("at"),
        y=alt.value(MIDDLE - half - 3),
        text=alt.Text("named", type="nominal"),
    )
    return [tick, name]


plugin = Gauge()
