"""``dsp profile``: describe every column of a source, and how the columns relate."""

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
    tables_option,
)

if TYPE_CHECKING:
    from dsp.exports.profile import ProfileReport


@click.command("profile", short_help="Describe every column and how columns relate.")
@click.argument("source")
@click.option("--target", "-t", metavar="COL", help="Column to explain.")
@click.option("--time", metavar="COL", help="Column that orders rows in time.")
@click.option(
    "--columns",
    "names",
    metavar="COL,COL",
    multiple=True,
    help="Columns to profile; all when not given. Repeatable.",
)
@click.option("--exact", is_flag=True, help="Estimate no distinct count.")
@click.option("--no-relations", is_flag=True, help="Do not relate columns.")
@click.option(
    "--structure/--no-structure",
    default=None,
    help="Look for keys, dependencies and repeated rows; by default in tables of up to "
    "5 million cells.",
)
@click.option("--redact", is_flag=True, help="Hide values that may tell who somebody is.")
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write a page that works offline.",
)
@tables_option
@click.option(
    "--append",
    "state",
    metavar="STATE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep a mergeable state in this DuckDB file: only files that are new to it are "
    "read, and the profile is that of all files it has seen.",
)
@click.option("--with-sql", is_flag=True, help="With --json: the query of every figure.")
@reading_options
@common_options
def command(
    source: str,
    *,
    names: tuple[str, ...],
    exact: bool,
    no_relations: bool,
    structure: bool | None,
    redact: bool,
    html: Path | None,
    output: Path | None,
    state: Path | None,
    with_sql: bool,
    reading: tuple[str, ...],
    **shared: Any,
) -> None:
    """Describe every column of SOURCE, and how the columns relate.

    SOURCE is a file, a glob in quotes, a folder, or database.db::table. Parquet is read
    where it is. Distinct counts that are estimated are marked with ~.
    """
    from dsp.pipeline import profile
    from dsp.pipeline.appending import append_profile, state_in_words
    from dsp.settings import read_options

    shared["options"] = read_options(*reading)
    if state is not None:
        if output or names or exact:
            raise click.UsageError(
                "--append goes without --output, --columns and --exact: the state is a "
                "database of its own, and holds all columns"
            )
        report = append_profile(state, source, redact=redact, **shared)
        say(state_in_words(report.facts["state"]))
    else:
        report = profile(
            source,
            columns=_split(names),
            exact=exact,
            relations=not no_relations,
            structure=structure,
            redact=redact,
            output=output,
            **shared,
        )
    _show(report, shell_word(source), html=html, with_sql=with_sql)
    if output is not None:
        say(f"{'Wrote':<6} {output}")
    if output is not None or state is not None:
        suggest(f'dsp query {shell_word(output or state)} "show tables"')
    else:
        page = f"dsp profile {shell_word(source)} --html profile.html"
        suggest(page if html is None else f"dsp analyze {shell_word(source)}")


def _show(
    report: ProfileReport, place: str, *, html: Path | None, with_sql: bool
) -> None:
    """Write a profile to standard output, and to a page where one is wanted."""
    if options().json:
        from dsp.exports.profile import document

        emit(document(report, with_sql=with_sql))
    else:
        from dsp.cli.profile_table import show_profile

        show_profile(report, more=f"dsp profile {place} --html profile.html")
    if html is not None:
        from dsp.exports.profile import write_page

        write_page(report, html)
        say(f"{'Wrote':<6} {html}")


def _split(names: tuple[str, ...]) -> list[str]:
    """Return names that were given one by one, or several with commas between."""
    return [part.strip() for text in names for part in text.split(",") if part.strip()]
