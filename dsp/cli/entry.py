"""The lazy command group, and how errors become lines and exit codes."""

from __future__ import annotations

import atexit
import errno
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

import dsp
from dsp.cli import COMMANDS
from dsp.errors import DspError, nearest

USAGE, INTERNAL, CANCELLED, PIPE = 2, 3, 130, 141
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name][0]).command
        if not isinstance(command, click.Command):
            raise DspError(f"dsp {cmd_name} is not a command")
        return command

    def format_commands(
        self,
        ctx: click.Context,
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that has gone (``dsp … | head``) is no error."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The interpreter flushes once more when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return result

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; one existing file stands for ``analyze`` of it."""
        name = args[0]
        if name in COMMANDS or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        if Path(name).exists():
            return "analyze", self.get_command(ctx, "analyze"), args
        close = nearest(name, COMMANDS, n=1)
        raise DspError(
            f'no command or file "{name}"',
            hint=f'did you mean "dsp {close[0]}"?' if close else "dsp --help lists them",
        )


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="dsp FILE is short for dsp analyze FILE. Settings: dsp config show.",
)
@click.version_option(dsp.__version__, prog_name="dsp")
def cli() -> None:
    """From a file to checked data, findings, models and a dashboard, all in SQL."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code.

    Errors that a user can mend are one line with the way out; with ``--json`` they are a
    document on standard output. A traceback is shown only with ``--debug``.
    """
    words = arguments[: arguments.index("--")] if "--" in arguments else arguments
    as_json, debug = "--json" in words, "--debug" in words
    try:
        result = cli.main(list(arguments), prog_name="dsp", standalone_mode=False)
    except click.UsageError as error:
        _usage(error, as_json=as_json)
        return USAGE
    except click.ClickException as error:
        _report("usage", error.format_message(), "", as_json=as_json)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _report("cancelled", "cancelled", "", as_json=as_json)
        return CANCELLED
    except DspError as error:
        if debug:
            raise
        _report(error.code, error.message, error.hint, as_json=as_json)
        return error.exit_code
    except Exception as error:
        if debug:
            raise
        return _unforeseen(error, as_json=as_json)
    return result if isinstance(result, int) else 0


def leave(code: int) -> NoReturn:
    """End the process; after a database was used, without freeing what it holds.

    Freeing takes a quarter of a second. What is still to be written is written first,
    and exit handlers run.
    """
    if "duckdb" not in sys.modules:
        sys.exit(code)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError as error:
        code = code or _unforeseen(error, as_json=False)
    atexit._run_exitfuncs()  # noqa: SLF001 - os._exit would pass over them
    os._exit(code)


def _unforeseen(error: Exception, *, as_json: bool) -> int:
    """Report an error of the machine, or a mistake of ours; return the exit code."""
    if isinstance(error, BrokenPipeError):
        return PIPE
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        where = error.filename or "standard output"
        text = f"cannot write {where}: {error.strerror}"
        _report("disk", text, "make room, or choose another place", as_json=as_json)
        return USAGE
    _report(
        "internal",
        f"internal error: {type(error).__name__}: {' '.join(str(error).split())[:300]}",
        "run again with --debug for the traceback, and report it",
        as_json=as_json,
    )
    return INTERNAL


def _usage(error: click.UsageError, *, as_json: bool) -> None:
    message = error.format_message()
    path = error.ctx.command_path if error.ctx else "dsp"
    lowered = message[:1].lower() + message[1:].rstrip(".")
    _report("usage", lowered, f"{path} --help", as_json=as_json)


def _report(code: str, message: str, hint: str, *, as_json: bool) -> None:
    """Write an error to standard error, or as a document to standard output."""
    if as_json:
        document = {
            "schema": "dsp.error/1",
            "code": code,
            "message": message,
            "hint": hint,
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    click.echo(f"{click.style('error:', fg='red', bold=True)} {message}", err=True)
    for line in hint.splitlines():
        click.echo(f"  {line}", err=True)
