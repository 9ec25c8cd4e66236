"""Sparklines of the cards: the figure by period of the window, as static drawings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dsp.charts.explored import figure_sql
from dsp.records import Cube, CubeBucket, CubeMeasure, Kpi

if TYPE_CHECKING:
    from dsp.engine import Store

POINTS = 26
"""Points of a sparkline at most; more periods are taken together."""
HEIGHT = 44
Line = list[float | None]


def sparks(store: Store, kpis: Sequence[Kpi]) -> dict[str, Any]:
    """Return the drawing of every card that has one, by its identifier."""
    cubes = store.read(Cube)
    if not cubes or cubes[0].axis != "time":
        return {}
    cube, buckets = cubes[0], store.read(CubeBucket)
    measures = {m.measure: m for m in store.read(CubeMeasure)}
    n = cube.last_bucket - cube.first_bucket + 1
    step = max(1, -(-n // POINTS))
    if n < 3 or len(buckets) < 3:
        return {}
    found = {}
    for kpi in kpis:
        if kpi.how == "all":
            continue
        measure = measures.get(kpi.measure or 0)
        figure = _figure(measure, kpi.how)
        shown = _line(store, figure, cube, step, 0)
        before = [] if cube.back is None else _line(store, figure, cube, step, cube.back)
        found[kpi.kpi_id] = drawn(shown, before)
    return found


def _figure(measure: CubeMeasure | None, how: str) -> str:
    if measure is not None and how == "mean":
        return f"sum(s{measure.measure}) / nullif(sum(n{measure.measure}), 0)"
    return figure_sql(measure)


def _line(store: Store, figure: str, cube: Cube, step: int, back: int) -> Line:
    first, last = cube.first_bucket - back, cube.last_bucket - back
    rows = store.engine.rows(
        f"select (bucket - {first}) // {step} as place, {figure} as value\n"
        "from main.cube_cells\n"
        f"where not is_cut and bucket between {first} and {last}\ngroup by 1"
    )
    known = {int(place): value for place, value in rows}
    # A last, shorter group would look like a fall.
    n = (last - first + 1) // step
    return [known.get(i, 0 if "n_rows" in figure else None) for i in range(n)]


def drawn(shown: Line, before: Line) -> Any:
    """Return a sparkline as SVG: an area under a line, the earlier period dashed."""
    from markupsafe import Markup

    known = [v for v in (*shown, *before) if v is not None]
    if len([v for v in shown if v is not None]) < 2:
        return ""
    low, high = min(known), max(known)
    line = path(shown, low, high)
    dashed = f'<path class="p" d="{path(before, low, high)}"/>' if before else ""
    text = (
        '<svg class="spark" viewBox="0 0 100 44" preserveAspectRatio="none" '
        f'aria-hidden="true"><path class="a" d="{line}L100 44L0 44Z"/>{dashed}'
        f'<path class="l" d="{line}"/></svg>'
    )
    return Markup(text)  # noqa: S704 - numbers of our own


def path(values: Line, low: float, high: float) -> str:
    """Return the path of a line from the left to the right edge; gaps are bridged."""
    last = max(1, len(values) - 1)
    spread = (high - low) or 1.0
    points = [
        f"{100 * i / last:.2f} {38 - 32 * (v - low) / spread:.2f}"
        for i, v in enumerate(values)
        if v is not None
    ]
    return "M" + "L".join(points)
