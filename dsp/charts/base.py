"""What every kind of chart shares: what it may read, and how its parts look."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from dsp import numbers, units
from dsp.charts.theme import LIGHT
from dsp.errors import DspError, nearest
from dsp.records import (
    ColumnProfile,
    Cube,
    CubeBucket,
    CubeDimension,
    CubeMeasure,
    Importance,
    ModelRow,
)

MAX_ROWS = 2_000
MAX_SERIES = 6
MISSING = "(missing)"
OTHER = "Other"
AMOUNT = (
    "abs({0})>=1e15?format({0},'.2e'):abs({0})>=10000"
    "?replace(replace(format({0},'.3s'),'G','B'),'k','K')"
    ":format({0},',.3~r')"
)
SHARE = (
    "{0}===0||{0}===1?format({0},'.0%'):{0}>0&&{0}<0.0005?'<0.1%'"
    ":{0}<1&&{0}>=0.9995?'>99.9%':format({0},'.1%')"
)
TICK = (
    "abs(datum.value)>=1e15?format(datum.value,'.3~e'):abs(datum.value)>=1000"
    "?replace(replace(format(datum.value,'.3~s'),'G','B'),'k','K')"
    ":format(datum.value,',.4~g')"
)
YEAR_TICK = f"datum.value>=1500&&datum.value<=2100?format(datum.value,'d'):({TICK})"
TIME_TICK = (
    "utchours(datum.value)+utcminutes(datum.value)>0?utcFormat(datum.value,'%H:%M')"
    ":utcdate(datum.value)>1||domain('x')[1]-domain('x')[0]<6e9"
    "?utcFormat(datum.value,'%-d %b')"
    ":utcFormat(datum.value,utcmonth(datum.value)>0?'%b':'%Y')"
)
PERCENT_TICK = "format(datum.value,'.3~%')"


HOWS = {
    "sum": "Total",
    "mean": "Average",
    "median": "Median",
    "min": "Lowest",
    "max": "Highest",
    "count": "Rows with",
}
"""How a column is put together, and how that is called."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a chart is written.

    Attributes
    ----------
    value_title, label_title
        Titles of the value and of what it is shown by, as plain text.
    format
        ``amount``, ``integer`` or ``percent``.
    highlight
        The label that stands out from the others.
    columns
        Columns of the data.
    tokens
        Whether colours are names of the dashboard's theme (True) or light colours.
    unit
        Unit of the value: a sign of money stands in front, anything else behind.
    polarity
        ``up`` or ``down``: which direction of a change is good.
    is_upright
        Whether bars stand beside each other, for labels that have an order.
    series
        How many series have a colour of their own; the rest is "Other", in grey.
    """

    value_title: str = "Value"
    label_title: str = "Value"
    format: str = "amount"
    highlight: str | None = None
    height: int = 140
    columns: tuple[str, ...] = ()
    time_unit: str = "utcyearmonthdate"
    zero: bool = True
    log: bool = False
    tokens: bool = True
    unit: str = ""
    polarity: str = "neutral"
    is_upright: bool = False
    series: int = MAX_SERIES

    def color(self, name: str) -> str:
        """Return a colour of the theme."""
        return f"var(--{name})" if self.tokens else LIGHT[name]

    def number(self, field_name: str) -> str:
        """Return the expression that writes a number of a row."""
        value = f"datum.{field_name}"
        if self.format == "percent":
            return SHARE.format(value)
        if self.format == "integer":
            return f"format({value},',.0f')"
        return self.with_unit(AMOUNT.format(value), value)

    def with_unit(self, text: str, value: str) -> str:
        """Return an expression with the unit around it."""
        if not self.unit:
            return text
        before, after = (json.dumps(part) for part in units.around(self.unit))
        minus = f"({value}<0?'\u2212':'')"
        return f"{minus}+{before}+replace({text},'\u2212','')+{after}"

    @property
    def tooltip_format(self) -> str:
        """The d3 format of values in tooltips."""
        return {"percent": ".1%", "integer": ",.0f"}.get(self.format, ",.4~r")

    @property
    def tick(self) -> str:
        """The expression that writes the numbers of an axis."""
        if self.format == "percent":
            return PERCENT_TICK
        return self.with_unit(f"({TICK})", "datum.value")

    @property
    def ramp(self) -> list[str]:
        """The colours from little to much."""
        return [self.color(f"q{step}") for step in range(6)]


@dataclass(frozen=True, slots=True)
class Plan:
    """One chart that a kind wants to draw from a run."""

    chart_id: str
    section: str
    title: str
    description: str
    data_sql: str
    look: Look
    insight_id: str | None = None
    column_name: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """The figure that the explore section shows: an expression over clean.data."""

    sql: str
    title: str
    format: str
    is_additive: bool
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Explored:
    """The cube that the charts of the explore section read."""

    cube: Cube
    buckets: tuple[CubeBucket, ...]
    dimensions: tuple[CubeDimension, ...]
    measures: tuple[CubeMeasure, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a run when charts are planned.

    Attributes
    ----------
    strength
        How strongly a column is associated with the target (0-1).
    left_out
        Columns that give the target away or tell who somebody is.
    explored
        The cube that the page is filtered with.
    """

    columns: tuple[ColumnProfile, ...]
    target: ColumnProfile | None
    time: ColumnProfile | None
    measure: Measure
    dimensions: tuple[ColumnProfile, ...]
    models: tuple[ModelRow, ...] = ()
    importances: tuple[Importance, ...] = ()
    strength: Mapping[str, float] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    explored: Explored | None = None
    engine: Any = field(default=None, compare=False)

    @property
    def best(self) -> ModelRow | None:
        """The best model, if there is one."""
        return next((m for m in self.models if m.is_best), None)


class ChartKind(Protocol):
    """A kind of chart: a plug-in of this room."""

    name: str
    shape: frozenset[str]

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the charts of this kind that a run asks for."""
        ...

    def draw(self, data: Any, look: Look) -> Any:
        """Return the Altair chart of data with the columns of `shape`."""
        ...

    def aggregate(self, table: Any, **encodings: Any) -> tuple[Any, Look]:
        """Return an Ibis expression with the columns of `shape`, and how to draw it."""
        ...


def short(text: str, limit: int = 48) -> str:
    """Return text on one line, cut to a length that fits a heading."""
    line = " ".join(text.split()) or "(blank)"
    return line if len(line) <= limit else line[: limit - 1] + "…"


def sized(chart: Any, look: Look, *, step: int | None = None) -> Any:
    """Let a chart fill the width of its place."""
    import altair as alt

    if step is not None:
        return chart.properties(
            width="container",
            height=alt.Step(step),
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding", resize=True),
        )
    return chart.properties(
        width="container",
        height=look.height,
        autosize=alt.AutoSizeParams(type="fit", contains="padding", resize=True),
    )


def tick_of(title: str) -> str:
    """Return the Vega expression of an axis' labels: years have no separators."""
    return YEAR_TICK if numbers.is_year(title) else TICK


def tip_of(title: str) -> str:
    """Return the d3 format of a number of a column in tooltips."""
    return ".4~r" if numbers.is_year(title) else ",.4~r"


def time_axis(**scale: Any) -> Any:
    """Return the axis of times: hours, days, months, and years where they begin."""
    import altair as alt

    return alt.X(
        "ts",
        type="temporal",
        title=None,
        scale=alt.Scale(type="utc", **scale),
        axis=alt.Axis(labelExpr=TIME_TICK, tickCount=6, labelOverlap=True, grid=False),
    )


def value_axis(look: Look, *, count: int = 4, title: str | None = None) -> Any:
    """Return a quantitative axis in the words of the look."""
    import altair as alt

    return alt.Axis(labelExpr=look.tick, tickCount=count, title=title)


def measured(
    table: Any, value: str | None, how: str, *, name: str | None = None
) -> tuple[Any, str, str]:
    """Return an aggregate of a column of an Ibis table, its title and its format.

    `name` is what readers know the column by, where that is not `value`.

    Raises
    ------
    DspError
        There is no such aggregate.
    """
    if how not in HOWS:
        close = [f'did you mean "{name}"? ' for name in nearest(how, HOWS, n=1)]
        raise DspError(
            f'no aggregate "{how}"', hint=f"{''.join(close)}one of {', '.join(HOWS)}"
        )
    if value is None:
        return table.count(), "Rows", "integer"
    column, shown = table[value], short(name or value)
    if how == "count":
        return column.count(), f"Rows with {shown}", "integer"
    if column.type().is_boolean():
        column = column.cast("int64")
        if how == "mean":
            return column.mean(), f"Share of {shown}", "percent"
    return getattr(column.cast("float64"), how)(), f"{HOWS[how]} {shown}", "amount"


def outside(look: Look) -> Look:
    """Return a look with plain colours, for charts outside a dashboard."""
    return replace(look, tokens=False)
