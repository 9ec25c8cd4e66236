"""``dsp forecast``: say how series go on, with intervals that were tested."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dsp.cli.common import (
    common_options,
    emit,
    options,
    reading_options,
    say,
    shell_word,
    suggest,
    tables_option,
)


@click.command("forecast", short_help="Forecast series, with intervals that were tested.")
@click.argument("source")
@click.option("--time", metavar="COL", required=True, help="Column of dates or times.")
@click.option(
    "--target", "-t", metavar="COL", required=True, help="Column of numbers to forecast."
)
@click.option(
    "--by",
    metavar="COL",
    multiple=True,
    help="Column that tells series apart. Repeatable.",
)
@click.option(
    "--horizon",
    "-n",
    metavar="N",
    type=int,
    default=12,
    help="Steps ahead; 12 by default.",
)
@click.option(
    "--level", type=float, default=0.9, help="Coverage of intervals; 0.9 by default."
)
@click.option(
    "--season",
    "seasons",
    metavar="N",
    type=float,
    multiple=True,
    help="Length of a season in steps; found by default, 0 for none. Repeatable.",
)
@click.option(
    "--frequency",
    metavar="STEP",
    help="Step, such as hour, day or month; found by default.",
)
@click.option(
    "--aggregate",
    type=click.Choice(["sum", "mean", "last"]),
    help="How rows of a period are taken together.",
)
@click.option(
    "--timezone", metavar="ZONE", help="Zone whose dates count, such as Europe/Berlin."
)
@click.option(
    "--method",
    "methods",
    metavar="NAME",
    multiple=True,
    help="Only this one. Repeatable.",
)
@click.option(
    "--time-limit",
    type=float,
    metavar="S",
    help="Seconds after which no method is begun.",
)
@tables_option
@reading_options
@common_options
def command(
    source: str,
    *,
    seasons: tuple[float, ...],
    output: Path | None,
    reading: tuple[str, ...],
    **shared: Any,
) -> None:
    """Forecast the series of SOURCE, each by the method that its past speaks for.

    SOURCE is a file, a glob in quotes, a folder, or database.db::table. Rows are taken
    together by period. Every method is tried from earlier origins; the seasonal naive
    forecast is always shown beside.
    """
    from dsp.cli.progress import waiting
    from dsp.pipeline import forecast
    from dsp.settings import read_options

    with waiting("reading") as tick:
        report = forecast(
            source,
            seasons=tuple(s for s in seasons if s) if seasons else None,
            output=output,
            options=read_options(*reading),
            tick=tick,
            **shared,
        )
    if options().json:
        from dsp.exports.forecasts import document

        emit(document(report))
    else:
        from dsp.cli.forecast_table import show_forecast

        show_forecast(report)
    if output is not None:
        say(f"{'Wrote':<6} {output}")
        suggest(f'dsp query {shell_word(output)} "from forecasts where is_chosen"')
    else:
        words = f"--time {shell_word(report.time)} --target {shell_word(report.target)}"
        by = "".join(f" --by {shell_word(name)}" for name in report.by)
        suggest(f"dsp forecast {shell_word(source)} {words}{by} -o forecast.duckdb")
