"""Shares of a total as slices: only on request, at most six."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    MAX_SERIES,
    OTHER,
    SHARE,
    Facts,
    Look,
    Plan,
    measured,
    outside,
    short,
    sized,
)
from dsp.charts.columns import labels, values, with_rest
from dsp.engine import engine_for
from dsp.errors import DspError
from dsp.numbers import amount

RADIUS = 84
SMALL = 58
WIDE = 420
"""Pixels of the radius: where there is room for the names, and where there is little."""
IS_WIDE = f"width>={WIDE}"
SIZE = f"({IS_WIDE}?{RADIUS}:{SMALL})"
LINE = 26
"""Pixels from one name to the next."""


class Pie:
    """Draws label and value as slices, with names and shares in a list beside them."""

    name = "pie"
    shape = frozenset({"label", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: bars are easier to compare; this is drawn on request."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return up to six slices; what comes after the fifth of more is "Other"."""
        import altair as alt

        base = _slices(alt.Chart(data), look)
        tooltip = [
            alt.Tooltip("slice", type="nominal", title=look.label_title),
            alt.Tooltip(
                "amount",
                type="quantitative",
                title=look.value_title,
                format=look.tooltip_format,
            ),
            alt.Tooltip("part", type="quantitative", title="Share", format=".1%"),
        ]
        color = _color(look)
        top = alt.value(RADIUS + 2)
        arcs = base.mark_arc(
            outerRadius={"expr": SIZE}, stroke=look.color("surface"), strokeWidth=1.5
        ).encode(
            theta=alt.Theta("amount", type="quantitative", stack=True),
            order=alt.Order("at", type="quantitative"),
            x=alt.value({"expr": f"{SIZE}+2"}),
            y=top,
            color=color,
            tooltip=tooltip,
        )
        down = base.transform_calculate(
            y=f"{RADIUS + 2}+(datum.at-(datum.n_slices+1)/2)*{LINE}"
        )
        y = alt.Y(
            "y",
            type="quantitative",
            axis=None,
            scale=alt.Scale(domain=[0, 2 * RADIUS + 4], range=[0, 2 * RADIUS + 4]),
        )

        def beside(pixels: int) -> Any:
            return alt.value({"expr": f"2*{SIZE}+{pixels}"})

        dots = down.mark_square(size=110, opacity=1).encode(
            x=beside(26), y=y, color=color
        )
        text = {"baseline": "middle", "color": look.color("text")}
        shares = down.mark_text(align="right", fontWeight=600, **text).encode(
            x=beside(80), y=y, text=alt.Text("share", type="nominal")
        )
        names = down.mark_text(
            align="left", limit={"expr": f"max(40,width-2*{SIZE}-92)"}, **text
        ).encode(x=beside(90), y=y, text=alt.Text("slice", type="nominal"))
        chart = sized(alt.layer(arcs, dots, shares, names), look)
        return chart.properties(height=2 * RADIUS + 8)

    def aggregate(
        self,
        table: Any,
        *,
        label: str,
        value: str | None = None,
        how: str = "sum",
        limit: int = MAX_SERIES,
    ) -> tuple[Any, Look]:
        """Return the total of each label; beyond the limit, that of all others.

        Raises
        ------
        DspError
            The figures are no parts of a whole.
        """
        if how not in ("sum", "count"):
            raise DspError(
                f'a pie shows parts of a whole, and "{how}" of {value} is none',
                hint='how="sum", how="count", or the chart bar',
            )
        rows = table.select(y=values(table, value), label=labels(table, label))
        is_sum = value is not None and how == "sum"
        rows = rows.mutate(weight=rows["y"].cast("float64") if is_sum else 1)
        _check_parts(rows, label)
        limit = max(2, min(limit, MAX_SERIES))
        kept = with_rest(rows, limit, is_whole=True)
        figure, title, form = measured(
            kept, None if value is None else "y", how, name=value
        )
        grouped = kept.group_by(["place", "label"]).aggregate(value=figure)
        grouped = grouped.filter(grouped["value"] != 0).order_by("place")
        look = Look(
            title,
            short(label),
            form,
            columns=("label", "value"),
            series=limit,
            height=180,
        )
        return grouped.select("label", "value"), outside(look)


def _check_parts(rows: Any, label: str) -> None:
    """Refuse a whole of which a part is below nothing."""
    sizes = rows.group_by("label").aggregate(size=rows["weight"].sum())
    below = sizes.filter(sizes["size"] < 0).order_by("size").limit(1)
    found = engine_for(rows).fetch(below).to_pylist()
    if found:
        raise DspError(
            f"a pie has no negative slices, and {short(label)} = "
            f'"{short(found[0]["label"])}" is {amount(found[0]["size"])}',
            hint="the chart bar shows figures below zero",
        )


def _slices(chart: Any, look: Look) -> Any:
    """Return a chart of at most as many rows as the look has colours."""
    import altair as alt

    n = look.series
    return (
        chart.transform_filter("isValid(datum.value)&&datum.value>0")
        .transform_window(row="row_number()")
        .transform_joinaggregate(n_labels="count()", total="sum(value)")
        .transform_calculate(
            at=f"datum.n_labels>{n}?min(datum.row,{n}):datum.row",
            slice=f"datum.n_labels>{n}&&datum.row>={n}?'{OTHER}':datum.label",
        )
        .transform_aggregate(
            amount="sum(value)", total="max(total)", groupby=["at", "slice"]
        )
        .transform_calculate(part="datum.amount/datum.total")
        .transform_calculate(share=SHARE.format("datum.part"))
        .transform_joinaggregate(n_slices="count()")
        .transform_window(row="row_number()", sort=[alt.SortField("at")])
    )


def _color(look: Look) -> Any:
    """Return the colour of a slice: its place, one against grey, or grey for the rest."""
    import altair as alt

    muted = alt.value(look.color("muted"))
    if look.highlight is not None:
        chosen = alt.FieldEqualPredicate(field="slice", equal=look.highlight)
        return alt.condition(chosen, alt.value(look.color("c1")), muted)
    places = list(range(1, MAX_SERIES + 1))
    own = alt.Color(
        "at",
        type="nominal",
        legend=None,
        scale=alt.Scale(domain=places, range=[look.color(f"c{n}") for n in places]),
    )
    rest = alt.FieldEqualPredicate(field="slice", equal=OTHER)
    return alt.condition(rest, muted, own)


plugin = Pie()
