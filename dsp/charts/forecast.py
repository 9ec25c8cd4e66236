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
    time_axis,
    value_axis,
)
from dsp.charts.columns import numbers, times
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
            "),\nlast as (\n    select max(ts) as last_ts\n    from past\n"
            "    where value is not null\n"
            # The forecast starts where the past ends, so that there is no gap.
            ")\nselect ts,\n    value,\n"
            "    case when ts = last_ts then value end as forecast,\n"
            "    forecast as low,\n    forecast as high\nfrom past, last\nunion all\n"
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

        x = time_axis()
        axis = value_axis(look, count=4)
        scale = alt.Scale(zero=look.zero)
        base = alt.Chart(data).encode(x=x)

        def line(field: str) -> Any:
            return alt.Y(field, type="quantitative", title=None, scale=scale, axis=axis)

        color = look.color("c1")
        band = base.mark_area(opacity=0.15, line=False, color=color).encode(
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
        low: str,
        high: str,
        forecast: str | None = None,
    ) -> tuple[Any, Look]:
        """Return a table of a series and its forecast under the names of the shape.

        Without a column of forecasts, a value with an interval is one. The last known
        value is where the forecast starts.
        """
        import ibis

        rows = table.select(
            ts=times(table, ts),
            y=numbers(table, value),
            low=numbers(table, low),
            high=numbers(table, high),
            ahead=numbers(table, value if forecast is None else forecast),
        )
        rows = rows.filter(rows["ts"].notnull())
        if forecast is None:
            is_ahead = rows["low"].notnull() | rows["high"].notnull()
            rows = rows.mutate(
                y=ibis.ifelse(is_ahead, None, rows["y"]),
                ahead=ibis.ifelse(is_ahead, rows["ahead"], None),
            )
        last = rows.filter(rows["y"].notnull()).aggregate(last=ibis._.ts.max())
        joined = rows.cross_join(last)
        is_last = (joined["ts"] == joined["last"]) & joined["ahead"].isnull()
        shown = joined.select(
            ts="ts",
            value="y",
            forecast=ibis.ifelse(is_last, joined["y"], joined["ahead"]),
            low=ibis.ifelse(is_last, joined["y"], joined["low"]),
            high=ibis.ifelse(is_last, joined["y"], joined["high"]),
        )
        columns = ("ts", "value", "forecast", "low", "high")
        look = Look(short(value), "Time", height=260, columns=columns, zero=False)
        # The newest rows are those that matter.
        newest = shown.order_by(ibis.desc("ts")).limit(MAX_ROWS)
        return newest.order_by("ts"), outside(look)


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
