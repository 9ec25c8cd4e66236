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
from typing import Any

from dsp.errors import CancelledError, DspError
from dsp.events import Tick

POLL_SECONDS = 0.1
GRACE_SECONDS = 2.0
"""How long past its time limit a search may take to write its answer."""


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
        # Waiting threads must not spin: other processes want the cores.
        environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
        if threads:
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
                environment[name] = str(threads)
        with self._errors.open("wb") as stream:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "dsp.models.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
                encoding="utf-8",
                env=environment,
            )

    def run(
        self, table: Any, spec: dict[str, Any], *, limit: float, tick: Tick
    ) -> dict[str, Any]:
        """Return the answer of a search.

        Raises
        ------
        CancelledError
            `stop` was called, or `tick` raised it.
        DspError
            The process failed, or did not end within its limit.
        """
        import pyarrow as pa

        data, answer = self._folder / "table.arrow", self._folder / "answer.json"
        with (
            pa.OSFile(str(data), "wb") as sink,
            pa.ipc.new_file(sink, table.schema) as out,
        ):
            out.write_table(table)
        job = {"table": str(data), "answer": str(answer), "spec": spec}
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        reader = threading.Thread(target=self._read, args=(lines,), daemon=True)
        reader.start()
        self._send(job)
        self._wait(lines, limit=limit, tick=tick)
        reader.join(POLL_SECONDS)
        if self._process.returncode != 0 or not answer.exists():
            raise DspError(
                f"the model process ended with code {self._process.returncode}",
                hint=self._last_error() or "it may have run out of memory",
            )
        return dict(json.loads(answer.read_text(encoding="utf-8")))

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
        except (BrokenPipeError, ValueError) as error:
            if self._cancelled:
                raise CancelledError("cancelled while models were fitted") from error
            raise DspError(
                "the model process could not start", hint=self._last_error()
            ) from error

    def _wait(self, lines: queue.SimpleQueue[str], *, limit: float, tick: Tick) -> None:
        stop_at = time.monotonic() + limit + GRACE_SECONDS
        told: dict[str, Any] = {"done": 0, "total": None, "label": ""}
        while self._process.poll() is None:
            with suppress(queue.Empty):
                told = json.loads(lines.get(timeout=POLL_SECONDS))
            if self._cancelled:
                break
            tick(told["done"], told["total"], unit="fits", message=told["label"])
            if time.monotonic() > stop_at:
                raise DspError(
                    f"no model was ready within {limit:g} s",
                    hint="raise --ml-time-limit, or use --sample",
                )
        if self._cancelled:
            raise CancelledError("cancelled while models were fitted")

    def _read(self, lines: queue.SimpleQueue[str]) -> None:
        stream = self._process.stdout
        try:
            for line in stream or ():
                lines.put(line)
        except ValueError:
            return

    def _last_error(self) -> str:
        if not self._errors.exists():
            return ""
        text = self._errors.read_text(encoding="utf-8", errors="replace").strip()
        return text.splitlines()[-1][:300] if text else ""
