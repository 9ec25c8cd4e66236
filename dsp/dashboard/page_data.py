"""What the script of a page reads: charts, cube, cards, notes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dsp import units
from dsp.dashboard.content import Content
from dsp.dashboard.cube.encode import encoded
from dsp.dashboard.findings import milliseconds
from dsp.dashboard.marks import cut
from dsp.records import ChartRow, Cube

if TYPE_CHECKING:
    from dsp.engine import Store

DAY = 86_400_000


def page_data(store: Store, content: Content) -> dict[str, Any]:
    """Return everything but the specifications; `store` holds the cells of the cube."""
    drawn = [c for c in content.charts if content.chart(c.chart_id)]
    cube = content.cube
    found: dict[str, Any] = {
        "charts": {
            c.chart_id: content.chart_rows[c.chart_id] | {"format": _format(content, c)}
            for c in drawn
        },
        "cube": None if cube is None else encoded(store),
        "kpis": _kpis(content),
        "notes": _notes(content),
        "span": [],
        "axisLabel": "",
    }
    if cube is not None and cube.axis == "time":
        found["span"] = _span(cube)
    if cube is not None and cube.axis == "number":
        found["axisLabel"] = cut(cube.axis_column or "", 40)
    return found


def page_specs(content: Content) -> dict[str, Any]:
    """Return the specification of every chart that can be drawn."""
    drawn = [c for c in content.charts if content.chart(c.chart_id)]
    return {c.chart_id: json.loads(c.spec) for c in drawn}


def _format(content: Content, chart: ChartRow) -> str:
    """Return how the figures of a chart of the cube are written."""
    if chart.section != "explore":
        return ""
    is_target = any(
        d.is_target and chart.chart_id == f"explore_by_{d.dimension}"
        for d in content.dimensions
    )
    main = content.kpis[0] if content.kpis else None
    return "integer" if is_target or main is None else main.format


def _kpis(content: Content) -> list[dict[str, Any]]:
    """Return the cards that the filters change, as the script needs them."""
    return [
        {
            "id": k.kpi_id,
            "m": None if k.measure is None else k.measure - 1,
            "how": k.how,
            "format": k.format,
            "unit": units.around(k.unit) if k.unit else None,
            "polarity": k.polarity,
        }
        for k in content.kpis
        if k.how != "all" and content.cube is not None
    ]


def _notes(content: Content) -> list[tuple[int, int, str]]:
    """Return the anomalies that the trend is marked with: start, end, words."""
    trend = content.chart_rows.get("explore_trend")
    if trend is None or content.cube is None:
        return []
    names = ("anomaly", "point_anomaly")
    found = []
    for insight in content.asserted:
        start, end = (milliseconds(t) for t in (insight.time_start, insight.time_end))
        if insight.kind in names and start is not None and end is not None:
            found.append((start, end, cut(insight.title, 120)))
    return found


def _span(cube: Cube) -> list[int]:
    """Return the first and the last day of the data, in milliseconds."""
    if cube.first_at is None or cube.last_at is None:
        return []
    ends = (cube.first_at.timestamp(), cube.last_at.timestamp())
    return [int(end * 1000 // DAY * DAY) for end in ends]
