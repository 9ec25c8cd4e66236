"""``dsp export``: the results of a run in other formats."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from dsp.cli.common import common_options, emit, options, say
from dsp.numbers import counted, printable, size
from dsp.result.words import shown_path
from dsp.settings import ExportFormat


@click.command("export", short_help="Export the results of a run to other formats.")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "formats",
    multiple=True,
    required=True,
    type=click.Choice(get_args(ExportFormat)),
    help="Format; may be given more than once.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to; export/ in the run's folder when not given.",
)
@click.option(
    "--theme",
    type=click.Choice(["light", "dark"]),
    default="light",
    show_default=True,
    help="Colours of charts.",
)
@click.option(
    "--font-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of fonts to draw charts with, besides those of the system.",
)
@common_options
def command(
    run: Path,
    formats: tuple[str, ...],
    output: Path | None,
    theme: str,
    font_dir: Path | None,
) -> None:
    """Export the results of a run to other formats.

    svg, png and pdf write every chart; chart_csv and chart_parquet the data of every
    chart and its query; page_pdf the dashboard, printed by a Chromium where one is found.

    Text in CSV files is safe to open in a spreadsheet: what would run as a formula gets
    an apostrophe in front.
    """
    from dsp.cli.progress import waiting
    from dsp.result import open_run

    warnings: list[str] = []
    with open_run(run) as opened, waiting("exporting") as tick:
        paths = opened.export(
            formats,
            output,
            theme=theme,
            font_dir=font_dir,
            tick=tick,
            warn=warnings.append,
        )
    for warning in warnings:
        say(f"warning: {printable(warning)}")
    shown = [shown_path(path.absolute()) for path in paths]
    if options().json:
        emit([{"path": str(p), "bytes": p.stat().st_size} for p in shown])
        return
    for path in shown:
        click.echo(str(path))
    total = size(sum(path.stat().st_size for path in shown))
    say(f"{'Wrote':<6} {counted(len(shown), 'file')}, {total}")
