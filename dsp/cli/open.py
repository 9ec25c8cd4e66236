"""``dsp open``: the dashboard of a run in the browser."""

from __future__ import annotations

from pathlib import Path

import click

from dsp.cli.common import common_options, emit, options, say, shell_word, suggest
from dsp.errors import RunNotFoundError
from dsp.result.words import shown_path


@click.command("open", short_help="Open the dashboard of a run in the browser.")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@common_options
def command(run: Path) -> None:
    """Open the dashboard of a run in the browser; prints its path when there is none."""
    import webbrowser

    from dsp.result import find_database

    folder = find_database(run).parent
    page = folder / "dashboard.html"
    if not page.is_file():
        raise RunNotFoundError(
            f"the run in {folder} has no dashboard",
            hint="run dsp analyze again without --no-dashboard",
        )
    opened = not options().json and webbrowser.open(page.absolute().as_uri())
    if options().json:
        emit({"dashboard": str(page.absolute()), "opened": False})
        return
    if not opened:
        say("no browser could be started; open this file:")
    click.echo(str(page.absolute()))
    suggest(f"dsp show {shell_word(shown_path(folder.absolute()))}")
