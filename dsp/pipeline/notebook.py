"""How a run is shown in a notebook while it works: one text that is updated."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from dsp.events import Lines, Listener, PipelineProgress, PipelineStage
from dsp.numbers import printable

PAUSE = 0.25
"""Seconds between two updates while a stage runs."""


def notebook_listener() -> Listener | None:
    """Return a listener that shows a run in the cell that runs; None outside a kernel.

    IPython is asked only where it is loaded already: dsp never imports it.
    """
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if getattr(shell, "kernel", None) is None:
        return None
    return NotebookProgress(_display())


class NotebookProgress:
    """A listener that keeps a line for every finished stage and one for the running one.

    Parameters
    ----------
    write
        Takes the whole text, in place of the one before.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._done: list[str] = []
        self._lines = Lines(self._done.append)
        self._running = ""
        self._written = 0.0
        self._guard = threading.Lock()

    def __call__(self, event: PipelineProgress) -> None:
        """Hear an event."""
        with self._guard:
            self._lines(event)
            is_running = event.state in ("start", "progress")
            self._running = _running(event) if is_running else ""
            now = time.monotonic()
            if event.state == "progress" and now - self._written < PAUSE:
                return
            self._written = now
            text = "\n".join([*self._done, self._running]).rstrip()
            if text:
                self._write(text)


def _running(event: PipelineProgress) -> str:
    label = f"{event.stage.position}/{len(PipelineStage)} {event.stage.label}"
    share = "" if event.fraction is None else f" {event.fraction:.0%}"
    note = printable(event.message)[:40] if event.state == "progress" else ""
    return f"{label}{share} … {note}".rstrip()


def _display() -> Callable[[str], None]:
    """Return what shows text in the running cell: first anew, then in the same place."""
    display = import_module("IPython.display").display
    shown: list[Any] = []

    def write(text: str) -> None:
        bundle = {"text/plain": text}
        if shown:
            shown[0].update(bundle, raw=True)
        else:
            shown.append(display(bundle, raw=True, display_id=True))

    return write
