"""A figure for every pair of values of two dimensions, as colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    MAX_ROWS,
    MISSING,
    Facts,
    Look,
    Plan,
    measured,
    outside,
    short,
    sized,
)
from dsp.charts.columns import labels, numbers, values, with_rest

NUMBERED, NAMED = 31, 12
"""Labels that a side has room for: numbers, such as the days of a month, and texts."""
_LENGTHS = ",".join(f"length(''+(domain('x')[{n}]||''))" for n in range(NAMED))
LONGEST = f"max({_LENGTHS})"
IS_TIGHT = f"{LONGEST}>3&&bandwidth('x')<{LONGEST}*6.5"
"""Whether the names across are longer than their cells are wide: then they lean."""


class Heatmap:
    """Draws label, label_b and value as coloured cells."""

    name = "heatmap"
    shape = frozenset({"label", "label_b", "value"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: insights bring the data of this kind."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return cells; the stronger the colour, the higher the value."""
        import altair as alt

        def axis(name: str, kind: Any, **options: Any) -> Any:
            return kind(
                name,
                type="nominal",
                sort=None,
                title=None,
                axis=alt.Axis(**options),
            )

        color = alt.Color(
            "value",
            type="quantitative",
            legend=None,
            scale=alt.Scale(range=look.ramp, zero=False),
        )
        surface = look.color("surface")
        cells = (
            alt.Chart(data)
            # Cells without a value are kept, so that labels keep their order.
            .mark_rect(stroke=surface, strokeWidth=1.5, cornerRadius=2, invalid=None)
            .encode(
                x=axis(
                    "label_b",
                    alt.X,
                    labelAngle={"expr": f"{IS_TIGHT}?-40:0"},
                    labelAlign={"expr": f"{IS_TIGHT}?'right':'center'"},
                    labelBaseline={"expr": f"{IS_TIGHT}?'middle':'top'"},
                    labelOverlap={"expr": f"!({IS_TIGHT})"},
                    labelFlush=False,
                    labelLimit=100,
                ),
                y=axis("label", alt.Y, labelLimit=110, labelOverlap=True),
                color=alt.condition("isValid(datum.value)", color, alt.value(surface)),
                tooltip=[
                    alt.Tooltip("label", type="nominal", title=look.label_title),
                    alt.Tooltip("label_b", type="nominal", title="And"),
                    alt.Tooltip(
                        "value",
                        type="quantitative",
                        title=look.value_title,
                        format=look.tooltip_format,
                    ),
                ],
            )
        )
        return sized(cells, look)

    def aggregate(
        self,
        table: Any,
        *,
        label: str,
        label_b: str,
        value: str | None = None,
        how: str = "mean",
    ) -> tuple[Any, Look]:
        """Return a figure by the largest values of two dimensions.

        A pair without rows has none. Numbers stand in their order, texts in that of the
        alphabet.
        """
        import ibis

        rows = table.select(
            y=values(table, value),
            down=labels(table, label),
            down_at=_order(table, label),
            across=labels(table, label_b),
            across_at=_order(table, label_b),
            weight=ibis.literal(1),
        )
        rows, down = _side(rows, "down", _room(table, label))
        rows, across = _side(rows, "across", _room(table, label_b))
        y = None if value is None else "y"
        figure, title, form = measured(rows, y, how, name=value)
        cells = rows.group_by(["down", "across"]).aggregate(value=figure)
        # Every pair has a row, so that the labels come in their order in the first one.
        grid = down.cross_join(across)
        shown = (
            grid.left_join(cells, ["down", "across"])
            .order_by(["down_place", "across_place"])
            .limit(MAX_ROWS)
            .select(label="down", label_b="across", value="value")
        )
        look = Look(
            title, short(label), form, columns=("label", "label_b", "value"), height=240
        )
        return shown, outside(look)


def _order(table: Any, name: str) -> Any:
    """Return what a label is placed by: its number, or nothing for texts."""
    import ibis

    dtype = table[name].type()
    if dtype.is_numeric() and not dtype.is_boolean():
        return numbers(table, name)
    return ibis.null("float64")


def _room(table: Any, name: str) -> int:
    return NUMBERED if table[name].type().is_numeric() else NAMED


def _side(rows: Any, side: str, limit: int) -> tuple[Any, Any]:
    """Return rows with the labels of a side that are shown, and these in their order."""
    import ibis

    named = with_rest(rows.mutate(label=rows[side]), limit)
    named = named.filter(named["place"] < limit).drop("label", "place")
    known = named.group_by(side).aggregate(at=named[f"{side}_at"].min())
    order = [(known[side] == MISSING), known["at"], known[side]]
    placed = known.select(
        side_name=known[side], side_place=ibis.row_number().over(order_by=order)
    )
    return named, placed.rename({side: "side_name", f"{side}_place": "side_place"})


plugin = Heatmap()
