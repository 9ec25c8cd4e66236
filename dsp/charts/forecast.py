"""A series with its forecast: what was, what comes, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    MAX_ROWS,
    Facts,
    Look,
    Plan,
    outside,
    short,
    sized,
    value_axis,
)
from dsp.engine.duckdb_engine import literal
from dsp.numbers import counted

BEFORE = 10
"""Past periods that are shown for each one that comes."""
LEAST = 60
CLOCKS = ("second", "minute", "hour")


class Forecast:
    """Draws ts and value as a line; forecast as a dashed one, low and high as a band."""

    name = "forecast"
    shape = frozenset({"ts", "value", "forecast", "low", "high"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the forecast of the series with the most rows."""
        if facts.engine is None:
            return []
        found = facts.engine.rows(
            "select series, target, frequency, evidence_sql, method, "
            "(select count(*) from main.forecasts as f where f.series = s.series "
            "and f.is_chosen) as horizon, (select max(level) from main.forecasts)\n"
            "from main.forecast_series as s\nwhere method is not null\n"
            "order by n_rows desc, series\nlimit 1",
            is_scan=False,
        )
        if not found or not found[0][5]:
            return []
        series, target, step, evidence, method, horizon, level = found[0]
        inner = evidence.replace("\n", "\n    ")
        sql = (
            f"with history as (\n    {inner}\n),\npast as (\n"
            "    select ts,\n        value\n    from history\n"
            f"    order by ts desc\n    limit {max(LEAST, BEFORE * horizon)}\n),\n"
            "coming as (\n    select ts at time zone 'UTC' as ts,\n"
            "        value as forecast,\n        low,\n        high\n"
            "    from main.forecasts\n"
            f"    where is_chosen and series = {literal(series)}\n"
            ")\nselect ts,\n    value,\n    null as forecast,\n    null as low,\n"
            "    null as high\nfrom past\nunion all\n"
            "select ts,\n    null as value,\n    forecast,\n    low,\n    high\n"
            f"from coming\norder by ts\nlimit {MAX_ROWS}"
        )
        name = short(series) if series != target else short(target)
        is_clock = any(word in step for word in CLOCKS)
        look = Look(
            short(target),
            step.capitalize(),
            height=260,
            columns=("ts", "value", "forecast", "low", "high"),
            time_unit="utcyearmonthdatehours" if is_clock else "utcyearmonthdate",
            zero=False,
        )
        about = (
            f"{short(target)} by {step} and the next {counted(horizon, step)}, by "
            f"{method.replace('_', ' ')}; the band is meant to hold {level:.0%} of them."
        )
        return [
            Plan(
                "model_forecast",
                "model",
                f"Forecast of {name}",
                about,
                sql,
                look,
                column_name=target,
            )
        ]

    def draw(self, data: Any, look: Look) -> Any:
        """Return the line of the past, that of the forecast, and its band."""
        import altair as alt

        x = alt.X(
            "ts",
            type="temporal",
            title=None,
            scale=alt.Scale(type="utc"),
            axis=alt.Axis(tickCount=6, labelOverlap=True),
        )
        axis = value_axis(look, count=4)
        scale = alt.Scale(zero=look.zero)
        base = alt.Chart(data).encode(x=x)

        def line(field: str) -> Any:
            return alt.Y(field, type="quantitative", title=None, scale=scale, axis=axis)

        color = look.color("c4")
        band = base.mark_area(opacity=0.18, line=False, color=color).encode(
            y=line("low"), y2="high"
        )
        past = base.mark_line(strokeWidth=2, color=look.color("c1")).encode(
            y=line("value")
        )
        coming = base.mark_line(strokeWidth=2, strokeDash=[5, 3], color=color).encode(
            y=line("forecast")
        )
        hover = base.mark_rule(strokeWidth=10, opacity=0, color=color).encode(
            tooltip=_tooltip(look)
        )
        return sized(alt.layer(band, past, coming, hover), look)

    def aggregate(
        self,
        table: Any,
        *,
        ts: str,
        value: str,
        forecast: str,
        low: str,
        high: str,
    ) -> tuple[Any, Look]:
        """Return five columns of a table of forecasts under the names of the shape."""
        columns = {
            "ts": table[ts],
            "value": table[value],
            "forecast": table[forecast],
            "low": table[low],
            "high": table[high],
        }
        look = Look(short(value), "Time", height=260, columns=tuple(columns), zero=False)
        return table.select(**columns).order_by("ts").limit(MAX_ROWS), outside(look)


plugin = Forecast()


def _tooltip(look: Look) -> list[Any]:
    import altair as alt

    figures = (
        ("value", look.value_title),
        ("forecast", "Forecast"),
        ("low", "Low"),
        ("high", "High"),
    )
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
