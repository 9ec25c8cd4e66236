"""``dsp show``: the result tables of a run, for people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from dsp.cli.common import (
    common_options,
    emit,
    options,
    say,
    shell_word,
    show_table,
    suggest,
)
from dsp.cli.show_views import HELP, TABLES, VIEWS, View
from dsp.cli.summary import summary
from dsp.errors import DspError, nearest
from dsp.result.words import findings, shown_path


@click.command("show", help=HELP, short_help="Show what a run found, table by table.")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("what", default="summary", metavar="[WHAT]")
@click.option("--top", type=click.IntRange(1), help="Rows at most.")
@click.option("--kind", help="Only rows of this kind.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also what is left out, as findings that another one explains.",
)
@common_options
def command(
    run: Path, what: str, *, top: int | None, kind: str | None, everything: bool
) -> None:
    """Show what a run found, table by table."""
    from dsp.result import open_run

    with open_run(run) as opened:
        place = shell_word(shown_path(opened.path if run.is_dir() else run))
        if what == "summary":
            if options().json:
                emit(summary(opened))
            else:
                click.echo(repr(opened)[len("<dsp.Run ") : -1])
                click.echo("\n".join(findings(opened)))
                suggest(f"dsp show {place} insights", f"dsp open {place}")
            return
        wanted = _wanted(what)
        view, table = VIEWS[wanted], TABLES.get(wanted, wanted)
        params = {} if kind is None else {"kind": kind}
        if everything:
            view = replace(view, where="true")
        text = _sql(
            table, view, top, with_kind=kind is not None, all_columns=options().json
        )
        found = opened.sql(text, params)
        if options().json:
            from dsp.exports.cells import plain

            emit([plain(row) for row in found.to_pylist()])
            return
        _show(found.to_arrow(), view)
        noun = "row" if len(found) == 1 else "rows"
        say(f"{len(found):,} {noun} of {table}")
        suggest(f'dsp query {place} "from {table}"')


def _wanted(what: str) -> str:
    by_table = {table: word for word, table in TABLES.items()}
    word = by_table.get(what, what)
    if word not in VIEWS:
        names = ["summary", *VIEWS]
        close = nearest(what, names, n=1)
        hint = f'did you mean "{close[0]}"?' if close else ", ".join(names)
        raise DspError(f'nothing called "{what}" to show', hint=hint)
    return word


def _sql(
    table: str, view: View, top: int | None, *, with_kind: bool, all_columns: bool
) -> str:
    """Return the query of a view; its parts are constants of this file."""
    if with_kind and view.kind is None:
        raise DspError(f"{table} has no kinds", hint="leave out --kind")
    listed = ", ".join(f'"{name}"' for name in view.columns)
    kind = f' and "{view.kind}" = $kind' if with_kind else ""
    where = f"where {view.where}{kind}"
    limit = f" limit {top}" if top else ""
    chosen = "*" if all_columns else listed
    return f"select {chosen} from main.{table} {where} order by {view.order}{limit}"


def _show(table: object, view: View) -> None:
    import pyarrow as pa

    rows = table.to_pylist()  # type: ignore[attr-defined]
    fields = table.schema  # type: ignore[attr-defined]
    numeric = [
        f.name
        for f in fields
        if pa.types.is_integer(f.type) or pa.types.is_floating(f.type)
    ]
    cells = ([_short(row[name]) for name in view.columns] for row in rows)
    show_table(view.columns, cells, right=numeric)


def _short(value: object, limit: int = 200) -> object:
    if isinstance(value, str):
        flat = " ".join(value.split())
        return flat if len(flat) <= limit else flat[: limit - 1] + "…"
    return value
