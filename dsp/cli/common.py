"""Options that every command takes, and how commands talk.

Data goes to standard output, talk to standard error. A command uses it like this::

    @click.command("name")
    @common_options
    def command(...):
        if options().json:
            emit(document)
        say("human words")
        suggest("dsp show RUN")
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from dsp.numbers import number, printable, signed

F = TypeVar("F", bound=Callable[..., Any])
KEY = "dsp.options"


@dataclass(frozen=True, slots=True)
class Options:
    """The common options of the running command.

    Attributes
    ----------
    json
        One JSON document on standard output.
    quiet
        Errors only on standard error.
    debug
        Tracebacks.
    progress
        Whether progress may be shown.
    """

    json: bool = False
    quiet: bool = False
    debug: bool = False
    progress: bool = True


def common_options(function: F) -> F:
    """Give a command --json, --quiet, --debug and --no-progress.

    They are read with `options`, not passed as arguments.
    """
    flags = (
        ("--json", "json", "Write one JSON document to standard output."),
        ("--quiet", "quiet", "Write errors only."),
        ("--debug", "debug", "Show tracebacks."),
        ("--no-progress", "no_progress", "Show no progress."),
    )
    for flag, key, text in reversed(flags):
        names = ("-q", flag) if key == "quiet" else (flag,)
        decorate = click.option(
            *names,
            f"common_{key}",
            is_flag=True,
            expose_value=False,
            callback=_remember(key),
            help=text,
        )
        function = decorate(function)
    return function


tables_option = click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also leave the result tables as a DuckDB file, for dsp query.",
)
"""Where a command without a run leaves what it found; comes as ``output``."""


def reading_options(function: F) -> F:
    """Give a command what says how a source is read, and with how much of the machine.

    They come as ``memory_limit``, ``threads``, ``format`` and ``reading``.
    """
    found = (
        click.option(
            "--memory-limit", metavar="SIZE", help="Memory to use, such as 4GB."
        ),
        click.option(
            "--threads", type=click.IntRange(1), help="Threads; all cores by default."
        ),
        click.option("--format", metavar="NAME", help="Format of the source."),
        click.option(
            "--read",
            "reading",
            multiple=True,
            metavar="KEY=VALUE;…",
            help="Options for the reader, such as delimiter, header, encoding, sheet.",
        ),
    )
    for decorate in reversed(found):
        function = decorate(function)
    return function


def options() -> Options:
    """Return the common options of the running command."""
    context = click.get_current_context(silent=True)
    given = context.meta.get(KEY, {}) if context else {}
    return Options(
        json=given.get("json", False),
        quiet=given.get("quiet", False),
        debug=given.get("debug", False),
        progress=not given.get("no_progress", False),
    )


def say(text: str = "") -> None:
    """Write a line for people to standard error, unless quiet or JSON was asked for."""
    chosen = options()
    if not (chosen.quiet or chosen.json):
        click.echo(text, err=True)


def suggest(*commands: str) -> None:
    """Name the next useful commands."""
    for position, text in enumerate(commands):
        say(f"{'Next' if position == 0 else '':<6} {text}")


def emit(document: Any) -> None:
    """Write one JSON document to standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def wants_bar() -> bool:
    """Return whether a live progress display may be drawn on standard error."""
    chosen = options()
    return (
        chosen.progress
        and not (chosen.quiet or chosen.json)
        and sys.stderr.isatty()
        and os.environ.get("TERM") != "dumb"
        and not os.environ.get("CI")
    )


def shell_word(text: object) -> str:
    """Return text as one word for a shell line."""
    import shlex

    return shlex.quote(str(text))


def show_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Iterable[str] = (),
    title: str = "",
) -> None:
    """Write a table for people to standard output.

    Parameters
    ----------
    headings
        Column titles.
    rows
        Values; None becomes an en dash.
    right
        Titles of the columns that are aligned to the right.
    title
        Line above the table.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    aligned = set(right)
    table = Table(
        box=SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False
    )
    for heading in headings:
        table.add_column(
            Text(heading),
            justify="right" if heading in aligned else "left",
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(cell_text(value)) for value in row))
    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False, soft_wrap=False).print(table)


def cell_text(value: object) -> str:
    """Return a value as people read it: separators, four digits, en dash for none."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return signed(f"{value:,}")
    if isinstance(value, float):
        return number(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(cell_text(item) for item in value)
    return printable(str(value))


def _remember(key: str) -> Callable[[click.Context, click.Parameter, bool], bool]:
    def callback(
        context: click.Context,
        parameter: click.Parameter,
        value: bool,  # noqa: FBT001 - click passes it so
    ) -> bool:
        context.meta.setdefault(KEY, {})[key] = value
        return value

    return callback
