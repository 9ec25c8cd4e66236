"""A figure over time, by period, of all rows or side by side for each label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    MAX_ROWS,
    MAX_SERIES,
    Facts,
    Look,
    Plan,
    measured,
    outside,
    sized,
    time_axis,
    value_axis,
)
from dsp.charts.columns import labels, times, values, with_rest
from dsp.charts.lines import ENDS, drawn
from dsp.engine import engine_for
from dsp.errors import DspError, nearest

GRAINS = {
    "hour": ("h", 1 / 24),
    "day": ("D", 1),
    "week": ("W", 7),
    "month": ("M", 28),
    "quarter": ("Q", 90),
    "year": ("Y", 365),
}
"""Periods with their unit and their shortest length in days."""
LIMITS = ((3, "hour"), (120, "day"), (1_100, "week"), (7_300, "month"))
"""The longest stretch in days of which a period gives a readable number of points."""


class TimeSeries:
    """Draws ts and value as a line, or as a line for each label."""

    name = "time_series"
    shape = frozenset({"ts", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: this kind is drawn on request."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return a line with an area when it starts at zero, or lines by label."""
        import altair as alt

        when = alt.Tooltip("ts", type="temporal", title="Date", timeUnit=look.time_unit)
        if "label" in look.columns:
            x = time_axis(range=ENDS)
            return sized(drawn(data, look, x, when, has_points=False), look)
        color = look.color("c1")
        y = alt.Y(
            "value",
            type="quantitative",
            title=None,
            scale=alt.Scale(zero=look.zero),
            axis=value_axis(look, count=3 if look.height < 200 else 4),
        )
        base = alt.Chart(data).encode(x=time_axis())
        tooltip = [
            when,
            alt.Tooltip(
                "value",
                type="quantitative",
                title=look.value_title,
                format=look.tooltip_format,
            ),
        ]
        area = base.mark_area(opacity=0.1, line=False, color=color).encode(y=y)
        line = base.mark_line(strokeWidth=2.25, color=color).encode(y=y)
        hover = base.mark_rule(strokeWidth=10, opacity=0, color=color).encode(
            tooltip=tooltip
        )
        layers = [area, line, hover] if look.zero else [line, hover]
        return sized(alt.layer(*layers), look)

    def aggregate(
        self,
        table: Any,
        *,
        ts: str,
        value: str | None = None,
        label: str | None = None,
        how: str = "sum",
        grain: str | None = None,
        limit: int = MAX_SERIES,
    ) -> tuple[Any, Look]:
        """Return a figure by period; of labels beyond the limit, that of all together.

        Raises
        ------
        DspError
            There is no such period, or it gives more points than a chart draws.
        """
        import ibis

        limit = min(limit, MAX_SERIES)
        columns = {
            "ts": times(table, ts),
            "y": values(table, value),
            "label": ibis.literal("") if label is None else labels(table, label),
            "weight": ibis.literal(1),
        }
        rows = table.select(**columns)
        rows = with_rest(rows.filter(rows["ts"].notnull()), limit)
        n_lines = 1 if label is None else limit + 1
        grain = _grain(rows, grain, n_lines)
        y = None if value is None else "y"
        figure, title, form = measured(rows, y, how, name=value)
        by = rows["ts"].truncate(GRAINS[grain][0])
        grouped = (
            rows.group_by(place=rows["place"], label=rows["label"], ts=by)
            .aggregate(value=figure)
            .order_by(["place", "ts"])
            .limit(MAX_ROWS)
        )
        shown = ("ts", "value") if label is None else ("ts", "value", "label")
        look = Look(
            title,
            grain.capitalize(),
            form,
            height=240,
            columns=shown,
            time_unit="utcyearmonthdatehours" if grain == "hour" else "utcyearmonthdate",
            zero=value is None or how in ("sum", "count"),
            series=limit,
        )
        return grouped.select(*shown), outside(look)


def _grain(rows: Any, grain: str | None, n_lines: int) -> str:
    """Return the period that is asked for, or one that gives a readable line."""
    if grain is not None and grain not in GRAINS:
        close = [f'did you mean "{name}"? ' for name in nearest(grain, GRAINS, n=1)]
        raise DspError(
            f'no period "{grain}"', hint=f"{''.join(close)}one of {', '.join(GRAINS)}"
        )
    when = rows["ts"]
    span = rows.aggregate(
        low=when.min(), high=when.max(), n_days=when.cast("date").nunique()
    )
    found = engine_for(rows).fetch(span).to_pylist()[0]
    if found["low"] is None:
        return grain or "day"
    days = (found["high"] - found["low"]).total_seconds() / 86_400
    if grain is None:
        fitting = [name for limit, name in LIMITS if days <= limit]
        # Dates a year apart make no months.
        filled = (n for n in fitting if days <= 2 * found["n_days"] * GRAINS[n][1])
        return next(filled, "year")
    if n_lines * days / GRAINS[grain][1] > MAX_ROWS:
        longer = list(GRAINS)[list(GRAINS).index(grain) + 1 :] or ["year"]
        raise DspError(
            f"a point for each {grain} is more than a chart draws ({MAX_ROWS:,} points)",
            hint=f'grain="{longer[0]}"',
        )
    return grain


plugin = TimeSeries()
