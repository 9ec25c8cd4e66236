"""Two numbers against each other, counted in a grid of bins."""

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
    tick_of,
    tip_of,
)


class Scatter:
    """Draws x, x2, y, y2 and n_rows as cells of a grid."""

    name = "scatter"
    shape = frozenset({"x", "x2", "y", "y2", "n_rows"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: this kind is drawn on request."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return the grid; the stronger the colour, the more rows."""
        import altair as alt

        def place(kind: Any, name: str, title: str) -> Any:
            return kind(
                name,
                type="quantitative",
                title=title,
                axis=alt.Axis(labelExpr=tick_of(title), tickCount=5, grid=True),
                scale=alt.Scale(zero=False, nice=False),
            )

        cells = (
            alt.Chart(data)
            .mark_rect()
            .encode(
                x=place(alt.X, "x", look.label_title),
                x2=alt.X2("x2"),
                y=place(alt.Y, "y", look.value_title),
                y2=alt.Y2("y2"),
                color=alt.Color(
                    "n_rows",
                    type="quantitative",
                    scale=alt.Scale(type="log"),
                    legend=None,
                ),
                tooltip=[
                    *(
                        alt.Tooltip(
                            name, type="quantitative", title=title, format=tip_of(title)
                        )
                        for name, title in (
                            ("x", look.label_title),
                            ("y", look.value_title),
                        )
                    ),
                    alt.Tooltip(
                        "n_rows", type="quantitative", title="Rows", format=",.0f"
                    ),
                ],
            )
        )
        return sized(cells, look)

    def aggregate(
        self, table: Any, *, x: str, y: str, bins: int = 40
    ) -> tuple[Any, Look]:
        """Return the rows of each cell of a grid over two numbers."""
        kept = table.filter(table[x].notnull() & table[y].notnull())
        pairs = kept.select(x=kept[x].cast("float64"), y=kept[y].cast("float64"))
        pairs = pairs.filter(
            ~(
                pairs["x"].isnan()
                | pairs["x"].isinf()
                | pairs["y"].isnan()
                | pairs["y"].isinf()
            )
        )
        edges = pairs.aggregate(
            x0=pairs["x"].min(),
            y0=pairs["y"].min(),
            xw=((pairs["x"].max() - pairs["x"].min()) / bins).nullif(0),
            yw=((pairs["y"].max() - pairs["y"].min()) / bins).nullif(0),
        )
        joined = pairs.cross_join(edges)

        def cell(axis: str) -> Any:
            step = joined[f"{axis}w"].fill_null(1.0)
            place = ((joined[axis] - joined[f"{axis}0"]) / step).floor()
            return joined[f"{axis}0"] + place.clip(0, bins - 1) * step

        grid = joined.select(
            x=cell("x"),
            y=cell("y"),
            xw=joined["xw"].fill_null(1.0),
            yw=joined["yw"].fill_null(1.0),
        )
        counted = grid.group_by(["x", "y", "xw", "yw"]).aggregate(n_rows=grid.count())
        shown = counted.select(
            x=counted["x"],
            x2=counted["x"] + counted["xw"],
            y=counted["y"],
            y2=counted["y"] + counted["yw"],
            n_rows=counted["n_rows"],
        )
        look = Look(
            short(y), short(x), columns=("x", "x2", "y", "y2", "n_rows"), height=320
        )
        return shown.order_by(["x", "y"]).limit(MAX_ROWS), outside(look)


plugin = Scatter()
