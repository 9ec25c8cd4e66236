"""The process that fits models: reads a job, tells its progress, writes its answers.

Standard input carries one line of JSON (paths and specification); standard output one
line for every fit. The process lives until it is killed or its input is closed, which
happens when the parent dies in whatever way; then it removes the folder of the job.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsp.models.search import Found

Jobs = queue.SimpleQueue[bytes]

CLEANUP_SECONDS = 3.0


def main(folder: str) -> None:
    """Run one job in `folder` and wait to be ended."""
    jobs: Jobs = queue.SimpleQueue()
    watch = (jobs, lambda: _remove(Path(folder)))
    threading.Thread(target=watch_input, args=watch, daemon=True).start()
    # Ctrl-C may reach the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Loading takes seconds, and the parent is still busy with the database.
    import sklearn.ensemble
    import sklearn.kernel_approximation
    import sklearn.linear_model
    import sklearn.neighbors  # noqa: F401

    job = json.loads(jobs.get())
    try:
        keep(Path(job["answer"]), run(job), is_complete=True)
        tell(is_finished=True)
    except OSError:
        # Without a parent nobody listens and the folder is going: let the watch end us.
        time.sleep(CLEANUP_SECONDS)
        raise
    threading.Event().wait()


def run(job: dict[str, Any]) -> Found:
    """Read the job's table and search models for it."""
    import pyarrow as pa

    from dsp.models.assistant import Assistant
    from dsp.models.search import search

    with pa.ipc.open_file(job["table"]) as reader:
        table = reader.read_all()
    return search(
        table,
        job["spec"],
        lambda done, total, label: tell(done=done, total=total, label=label),
        lambda found: keep(Path(job["answer"]), found, is_complete=False),
        assistant=lambda: Assistant(job["table"], job["spec"]),
    )


def tell(**what: Any) -> None:
    """Write a line to the parent."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def keep(place: Path, found: Found, *, is_complete: bool) -> None:
    """Replace what was found at once, so that whoever reads it meets a whole one.

    Arrays go into an Arrow file of their own, whose name the text holds.
    """
    import numpy as np
    import pyarrow as pa

    arrays = {name: np.ascontiguousarray(values) for name, values in found.arrays.items()}
    shapes = {name: list(values.shape) for name, values in arrays.items()}
    name = f"{time.monotonic_ns()}.arrow"
    with pa.OSFile(str(place.with_name(name)), "wb") as sink:
        for values in arrays.values():
            column = pa.record_batch({"values": values.ravel()})
            with pa.ipc.new_stream(sink, column.schema) as out:
                out.write_batch(column)
    text = json.dumps(
        {**found.values, "is_complete": is_complete, "arrays": [name, shapes]}
    )
    new = place.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, place)  # noqa: PTH105


def kept(place: Path) -> tuple[Found, dict[str, Any]]:
    """Return what `keep` has written, and whether it is complete."""
    import pyarrow as pa

    from dsp.engine.arrays import as_numpy
    from dsp.models.search import Found

    values = json.loads(place.read_text(encoding="utf-8"))
    name, shapes = values.pop("arrays")
    arrays = {}
    with pa.OSFile(str(place.with_name(name)), "rb") as source:
        for key, shape in shapes.items():
            with pa.ipc.open_stream(source) as reader:
                column = reader.read_all().column("values")
            arrays[key] = as_numpy(column).reshape(shape)
    return Found(values, arrays), {"is_complete": values.pop("is_complete")}


def watch_input(jobs: Jobs, at_end: Callable[[], None] = lambda: None) -> None:
    """Hand on lines; end the process when the input is closed.

    Reads the descriptor: a thread that waits in `sys.stdin` at the end of the process
    would make it abort.
    """
    text = b""
    while more := os.read(0, 1 << 16):
        *lines, text = (text + more).split(b"\n")
        for line in lines:
            jobs.put(line)
    at_end()
    os._exit(0)


def _remove(folder: Path) -> None:
    for _ in range(10):
        # The main thread may be writing a file into it.
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
        time.sleep(0.05)
