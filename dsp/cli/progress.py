"""How a run is shown while it works: a live bar, plain lines, or JSON lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from dsp.cli.common import options, wants_bar
from dsp.events import Lines, Listener, PipelineProgress, PipelineStage, Tick, no_tick
from dsp.numbers import printable


@contextmanager
def shown(mode: str) -> Iterator[Listener]:
    """Lend a listener that shows a run on standard error.

    Parameters
    ----------
    mode
        ``json`` for one JSON line an event, ``none`` for silence, ``auto`` for a live
        bar on a terminal and one line a finished stage elsewhere.
    """
    chosen = options()
    if mode == "json":
        yield _json_line
    elif mode == "none" or chosen.quiet or chosen.json:
        yield _silence
    elif wants_bar():
        with _live() as listener:
            yield listener
    else:
        yield Lines(lambda line: click.echo(line, err=True))


@contextmanager
def waiting(first: str) -> Iterator[Tick]:
    """Lend a tick that says on a terminal what is being done, and leaves nothing behind.

    Parameters
    ----------
    first
        What is being done until the first tick.
    """
    if not wants_bar():
        yield no_tick
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True, highlight=False).status(Text(first)) as status:

        def tick(
            done: float = 0,
            total: float | None = None,
            *,
            unit: str = "",
            message: str = "",
        ) -> None:
            what = printable(message or unit).replace("_", " ")[:40]
            of = f" {done:,.0f}/{total:,.0f}" if total else ""
            status.update(Text(f"{what}{of}" if what else first))

        yield tick


def _silence(event: PipelineProgress) -> None:
    """Show nothing."""


def _json_line(event: PipelineProgress) -> None:
    document = {"text": f"stage={event.stage.value} {event.state}", **event.as_dict()}
    line = json.dumps(document, ensure_ascii=False, default=str)
    click.echo(line, err=True)


@contextmanager
def _live() -> Iterator[Listener]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    console = Console(stderr=True, highlight=False)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    with bar:
        yield _Live(bar, Lines(lambda line: console.print(line, markup=False)))


class _Live:
    """A listener that keeps one bar for the running stage and a line for each before."""

    def __init__(self, bar: Any, lines: Lines) -> None:
        self._bar = bar
        self._lines = lines
        self._task: Any = None
        self._guard = threading.Lock()

    def __call__(self, event: PipelineProgress) -> None:
        with self._guard:
            if event.state == "start":
                label = f"{event.stage.position}/{len(PipelineStage)} {event.stage.label}"
                self._task = self._bar.add_task(label, total=None, note="")
            elif event.state == "progress" and self._task is not None:
                self._bar.update(
                    self._task,
                    completed=event.done,
                    total=event.total,
                    note=printable(event.message)[:40],
                )
            elif self._task is not None:
                self._bar.remove_task(self._task)
                self._task = None
            self._lines(event)
