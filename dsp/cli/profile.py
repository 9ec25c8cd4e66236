"""``dsp profile``: describe every column of a source, and how the columns relate."""

from __future__ import annotations

from pathlib import Path

import click

from dsp.cli.common import common_options, emit, options, say, shell_word, suggest


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
    "--html",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write a page that works offline.",
)
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also leave the result tables as a DuckDB file, for dsp query.",
)
@click.option("--with-sql", is_flag=True, help="With --json: the query of every figure.")
@click.option("--memory-limit", metavar="SIZE", help="Memory to use, such as 4GB.")
@click.option("--threads", type=click.IntRange(1), help="Threads; all cores by default.")
@click.option("--format", "data_format", metavar="NAME", help="Format of the source.")
@click.option(
    "--read",
    "reader_options",
    multiple=True,
    metavar="KEY=VALUE;…",
    help="Options for the reader, such as delimiter, header, encoding, sheet.",
)
@common_options
def command(
    source: str,
    *,
    target: str | None,
    time: str | None,
    names: tuple[str, ...],
    exact: bool,
    no_relations: bool,
    html: Path | None,
    output: Path | None,
    with_sql: bool,
    memory_limit: str | None,
    threads: int | None,
    data_format: str | None,
    reader_options: tuple[str, ...],
) -> None:
    """Describe every column of SOURCE, and how the columns relate.

    SOURCE is a file, a glob in quotes, a folder, or database.db::table. Parquet is read
    where it is. Distinct counts that are estimated are marked with ~.
    """
    from dsp.exports.profile import document, write_page
    from dsp.pipeline import profile
    from dsp.settings import read_options

    report = profile(
        source,
        target=target,
        time=time,
        columns=_split(names),
        exact=exact,
        relations=not no_relations,
        output=output,
        memory_limit=memory_limit,
        threads=threads,
        format=data_format,
        options=read_options(*reader_options),
    )
    place = shell_word(source)
    if options().json:
        emit(document(report, with_sql=with_sql))
    else:
        from dsp.cli.profile_table import show_profile

        show_profile(report, more=f"dsp profile {place} --html profile.html")
    if html is not None:
        write_page(report, html)
    for path in (html, output):
        if path is not None:
            say(f"{'Wrote':<6} {path}")
    if output is not None:
        suggest(f'dsp query {shell_word(output)} "from columns"')
    else:
        page = f"dsp profile {place} --html profile.html"
        suggest(page if html is None else f"dsp analyze {place}")


def _split(names: tuple[str, ...]) -> list[str]:
    """Return names that were given one by one, or several with commas between."""
    return [part.strip() for text in names for part in text.split(",") if part.strip()]
