"""Runs a model search in a process that can be killed at any moment."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.errors import CancelledError, DspError
from dsp.events import Tick
from dsp.models.limits import TIME_UP, Limits
from dsp.models.worker import kept

if TYPE_CHECKING:
    from dsp.models.search import Found

POLL_SECONDS = 0.1
READ_SECONDS = 0.5
"""How long before the wall a process is killed, to have time to read its answer."""


HOME = Path(__file__).parents[2]
START = (
    "import sys; sys.path.append(sys.argv[2]); "
    "from dsp.models.worker import main; main(sys.argv[1])"
)
"""What the process runs. Its current folder is not searched for modules (``-P``): a
``random.py`` beside the user's data is not ours."""


class Worker:
    """A child process for one search.

    Parameters
    ----------
    threads
        Threads the numerical libraries may use.
    """

    def __init__(self, *, threads: int | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="dsp-models-"))
        self._errors = self._folder / "stderr.txt"
        self._cancelled = False
        # Threads that wait spin for microseconds only: other processes want the cores,
        # but threads that sleep at once make boosting ten times slower.
        environment = {**os.environ, "GOMP_SPINCOUNT": "10000"}
        if threads:
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
                environment[name] = str(threads)
        with self._errors.open("wb") as stream:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-c", START, str(self._folder), str(HOME)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
                encoding="utf-8",
                env=environment,
                # Outside our process group, so that it can clean up when that is killed.
                start_new_session=True,
            )

    def run(
        self, table: Any, spec: dict[str, Any], *, limits: Limits, tick: Tick
    ) -> tuple[Found, dict[str, Any]]:
        """Return what a search found, and how it ended: the last that was ready in time.

        Where that is not ``is_complete``, ``stopped`` says what ended the search, and
        ``last_error`` what the process said at its end.

        Raises
        ------
        CancelledError
            `stop` was called, or `tick` raised it.
        DspError
            The process failed, or had no answer at its wall.
        """
        import pyarrow as pa

        data, answer = self._folder / "table.arrow", self._folder / "answer.json"
        try:
            with (
                pa.OSFile(str(data), "wb") as sink,
                pa.ipc.new_file(sink, table.schema) as out,
            ):
                out.write_table(table)
        except FileNotFoundError as error:
            raise self._failure() from error
        self._send({"table": str(data), "answer": str(answer), "spec": spec})
        stopped = self._wait(limits=limits, tick=tick)
        if not answer.exists():
            raise self._failure(stopped)
        try:
            found, ended = kept(answer)
        except FileNotFoundError as error:
            raise self._failure() from error
        return found, {**ended, "stopped": stopped, "last_error": self._last_error()}

    def stop(self) -> None:
        """Kill the process and remove its files; may be called twice, from any thread."""
        self._cancelled = True
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and not stream.closed:
                self._close(stream)
        shutil.rmtree(self._folder, ignore_errors=True)

    @staticmethod
    def _close(stream: Any) -> None:
        try:
            stream.close()
        except BrokenPipeError:
            return

    def _send(self, job: dict[str, Any]) -> None:
        stream = self._process.stdin
        try:
            if stream is not None:
                stream.write(json.dumps(job) + "\n")
                stream.flush()
        except (OSError, ValueError) as error:
            raise self._failure("the model process could not start") from error

    def _wait(self, *, limits: Limits, tick: Tick) -> str:
        """Return what ended the search: its end, the wall, or the end of the process."""
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        told: dict[str, Any] = {"done": 0, "total": None, "label": ""}
        while True:
            # Asked before the queue is read: the last line of a process comes first.
            is_alive = self._process.poll() is None
            with suppress(queue.Empty):
                told = json.loads(lines.get(timeout=POLL_SECONDS))
                is_alive = True
            if self._cancelled:
                raise self._failure()
            if told.get("is_finished"):
                return "the search came to its end"
            if not is_alive:
                return f"the model process ended with code {self._process.returncode}"
            tick(told["done"], told["total"], unit="fits", message=told["label"])
            if time.monotonic() > limits.wall - READ_SECONDS:
                self._process.kill()
                self._process.wait()
                return TIME_UP

    def _read(self, lines: queue.SimpleQueue[str]) -> None:
        stream = self._process.stdout
        try:
            for line in stream or ():
                lines.put(line)
        except ValueError:
            return

    def _failure(self, what: str = "the model process failed") -> DspError:
        if self._cancelled:
            return CancelledError("cancelled while models were fitted")
        if what == TIME_UP:
            return DspError(
                "no model was ready in time",
                hint="raise --ml-time-limit, or use --sample",
            )
        return DspError(what, hint=self._last_error() or "it may be out of memory")

    def _last_error(self) -> str:
        if not self._errors.exists():
            return ""
        text = self._errors.read_text(encoding="utf-8", errors="replace").strip()
        return text.splitlines()[-1][:300] if text else ""
