"""Two numbers against each other: points, or cells of a grid where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
from dsp.charts.columns import bin_of, edge, numbers
from dsp.engine import engine_for

BINS, MAX_BINS = 40, 44


class Scatter:
    """Draws x and y as points; with x2, y2 and n_rows as cells of a grid."""

    name = "scatter"
    shape = frozenset({"x", "y"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return nothing: this kind is drawn on request."""
        return []

    def draw(self, data: Any, look: Look) -> Any:
        """Return the points, or cells: the stronger the colour, the more rows."""
        import altair as alt

        def place(kind: Any, name: str, title: str, *, is_edge: bool) -> Any:
            return kind(
                name,
                type="quantitative",
                title=title,
                axis=alt.Axis(labelExpr=tick_of(title), tickCount=5, grid=True),
                scale=alt.Scale(zero=False, nice=not is_edge),
            )

        is_grid = {"x2", "y2", "n_rows"} <= set(look.columns)
        titles = (("x", look.label_title), ("y", look.value_title))
        tooltip = [
            alt.Tooltip(name, type="quantitative", title=title, format=tip_of(title))
            for name, title in titles
        ]
        base = alt.Chart(data).encode(
            x=place(alt.X, "x", look.label_title, is_edge=is_grid),
            y=place(alt.Y, "y", look.value_title, is_edge=is_grid),
        )
        if not is_grid:
            points = base.mark_circle(
                color=look.color("c1"), size=26, opacity=0.45, clip=True
            )
            return sized(points.encode(tooltip=tooltip), look)
        n_rows = alt.Tooltip("n_rows", type="quantitative", title="Rows", format=",.0f")
        cells = base.mark_rect().encode(
            x2=alt.X2("x2"),
            y2=alt.Y2("y2"),
            color=alt.Color(
                "n_rows",
                type="quantitative",
                scale=alt.Scale(type="log", range=look.ramp[1:]),
                legend=None,
            ),
            tooltip=[*tooltip, n_rows],
        )
        return sized(cells, look)

    def aggregate(
        self, table: Any, *, x: str, y: str, bins: int = BINS
    ) -> tuple[Any, Look]:
        """Return the pairs as they are; above 2,000, the rows of each cell of a grid."""
        pairs = table.select(x=numbers(table, x), y=numbers(table, y))
        pairs = pairs.filter(pairs["x"].notnull() & pairs["y"].notnull())
        found = engine_for(table).fetch(pairs.aggregate(n_rows=pairs.count()))
        look = Look(short(y), short(x), columns=("x", "y"), height=320)
        if found.to_pylist()[0]["n_rows"] <= MAX_ROWS:
            return pairs.order_by(["x", "y"]).limit(MAX_ROWS), outside(look)
        grid = in_cells(pairs, max(2, min(bins, MAX_BINS)))
        return grid, outside(replace(look, columns=tuple(grid.columns)))


def in_cells(pairs: Any, bins: int = BINS) -> Any:
    """Return the rows of each cell of a grid over two numbers, x and y."""
    import ibis

    ends = {
        f"{axis}{end}": getattr(pairs[axis], how)()
        for axis in "xy"
        for end, how in (("_low", "min"), ("_high", "max"))
    }
    joined = pairs.cross_join(pairs.aggregate(**ends))
    places = {
        f"{axis}_at": bin_of(
            joined[axis], joined[f"{axis}_low"], joined[f"{axis}_high"], bins
        )
        for axis in "xy"
    }
    counted = joined.group_by(**places, **{end: joined[end] for end in ends}).aggregate(
        n_rows=joined.count()
    )

    def side(axis: str, more: int) -> Any:
        low, high = counted[f"{axis}_low"], counted[f"{axis}_high"]
        # Numbers that are all alike have a cell too.
        place = edge(low, high, counted[f"{axis}_at"] + more, bins)
        return ibis.ifelse(low == high, low + more, place)

    shown = counted.select(
        x=side("x", 0),
        x2=side("x", 1),
        y=side("y", 0),
        y2=side("y", 1),
        n_rows=counted["n_rows"],
    )
    return shown.order_by(["x", "y"]).limit(MAX_ROWS)


def cells_sql(engine: Any, sql: str) -> str:
    """Return the query of the cells of points that a query gives as x and y."""
    import ibis

    points = ibis.table({"x": "float64", "y": "float64"}, name="asked_points")
    cells = engine.compile(in_cells(points)).strip()
    return f"with asked_points as (\n{sql}\n)\nselect *\nfrom (\n{cells}\n)"


plugin = Scatter()
