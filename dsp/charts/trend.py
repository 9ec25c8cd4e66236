"""A line over time, with what was expected where that is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dsp.charts.base import (
    MAX_ROWS,
    Facts,
    Look,
    Plan,
    measured,
    outside,
    sized,
    value_axis,
)
from dsp.engine.duckdb_engine import quote

DAYS = {"hour": 1, "day": 1, "week": 7, "month": 31}
LIMITS = ((2, "hour"), (120, "day"), (1_100, "week"), (7_300, "month"))


class Trend:
    """Draws ts and value as a line; expected as a dashed line."""

    name = "trend"
    shape = frozenset({"ts", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the measure over the time column, in whole periods."""
        if facts.time is None or facts.time.n_distinct < 3:
            return []
        time = facts.time
        grain = grain_of(time.min_value, time.max_value, time.n_distinct)
        if grain is None:
            return []
        when, measure = quote(facts.time.column_name), facts.measure
        per = {"day": "day", "hour": "hour"}.get(grain, f"whole {grain}")
        sql = (
            f"with days as (\n    select min({when}) as first_ts,\n"
            f"        max({when}) as last_ts\n"
            f"    from clean.data\n    where isfinite({when})\n)\n"
            f"select date_trunc('{grain}', {when}) as ts,\n    {measure.sql} as value,\n"
            "    count(*) as n_rows\nfrom clean.data\n"
            f"where isfinite({when})\n"
            + (
                ""
                if grain in ("hour", "day")
                else f"    and date_trunc('{grain}', {when}) >= (\n"
                "        select first_ts from days)\n"
                f"    and date_trunc('{grain}', {when}) + interval 1 {grain}"
                " <= (\n        select last_ts from days) + interval 1 day\n"
            )
            + f"group by 1\norder by 1\nlimit {MAX_ROWS}"
        )
        title = f"{measure.title} by {grain}"
        look = Look(
            measure.title,
            grain.capitalize(),
            measure.format,
            height=240,
            columns=("ts", "value", "n_rows"),
            time_unit="utcyearmonthdatehours" if grain == "hour" else "utcyearmonthdate",
            zero=measure.is_additive,
        )
        about = f"{measure.title} for each {per}, from {facts.time.column_name}."
        return [
            Plan(
                "explore_trend",
                "explore",
                title,
                about,
                sql,
                look,
                column_name=facts.time.column_name,
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
            axis=alt.Axis(tickCount=6, labelOverlap=True),
        )
        y = alt.Y(
            "value",
            type="quantitative",
            title=None,
            scale=alt.Scale(zero=look.zero),
            axis=value_axis(look, count=3 if look.height < 200 else 4),
        )
        base = alt.Chart(data).encode(x=x)
        tooltip = _tooltip(look)
        layers = []
        if look.zero:
            layers.append(
                base.mark_area(opacity=0.1, line=False, color=look.color("c1")).encode(
                    y=y
                )
            )
        layers.append(
            base.mark_line(
                strokeWidth=2.25 if look.height >= 200 else 1.5, color=look.color("c1")
            ).encode(y=y)
        )
        if "expected" in look.columns:
            layers.append(
                base.mark_line(
                    strokeDash=[4, 3], strokeWidth=1.5, color=look.color("text")
                ).encode(y=alt.Y("expected", type="quantitative"))
            )
        layers.append(
            base.mark_rule(strokeWidth=10, opacity=0, color=look.color("c1")).encode(
                tooltip=tooltip
            )
        )
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


def _tooltip(look: Look) -> list[Any]:
    import altair as alt

    figures = [("value", look.value_title)]
    if "expected" in look.columns:
        figures.append(("expected", "Expected"))
    when = alt.Tooltip(
        "ts", type="temporal", title=look.label_title, timeUnit=look.time_unit
    )
    return [
        when,
        *(
            alt.Tooltip(
                field, type="quantitative", title=title, format=look.tooltip_format
            )
            for field, title in figures
        ),
    ]


def grain_of(first: str | None, last: str | None, n_distinct: int) -> str | None:
    """Return the period that gives a readable number of points, most of them with rows.

    Examples
    --------
    >>> grain_of("2020-01-01", "2022-12-31", 1_096)
    'week'
    >>> grain_of("1970-01-01", "1982-01-01", 12)
    'year'
    """
    try:
        start, end = (datetime.fromisoformat(str(x)[:10]) for x in (first, last))
    except ValueError:
        return None
    days = (end - start).days
    fitting = [grain for limit, grain in LIMITS if days <= limit]
    # Dates a year apart make no months.
    filled = (grain for grain in fitting if days <= 2 * n_distinct * DAYS[grain])
    return next(filled, "year")
