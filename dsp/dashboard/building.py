"""Builds what the page is drawn from: cube, cards, figures and charts of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsp.charts import ChartBuilder
from dsp.charts.base import Explored
from dsp.charts.builder import PLUGIN_ERRORS
from dsp.charts.facts import read_facts
from dsp.dashboard.cube import BuiltCube, CubeOptions, build_cube, plan_cube
from dsp.dashboard.figures import build_figures
from dsp.dashboard.kpis import build_kpis
from dsp.errors import CancelledError, SettingError
from dsp.events import no_tick
from dsp.records import CubeCell, Problem

if TYPE_CHECKING:
    from dsp.charts.base import Facts
    from dsp.engine import Store
    from dsp.events import Tick

__all__ = ["Contents", "CubeOptions", "build_contents"]


@dataclass(frozen=True, slots=True)
class Contents:
    """Rows of the result tables that the page is drawn from."""

    records: list[object]
    tables: dict[type, Any]
    n_figures: int
    n_charts: int


def build_contents(
    store: Store, *, options: CubeOptions | None = None, tick: Tick = no_tick
) -> Contents:
    """Return cube, cards, figures and charts of a run after its analysis.

    Parameters
    ----------
    store
        The tables of the run.
    options
        What was asked for: cards, units, the smallest cell.
    tick
        Called after each chart.

    Raises
    ------
    SettingError
        A column that was asked for does not exist.
    """
    facts = read_facts(store)
    built, problems = _cube(store, facts, options or CubeOptions())
    explored = None
    if built is not None:
        explored = Explored(built.cube, built.buckets, built.dimensions, built.measures)
    figures = build_figures(
        store, target=None if facts.target is None else facts.target.column_name
    )
    kpis = build_kpis(store.engine, built, best=facts.best)
    charts, failed = ChartBuilder(store.engine).build(store, explored=explored, tick=tick)
    cubes = [] if built is None else built.records
    return Contents(
        records=[*cubes, *figures, *kpis, *charts, *problems, *failed],
        tables={} if built is None else {CubeCell: built.cells},
        n_figures=len(figures) + len(kpis),
        n_charts=len(charts),
    )


def _cube(
    store: Store, facts: Facts, options: CubeOptions
) -> tuple[BuiltCube | None, list[Problem]]:
    try:
        plan = plan_cube(store.engine, facts, options)
        if plan is None:
            return None, []
        built = build_cube(store.engine, plan, min_cell=options.min_cell)
    except (CancelledError, SettingError):
        raise
    except PLUGIN_ERRORS as error:
        problem = Problem(
            problem_id=0,
            stage="dashboard_generation",
            plugin="dashboard.cube",
            error=f"{type(error).__name__}: {error}",
            hint="the page has no filters; everything else is complete",
        )
        return None, [problem]
    return (built if built.cells.num_rows else None), []
