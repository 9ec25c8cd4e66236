"""A second process that fits ahead, on another core, what a search is about to want.

It changes when fits are ready, not which are asked for nor what they say: a search with
an assistant goes the same way as one without. Both talk over pipes: a line of JSON for
each fit that is wanted, a line of JSON and the bytes of an array for what comes back.
"""

from __future__ import annotations

import json
import math
import queue
import subprocess
import sys
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsp.models.worker import watch_input

HOME = Path(__file__).parents[2]
START = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from dsp.models.assistant import main; main()"
)
KEPT = 4
"""Fits that nobody has asked for yet which are kept."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fit of a setting on a fold.

    Attributes
    ----------
    name, config
        The candidate and its setting.
    repeat, number
        The round of cross-validation and the fold.
    n_rows
        Rows to fit on, all of the fold's when None.
    """

    name: str
    config: dict[str, Any]
    repeat: int
    number: int
    n_rows: int | None = None

    def line(self) -> str:
        """Return the fit as a line of text."""
        return json.dumps(
            [self.name, self.config, self.repeat, self.number, self.n_rows],
            sort_keys=True,
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """What a fit says of the rows left out, its rounds, and the seconds it took."""

    output: Any
    n_iterations: int | None
    seconds: float


class Assistant:
    """The other process, seen from the search.

    Parameters
    ----------
    table
        Path of the Arrow file with the rows of the search.
    spec
        Its settings.
    """

    def __init__(self, table: str, spec: dict[str, Any]) -> None:
        self._ready: OrderedDict[str, Fit] = OrderedDict()
        self._going: str | None = "its start"
        self._changed = threading.Condition()
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-c", START, str(HOME)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._write(json.dumps({"table": table, "spec": spec}))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(self, wanted: Wanted) -> None:
        """Let a fit begin where nothing else goes on."""
        line = wanted.line()
        with self._changed:
            if self._going is not None or line in self._ready:
                return
            self._going = line
        self._write(line)

    def take(self, wanted: Wanted) -> Fit | None:
        """Return a fit that was begun, once it is ready; None when it was not begun."""
        line = wanted.line()
        with self._changed:
            self._changed.wait_for(lambda: self._going != line)
            return self._ready.pop(line, None)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            # What was not written any more goes with it.
            with suppress(OSError):
                if stream is not None:
                    stream.close()

    def _write(self, line: str) -> None:
        stream = self._process.stdin
        # Where the process has ended, the thread that reads from it says so.
        with suppress(OSError):
            if stream is not None:
                stream.write(line.encode() + b"\n")
                stream.flush()

    def _read(self) -> None:
        """Keep what comes back, until the process ends."""
        import numpy as np

        stream = self._process.stdout
        while stream is not None and (line := stream.readline()):
            said = json.loads(line)
            with self._changed:
                if "shape" in said and self._going is not None:
                    size = 8 * math.prod(said["shape"])
                    output = np.frombuffer(stream.read(size)).reshape(said["shape"])
                    fit = Fit(output, said["n_iterations"], said["seconds"])
                    self._ready[self._going] = fit
                while len(self._ready) > KEPT:
                    self._ready.popitem(last=False)
                self._going = None
                self._changed.notify_all()
        with self._changed:
            self._going = "its end"
            self._changed.notify_all()


def main() -> None:
    """Fit what is asked for on standard input, until that is closed."""
    import numpy as np
    import pyarrow as pa

    from dsp.models.search import fitting

    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=watch_input, args=(lines,), daemon=True).start()
    job = json.loads(lines.get())
    with pa.ipc.open_file(job["table"]) as reader:
        table = reader.read_all()
    out = sys.stdout.buffer
    with fitting(table, job["spec"]) as fit:
        out.write(b"{}\n")
        while True:
            out.flush()
            found = fit(Wanted(*json.loads(lines.get())))
            output = np.ascontiguousarray(found.output, dtype="float64")
            about = {
                "shape": output.shape,
                "n_iterations": found.n_iterations,
                "seconds": found.seconds,
            }
            out.write(json.dumps(about).encode() + b"\n" + output.tobytes())
