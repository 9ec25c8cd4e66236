"""Horizontal bars: a figure for each value of a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    MAX_BARS,
    Facts,
    Look,
    Plan,
    measured,
    outside,
    short,
    sized,
)
from dsp.engine.duckdb_engine import literal, quote

STEP = 28
LABELS = 4


class Bar:
    """Draws label and value as bars, in the order of the data."""

    name = "bar"
    shape = frozenset({"label", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the target's classes, and the measure by the best dimensions."""
        plans = [
            self._by(facts, column.column_name, place)
            for place, column in enumerate(facts.dimensions[:3], start=1)
        ]
        target = facts.target
        if target is not None and target.role != "constant" and _is_classes(facts):
            plans.insert(0, self._classes(target.column_name))
        return plans

    def draw(self, data: Any, look: Look) -> Any:
        """Return bars with their values at the end."""
        import altair as alt

        room = 78 if look.format == "amount" else 64
        y = alt.Y(
            "label",
            type="nominal",
            sort=None,
            title=None,
            axis=alt.Axis(labelLimit=120),
            scale=alt.Scale(paddingInner=0.3, paddingOuter=0.1),
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
        tooltip = [
            alt.Tooltip("label", type="nominal", title=look.label_title),
            alt.Tooltip(
                "value",
                type="quantitative",
                title=look.value_title,
                format=look.tooltip_format,
            ),
        ]
        if "n_rows" in look.columns:
            tooltip.append(
                alt.Tooltip("n_rows", type="quantitative", title="Rows", format=",.0f")
            )
        base = alt.Chart(data).encode(y=y)
        bars = base.mark_bar(cornerRadiusEnd=3).encode(x=x, color=color, tooltip=tooltip)
        text = (
            base.transform_calculate(
                shown=look.number("value"), anchor="max(0,datum.value)"
            )
            .mark_text(align="left", dx=6, fontSize=12, color=look.color("text"))
            .encode(
                x=alt.X("anchor", type="quantitative"),
                text=alt.Text("shown", type="nominal"),
            )
        )
        return sized(alt.layer(bars, text), look, step=STEP)

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

    def _by(self, facts: Facts, name: str, place: int) -> Plan:
        measure = facts.measure
        sql = (
            f"select coalesce(cast({quote(name)} as varchar), '(missing)') as label,\n"
            f"    {measure.sql} as value,\n    count(*) as n_rows\nfrom clean.data\n"
            f"group by 1\nhaving {measure.sql} is not null\n"
            f"order by count({quote(name)}) = 0, 2 desc, 1\nlimit {MAX_BARS}"
        )
        title = f"{measure.title} by {short(name)}"
        return Plan(
            f"explore_by_{place}",
            "explore",
            title,
            f"{title}, largest first, up to {MAX_BARS} values.",
            sql,
            Look(
                measure.title,
                short(name),
                measure.format,
                columns=("label", "value", "n_rows"),
            ),
            column_name=name,
        )

    def _classes(self, name: str) -> Plan:
        sql = (
            "select coalesce(value, '(missing)') as label,\n    fraction as value,\n"
            f"    n_rows\nfrom main.top_values\nwhere column_name = {literal(name)}\n"
            f"order by rank\nlimit {MAX_BARS}"
        )
        title = f"Values of {short(name)}"
        return Plan(
            "explore_target",
            "explore",
            title,
            f"Share of rows for each value of {short(name)}, most frequent first.",
            sql,
            Look(
                "Share of rows",
                short(name),
                "percent",
                columns=("label", "value", "n_rows"),
            ),
            column_name=name,
        )


plugin = Bar()


def _is_classes(facts: Facts) -> bool:
    target = facts.target
    if target is None:
        return False
    is_number = target.family in ("integer", "decimal", "float")
    return target.n_distinct == 2 or (not is_number and target.n_distinct > 1)
