"""``dsp predict``: score new data with the model of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dsp.cli.common import (
    common_options,
    emit,
    options,
    reading_options,
    say,
    shell_word,
    suggest,
)
from dsp.numbers import counted, metric

if TYPE_CHECKING:
    from dsp.pipeline.predicting import PredictionReport

MAX_WARNINGS = 8


@click.command("predict", short_help="Predict new rows with the model of a run.")
@click.argument("run")
@click.argument("source")
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the rows with their predictions: .parquet, .csv, .json, .arrow …",
)
@click.option("--force", is_flag=True, help="Replace the output file.")
@reading_options
@common_options
def command(run: str, source: str, *, reading: tuple[str, ...], **shared: Any) -> None:
    """Predict the target of RUN for every row of SOURCE.

    SOURCE is a file, a glob in quotes, a folder, or database.db::table with the columns
    that the model reads. Rows keep their order and their columns; predictions stand
    behind them, with an interval or the probability of every class. Warns of values that
    cannot be read and of columns that have moved since the model was fitted.
    """
    from dsp.cli.progress import waiting
    from dsp.pipeline import predict
    from dsp.settings import read_options

    with waiting("predicting") as tick:
        report = predict(run, source, options=read_options(*reading), tick=tick, **shared)
    if options().json:
        emit(_document(report))
    else:
        _show(report)
    for warning in report.warnings[:MAX_WARNINGS]:
        say(f"warning: {warning}")
    if len(report.warnings) > MAX_WARNINGS:
        say(f"warning: {len(report.warnings) - MAX_WARNINGS} more, see --json")
    if report.output is not None:
        say(f"{'Wrote':<6} {report.output}, {counted(report.n_rows, 'row')}")
        suggest(f'dsp query {shell_word(report.output)} "from data limit 10"')
    else:
        place = f"{shell_word(run)} {shell_word(source)}"
        suggest(f"dsp predict {place} -o predictions.parquet")


def _show(report: PredictionReport) -> None:
    from dsp.cli.data import grid

    model = report.model
    say(
        f"{model.name} predicts {model.target} for {counted(report.n_rows, 'row')} "
        f"({model.metric} {metric(model.holdout)} on rows held out)"
    )
    if report.head:
        names = [*list(report.head[0])[:4], *report.columns]
        shown = list(dict.fromkeys(names))
        click.echo(grid(shown, [dict(row) for row in report.head]))


def _document(report: PredictionReport) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "run": report.run,
        "source": report.source,
        "model": report.model.name,
        "target": report.model.target,
        "task": report.model.task,
        "metric": report.model.metric,
        "holdout": report.model.holdout,
        "n_rows": report.n_rows,
        "columns": list(report.columns),
        "output": None if report.output is None else str(report.output),
        "warnings": list(report.warnings),
        "shifts": [asdict(shift) for shift in report.shifts],
        "head": [dict(row) for row in report.head],
        "elapsed_ms": report.elapsed_ms,
    }
