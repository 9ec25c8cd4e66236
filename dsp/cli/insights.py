"""``dsp insights``: say what holds in a source, with its evidence."""

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


@click.command("insights", short_help="Say what holds in a source, with its evidence.")
@click.argument("source")
@click.option("--target", "-t", metavar="COL", help="Column to explain.")
@click.option("--time", metavar="COL", help="Column that orders rows in time.")
@click.option(
    "--context",
    metavar="WORDS",
    help="What the data are for; changes the order of findings, never what is true.",
)
@click.option(
    "--kind",
    "kinds",
    metavar="KIND",
    multiple=True,
    help="Only findings of this kind, such as driver. Repeatable.",
)
@click.option("--top", type=click.IntRange(1), help="Findings at most.")
@click.option(
    "--all",
    "explained",
    is_flag=True,
    help="Also findings that another one explains.",
)
@tables_option
@reading_options
@common_options
def command(
    source: str,
    *,
    explained: bool,
    output: Path | None,
    reading: tuple[str, ...],
    **shared: Any,
) -> None:
    """Say what holds in SOURCE: findings that survive every test that ran.

    SOURCE is a file, a glob in quotes, a folder, or database.db::table. Parquet is read
    where it is. Findings that another one explains are left out.
    """
    from dsp.cli.progress import waiting
    from dsp.pipeline import find_insights
    from dsp.settings import read_options

    with waiting("reading") as tick:
        report = find_insights(
            source,
            explained=explained,
            output=output,
            options=read_options(*reading),
            tick=tick,
            **shared,
        )
    if options().json:
        from dsp.exports.insights import document

        emit(document(report))
    else:
        from dsp.cli.insights_table import show_insights

        show_insights(report)
    place = shell_word(source)
    if output is not None:
        say(f"{'Wrote':<6} {output}")
        suggest(f'dsp query {shell_word(output)} "from insights"')
    else:
        aim = f" --target {shell_word(report.target)}" if report.target else ""
        suggest(f"dsp analyze {place}{aim}")
