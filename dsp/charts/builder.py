"""Plans the charts of a run and writes them as specifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dsp.charts.asked import asked_chart, asked_row
from dsp.charts.base import ChartKind, Look, Plan, short
from dsp.charts.fact_bars import SHARE, Sides, fact_bars, sides
from dsp.charts.facts import read_facts
from dsp.engine.duckdb_engine import literal
from dsp.engine.store import to_json
from dsp.errors import CancelledError, DspError
from dsp.events import no_tick
from dsp.records import ChartRow, Insight, Problem
from dsp.registry import plugins

if TYPE_CHECKING:
    from dsp.charts.base import Explored, Facts
    from dsp.engine import Store
    from dsp.events import Tick

MAX_INSIGHTS = 12
INSIGHT_BARS = 6
"""Bars an insight may show, beside the one it speaks of."""
PARTS_OF_A_PERIOD = 31
"""Upright bars of a season: enough for the days of a month."""
SHAPES = ("heatmap", "series_by", "lines", "histogram", "trend", "relation", "bar")
"""Kinds that draw insights, most demanding shape first."""
PLUGIN_ERRORS = (
    DspError,
    ArithmeticError,
    ValueError,
    TypeError,
    LookupError,
    NotImplementedError,
)
LINES, BARS = 210, 140
"""Heights of charts with a legend or rows of cells, and of the others."""
PARTS = {
    "yearly": "month",
    "monthly": "day of the month",
    "weekly": "weekday",
    "daily": "hour",
}
"""What a period is drawn by."""
ANOMALIES = ("anomaly", "point_anomaly")
COUNTED = ("Rows", "The number of rows", "The daily row count")
"""How titles begin that speak of how many rows there are."""
VALUES = {
    "heteroscedasticity": "Spread of {}",
    "drift": "Spread of {}",
    "lagged": "Correlation",
}
"""What the evidence of a kind measures, where it is not the column itself."""
RANK = {"trend": 1, "brushed": 1, "strip": 2, "bar": 3, "histogram": 4, "importance": 4}


@dataclass(frozen=True, slots=True)
class _Wish:
    """A plan with the kind that draws it."""

    kind: ChartKind
    plan: Plan


class ChartBuilder:
    """Draws charts whose data are queries.

    Parameters
    ----------
    engine
        The database of a run; taken from the store when None.

    Examples
    --------
    >>> import ibis
    >>> table = ibis.memtable({"region": ["N", "S", "N"], "units": [1.0, 2.0, 4.0]})
    >>> chart = ChartBuilder.chart("bar", table, label="region", value="units", how="sum")
    >>> [row["value"] for row in chart.to_dict()["datasets"].popitem()[1]]
    [5.0, 2.0]
    """

    def __init__(self, engine: Any = None) -> None:
        self.engine = engine

    def build(
        self, store: Store, *, explored: Explored | None = None, tick: Tick = no_tick
    ) -> tuple[tuple[ChartRow, ...], tuple[Problem, ...]]:
        """Return a chart for everything the stored results can show.

        Parameters
        ----------
        store
            The tables of a run after its analysis.
        explored
            The cube that the charts of the explore section read; none without it.
        tick
            Called after each chart.

        Returns
        -------
        charts, problems
            Specifications without data: `data_sql` on the result database gives at most
            2,000 rows under fixed names, never a name that came from the source.
        """
        problems: list[Problem] = []
        facts = replace(read_facts(store), explored=explored)
        wishes = self._wishes(facts, store, problems)
        charts: list[ChartRow] = []
        for done, wish in enumerate(wishes, start=1):
            try:
                charts.append(_row(wish, len(charts) + 1))
            except CancelledError:
                raise
            except PLUGIN_ERRORS as error:
                problems.append(_problem(wish.kind.name, error))
            tick(done, len(wishes), unit="charts", message=wish.plan.title)
        return tuple(charts), tuple(problems)

    @staticmethod
    def chart(kind: str, table: Any, **encodings: Any) -> Any:
        """Return an Altair chart of an Ibis table, aggregated by its engine.

        ``value`` is a column; ``how`` it is put together is ``sum``, ``mean``,
        ``median``, ``min``, ``max`` or ``count``. Without a value, rows are counted.

        Parameters
        ----------
        kind
            What to draw, with its encodings; those in brackets may be left out:

            - ``bar``: label, [value, how, limit]
            - ``line``: x, value, [label]; along a number or a time
            - ``time_series``: ts, [value, label, how, grain, limit]
            - ``forecast``: ts, value, low, high, [forecast]
            - ``scatter``: x, y, [bins]; cells of a grid above 2,000 points
            - ``heatmap``: label, label_b, [value, how]
            - ``histogram`` or ``distribution``: x, [bins, label]
            - ``box``: label, value, [limit]
            - ``pie``: label, [value, how, limit]
            - ``kpi``: [value, how, title, baseline, goal, polarity]
            - ``gauge``: [value, how, title], high, [low, goal]
            - of models: ``calibration``, ``confusion``, ``effect``, ``effect_levels``,
              ``importance``, ``predicted_actual``, ``slices``, ``thresholds``

        table
            An Ibis table.
        **encodings
            Columns by what they are drawn as, such as ``label="region"``.

        Returns
        -------
        altair.Chart
            At most 2,000 rows of data, missing labels last, no infinite numbers.

        Raises
        ------
        DspError
            There is no such kind of chart, or it lacks a column, or a column is not
            what it needs.
        """
        return asked_chart(kind, table, encodings)

    def row(
        self,
        kind: str,
        query: Any,
        *,
        chart_id: str,
        title: str,
        description: str = "",
        section: str = "explore",
        position: int = 1,
        **encodings: Any,
    ) -> ChartRow:
        """Return the chart of a query as a dashboard stores it: a drawing without data.

        The query is drawn as it is: it is not grouped again.

        Parameters
        ----------
        kind
            A kind of `chart`, or another name of it.
        query
            SQL, or an Ibis table: at most 2,000 rows.
        **encodings
            Columns of the query by what they are drawn as, such as ``label="region"``;
            a column that already has the name needs none. Also how it looks:
            ``value_title``, ``label_title``, ``format`` (``amount``, ``integer`` or
            ``percent``), ``highlight`` (a label), ``height``, ``zero``, ``time_unit``,
            ``polarity`` (``up`` or ``down``).

        Returns
        -------
        ChartRow
            `spec` has colours of the theme (``var(--c1)``) and data by the name
            `chart_id`; `data_sql` gives them.

        Raises
        ------
        DspError
            A column is missing or not what the kind needs, or there are too many rows.

        Examples
        --------
        >>> from dsp.engine import DuckEngine
        >>> engine = DuckEngine()
        >>> engine.execute("create table sales as select 'N' as region, 3 as units")
        >>> sql = "select region, sum(units) as total from sales group by region"
        >>> row = ChartBuilder(engine).row(
        ...     "bar", sql, chart_id="regions", title="Units by region",
        ...     label="region", value="total",
        ... )
        >>> row.kind, engine.rows(row.data_sql)
        ('bar', [('N', 3.0)])
        """
        about = {
            "chart_id": chart_id,
            "title": title,
            "description": description or title,
            "section": section,
            "position": position,
        }
        return asked_row(self.engine, kind, query, about, encodings)

    def _wishes(self, facts: Facts, store: Store, problems: list[Problem]) -> list[_Wish]:
        found: list[_Wish] = []
        for kind in plugins("charts").values():
            try:
                found.extend(_Wish(kind, plan) for plan in kind.plan(facts))
            except CancelledError:
                raise
            except PLUGIN_ERRORS as error:
                problems.append(_problem(kind.name, error))
        found.sort(key=lambda wish: (wish.plan.section, RANK.get(wish.kind.name, 9)))
        engine = self.engine or store.engine
        groups = {c.column_name for c in facts.columns if c.family in ("text", "boolean")}
        shown = [i for i in store.read(Insight) if i.is_said and i.chart_id]
        for insight in sorted(shown, key=lambda i: i.rank)[:MAX_INSIGHTS]:
            try:
                wish = _insight_wish(engine, insight, groups)
            except CancelledError:
                raise
            except PLUGIN_ERRORS as error:
                problems.append(_problem("insights", error))
                continue
            if wish is not None:
                found.append(wish)
        return found


def _insight_wish(engine: Any, insight: Insight, groups: set[str]) -> _Wish | None:
    """Return the chart that the evidence of an insight can be drawn as.

    `groups` are the columns whose values can only be labels.
    """
    evidence = insight.evidence_sql.strip().rstrip(";")
    columns = tuple(engine.sql(f"from (\n{evidence}\n)\nlimit 0").column_names)
    kinds = plugins("charts")
    name = next((n for n in SHAPES if kinds[n].shape <= set(columns)), None)
    shown = sides(insight.kind, insight.effect_name) if name is None else None
    if shown is not None:
        name, sql, look = "bar", fact_bars(evidence, shown), _fact_look(insight, shown)
    elif name is None:
        return None
    else:
        look = _insight_look(engine, name, insight, columns, groups)
        is_bar = name == "bar"
        if name == "trend" and insight.kind in ANOMALIES and insight.time_end:
            evidence, look = _with_band(evidence, insight, look)
        n_bars = PARTS_OF_A_PERIOD if look.is_upright else INSIGHT_BARS
        sql = _first_bars(evidence, insight.segment_value, n_bars) if is_bar else evidence
    plan = Plan(
        str(insight.chart_id),
        "insights",
        insight.title,
        insight.statement,
        sql,
        look,
        insight_id=insight.insight_id,
    )
    return _Wish(kinds[name], plan)


def _with_band(evidence: str, insight: Insight, look: Look) -> tuple[str, Look]:
    """Return the evidence and the look with a band over the time of an anomaly."""
    start = f"cast({literal(str(insight.time_start)[:10])} as timestamp)"
    end = f"cast({literal(str(insight.time_end)[:10])} as timestamp) + interval 1 day"
    is_first = (
        "cast(ts as timestamp) = (\n        select min(cast(ts as timestamp))\n"
        f"        from evidence\n        where cast(ts as timestamp) >= {start})"
    )
    sql = (
        f"with evidence as (\n{evidence}\n)\nselect *,\n"
        f"    case when {is_first} then '' end as note,\n"
        f"    case when {is_first} then {end} end as note_end\n"
        "from evidence\norder by ts"
    )
    return sql, replace(look, columns=(*look.columns, "note", "note_end"))


def _fact_look(insight: Insight, shown: Sides) -> Look:
    is_share = shown.measures == SHARE
    return Look(
        value_title=shown.measures.format(short((*insight.columns, "Value")[0])),
        label_title="",
        format="percent" if is_share else "amount",
        highlight=shown.label if is_share else None,
        columns=("label", "value"),
    )


def _insight_look(
    engine: Any, name: str, insight: Insight, columns: Sequence[str], groups: set[str]
) -> Look:
    # A share is recognised by what the statement says of it, and by its range.
    is_share = "%" in insight.statement and _is_share(engine, insight)
    names = insight.columns
    other = [c for c in names if c != insight.target]
    about = insight.target or (names[-1] if names else "")
    by = insight.segment_column or (other[0] if other else "")
    if insight.kind == "seasonality":
        by = PARTS.get(str(insight.period), "day of the cycle")
    if about in groups and other and not is_share:
        # A measure by the classes of the target, not the other way round.
        about, by = other[0], about
    is_counted = insight.target is None and insight.title.startswith(COUNTED)
    if name in ("trend", "series_by") and (len(names) == 1 or is_counted):
        # The rows of each period: there is nothing else to measure.
        about = "Rows"
    if insight.kind == "lagged":
        by = "days of lag"
    value = VALUES.get(insight.kind, "{}").format(short(about) or "Value")
    return Look(
        value_title="Share" if is_share else value,
        label_title="Date" if name in ("trend", "series_by") else short(by) or "Value",
        format="percent" if is_share else "amount",
        highlight=insight.segment_value if name == "bar" else None,
        height=LINES if name in ("lines", "series_by", "heatmap") else BARS,
        columns=tuple(columns),
        zero=name != "trend",
        is_upright=name == "bar" and insight.kind == "seasonality",
    )


def _is_share(engine: Any, insight: Insight) -> bool:
    evidence = insight.evidence_sql.strip().rstrip(";")
    low, high = engine.rows(f"select min(value), max(value) from (\n{evidence}\n)")[0]
    return low is not None and low >= 0 and high <= 1


def _first_bars(evidence: str, segment: str | None, n_bars: int) -> str:
    """Return the first bars of the evidence, and the one it speaks of."""
    also = "" if segment is None else f" or label = {literal(segment)}"
    return (
        f"with evidence as (\n{evidence}\n),\nplaced as (\n"
        "    select *, row_number() over () as place\n    from evidence\n)\n"
        f"select * exclude (place)\nfrom placed\n"
        f"where place <= {n_bars}{also}\norder by place"
    )


def _row(wish: _Wish, position: int) -> ChartRow:
    import altair as alt

    plan = wish.plan
    chart = wish.kind.draw(alt.NamedData(name=plan.chart_id), plan.look)
    # Our golden tests validate every kind of chart; validating again here is slow.
    spec = chart.to_dict(validate=False)
    spec.pop("config", None)
    return ChartRow(
        chart_id=plan.chart_id,
        position=position,
        section=plan.section,
        kind=wish.kind.name,
        title=plan.title,
        description=plan.description,
        spec=to_json(spec),
        data_sql=plan.data_sql,
        insight_id=plan.insight_id,
        column_name=plan.column_name,
    )


def _problem(plugin: str, error: Exception) -> Problem:
    return Problem(
        problem_id=0,
        stage="dashboard_generation",
        plugin=f"charts.{plugin}",
        error=f"{type(error).__name__}: {error}",
        hint="the chart is left out; everything else is complete",
    )
