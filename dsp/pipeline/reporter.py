"""Tells listeners what happens, and carries the wish to cancel."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dsp.errors import CancelledError
from dsp.events import Listener, PipelineProgress, PipelineStage

POLL_SECONDS = 0.1


class Reporter:
    """Progress out to listeners, cancellation in from any thread.

    While a stage runs, a second thread reads the engine's own query progress and passes
    it on, and repeats the interrupt once cancelling was asked for, so that no query that
    starts late escapes it.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._cancelled = threading.Event()
        self._guard = threading.Lock()
        self._started = time.monotonic()
        self._last_tick = 0.0
        self._stage = PipelineStage.INITIALIZATION
        self.engine: Any = None

    def add(self, listener: Listener) -> None:
        """Call `listener` with every event from now on."""
        self._listeners.append(listener)

    def cancel(self) -> None:
        """Ask the run to stop; returns at once."""
        self._cancelled.set()
        if self.engine is not None:
            self.engine.interrupt()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody asked to stop."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raise `CancelledError` when somebody asked to stop."""
        if self._cancelled.is_set():
            raise CancelledError(
                f"cancelled during {self._stage.label}", hint="nothing was written"
            )

    def emit(self, state: str, **values: Any) -> None:
        """Send one event of the current stage to every listener."""
        self.send(self.event(state, **values))

    def event(self, state: str, **values: Any) -> PipelineProgress:
        """Return an event of the current stage, stamped with the time since the start."""
        elapsed = (time.monotonic() - self._started) * 1000
        return PipelineProgress(
            stage=self._stage, state=state, elapsed_ms=elapsed, **values
        )

    def send(self, event: PipelineProgress) -> None:
        """Hand an event to every listener."""
        with self._guard:
            for listener in self._listeners:
                listener(event)

    def tick(
        self,
        done: float = 0,
        total: float | None = None,
        *,
        unit: str = "",
        message: str = "",
    ) -> None:
        """Report counted progress (at most ten times a second) and honour cancelling."""
        self.check()
        now = time.monotonic()
        if now - self._last_tick >= POLL_SECONDS or (total and done >= total):
            self._last_tick = now
            self.emit("progress", done=done, total=total, unit=unit, message=message)

    @contextmanager
    def stage(self, stage: PipelineStage) -> Iterator[None]:
        """Watch the engine while the block runs."""
        self._stage = stage
        self.check()
        self.emit("start", message=stage.label)
        finished = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(finished,), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            finished.set()
            watcher.join()

    def _watch(self, finished: threading.Event) -> None:
        last = -1.0
        while not finished.wait(POLL_SECONDS):
            engine = self.engine
            if engine is None:
                continue
            if self._cancelled.is_set():
                engine.interrupt()
                continue
            share = engine.progress()
            if share is not None and 0 < share < 1 and share != last:
                last = share
                self.emit("progress", done=share, total=1.0, unit="query")
