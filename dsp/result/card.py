"""The summary card of a run: figures, insights with charts, checks, model, columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.numbers import counted, shape
from dsp.result.blocks import Block, Heading, Words
from dsp.result.verdicts import CARDS
from dsp.result.words import model_line

if TYPE_CHECKING:
    from dsp.result.run import Run

CHARTS = 3
TITLES = 12
"""Insights with their charts, and insights in all."""


def run_blocks(run: Run) -> list[Block]:
    """Return what a notebook shows of a run."""
    row, insights = run.record, run.insights
    about = [shape(row.n_rows, row.n_columns)]
    if row.target:
        about.append(f"target {row.target}")
    if row.time_column:
        about.append(f"time {row.time_column}")
    found: list[Block] = [
        Heading(row.source_name),
        Words(" · ".join(about), is_quiet=True),
    ]
    if any(f.position < CARDS for f in run.figures):
        found.append(run.kpis.blocks()[1])
    found += _insights(run)
    model = run.model
    if model is not None:
        found += [Heading("Model", 4), Words(model_line(model))]
    if run.checks:
        _, *checks = run.checks.blocks()
        found += [Heading("Checks", 4), *checks]
    columns = run.columns.blocks()[1:] if run.profile else []
    found += [Heading("Columns", 4), *columns] if columns else []
    if run.problems:
        said = f"{counted(len(run.problems), 'part')} could not be computed: run.problems"
        found.append(Words(said, is_quiet=True))
    hint = f"More: {'run.insights[0], ' if insights else ''}run.columns[…], "
    return [*found, Words(f"{hint}run.show_dashboard()", is_quiet=True)]


def _insights(run: Run) -> list[Block]:
    insights = run.insights
    if not insights:
        return [Heading("Insights", 4), *insights.blocks()[1:]]
    found: list[Block] = []
    for place, insight in enumerate(insights[:TITLES]):
        said = insight.told() if place < CHARTS else [Words(insight.statement)]
        found += [Heading(f"{place + 1}. {insight.title}", 4), *said]
    if len(insights) > TITLES:
        more = counted(len(insights) - TITLES, "more insight")
        found.append(Words(f"… {more}: run.insights", is_quiet=True))
    return found
