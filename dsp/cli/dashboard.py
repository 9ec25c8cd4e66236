"""``dsp dashboard``: dashboards that are written as code."""

from __future__ import annotations

from pathlib import Path

import click

from dsp.cli.common import common_options, emit, options, say, shell_word, suggest
from dsp.errors import DspError
from dsp.numbers import size


@click.group("dashboard")
def command() -> None:
    """Build dashboards from files of queries."""


@command.command("build")
@click.argument("board", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--db",
    "database",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of a run, or a DuckDB file: what the queries run on.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Page to write; FILE with the ending .html when not given.",
)
@click.option(
    "--theme",
    type=click.Choice(["auto", "light", "dark"]),
    default="auto",
    help="Theme of the page; that of FILE when not given.",
)
@click.option("--force", is_flag=True, help="Replace a file that is not such a page.")
@common_options
def build(
    board: Path, database: Path, output: Path | None, *, theme: str, force: bool
) -> None:
    """Build the page of a dashboard file: cards, filters, charts, tables.

    FILE is TOML: a title, and queries (SQL, or functions that return Ibis tables) with
    the kind of chart each one is shown as. The page works offline, like that of a run.
    """
    from dsp.dashboard import Board, DashboardGenerator
    from dsp.engine.sandbox import open_database

    read = Board.read(board)
    page = output or board.with_suffix(".html")
    if page.absolute() == board.absolute():
        raise DspError(f"{page} is the dashboard file itself", hint="name another page")
    _refuse_other_files(page, force=force)
    engine = open_database(database)
    try:
        DashboardGenerator(engine, board=read, theme=theme).generate(page)
    except OSError as error:
        raise DspError(
            f"cannot write {page}: {error.strerror or error}",
            hint="name another file with -o",
        ) from error
    finally:
        engine.close()
    n_bytes = page.stat().st_size
    if options().json:
        emit({"path": str(page.absolute()), "bytes": n_bytes})
        return
    click.echo(str(page))
    say(f"{'Wrote':<6} {page.name}, {size(n_bytes)}")
    suggest(f"open {shell_word(page)} in a browser")


def _refuse_other_files(page: Path, *, force: bool) -> None:
    """Refuse to replace a file that is no page of ours."""
    if not page.is_file() or force:
        return
    with page.open("rb") as file:
        is_ours = b'name="generator" content="dsp' in file.read(4_096)
    if not is_ours:
        raise DspError(
            f"{page} exists and is no dashboard", hint="give --force to replace it"
        )
