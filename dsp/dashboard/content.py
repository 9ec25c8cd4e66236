"""Reads everything the page shows from the stored results of a run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from dsp.charts.rows import chart_data
from dsp.dashboard.cube.sparks import sparks
from dsp.engine import DuckEngine, Store
from dsp.records import (
    ChartRow,
    CheckResult,
    ColumnProfile,
    Cube,
    CubeBucket,
    CubeDimension,
    CubeValue,
    Figure,
    HistogramBin,
    Importance,
    Insight,
    Kpi,
    ModelRow,
    PersonalData,
    Problem,
    RunRow,
    StageRow,
    TopValue,
)

__all__ = ["Content", "as_list", "chart_data", "read_content"]


@dataclass(frozen=True, slots=True)
class Content:
    """The stored results, ready to be laid out."""

    run: RunRow | None
    figures: dict[str, Figure]
    columns: list[ColumnProfile]
    histograms: dict[str, list[HistogramBin]]
    top_values: dict[str, list[TopValue]]
    missing: list[tuple[str, int, float]]
    checks: list[CheckResult]
    quality: list[tuple[str, float]]
    insights: list[Insight]
    models: list[ModelRow]
    importances: list[Importance]
    charts: list[ChartRow]
    problems: list[Problem]
    stages: list[StageRow]
    chart_rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    kpis: list[Kpi] = field(default_factory=list)
    cube: Cube | None = None
    buckets: list[CubeBucket] = field(default_factory=list)
    dimensions: list[CubeDimension] = field(default_factory=list)
    values: list[CubeValue] = field(default_factory=list)
    sparks: dict[str, Any] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    withheld: tuple[str, ...] = ()
    is_redacted: bool = False

    @property
    def asserted(self) -> list[Insight]:
        """The insights that are claimed and not explained by another, best first."""
        return sorted((i for i in self.insights if i.is_said), key=lambda i: i.rank)

    @property
    def target(self) -> str | None:
        """The target column, if the run has one."""
        return self.run.target if self.run is not None else None

    def chart(self, chart_id: str | None) -> ChartRow | None:
        """Return a chart that can be drawn: it exists and its data are not empty."""
        found = next((c for c in self.charts if c.chart_id == chart_id), None)
        if found is None or not self.chart_rows.get(found.chart_id, {}).get("rows"):
            return None
        return found


def read_content(engine: DuckEngine) -> Content:
    """Return the stored results of the run in a database, with the data of its charts."""
    store = Store(engine)
    runs = store.read(RunRow)
    charts = sorted(store.read(ChartRow), key=lambda c: c.position)
    cubes = store.read(Cube)
    kpis = sorted(store.read(Kpi), key=lambda k: k.position)
    return Content(
        run=runs[0] if runs else None,
        figures={f.figure_id: f for f in store.read(Figure)},
        columns=sorted(store.read(ColumnProfile), key=lambda c: c.position),
        histograms=_by_column([b for b in store.read(HistogramBin) if b.kind == "width"]),
        top_values=_by_column(store.read(TopValue)),
        missing=engine.rows(
            "select column_name, n_missing, fraction from main.missing order by position"
        ),
        checks=store.read(CheckResult),
        quality=engine.rows(
            "select dimension, score from main.quality order by dimension"
        ),
        insights=store.read(Insight),
        models=sorted(store.read(ModelRow), key=lambda m: m.position),
        importances=sorted(store.read(Importance), key=lambda i: i.rank),
        charts=charts,
        problems=store.read(Problem),
        stages=sorted(store.read(StageRow), key=lambda s: s.position),
        chart_rows={c.chart_id: chart_data(engine, c.data_sql) for c in charts},
        kpis=kpis,
        cube=cubes[0] if cubes else None,
        buckets=store.read(CubeBucket),
        dimensions=store.read(CubeDimension),
        values=store.read(CubeValue),
        sparks=sparks(store, kpis),
        personal=frozenset(row.column_name for row in store.read(PersonalData)),
    )


def as_list(text: str) -> dict[str, str]:
    """Return a JSON object of texts, or nothing when it is not one."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


def _by_column(rows: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.column_name, []).append(row)
    return found
