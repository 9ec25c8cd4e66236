"""The process that fits models: reads a job, tells its progress, answers a document.

Standard input carries one line of JSON (paths and specification); standard output one
line for every fit. The process ends with its parent.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Run one job; exit code 0 when its answer is written."""
    _end_with_parent()
    # Loading takes seconds, and the parent is still busy with the database.
    import sklearn.compose
    import sklearn.ensemble
    import sklearn.linear_model
    import sklearn.model_selection
    import sklearn.pipeline  # noqa: F401

    line = sys.stdin.readline()
    if not line.strip():
        return 0
    threading.Thread(target=_watch_input, daemon=True).start()
    job = json.loads(line)
    answer = run(job)
    Path(job["answer"]).write_text(json.dumps(answer), encoding="utf-8")
    return 0


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Read the job's table and search models for it."""
    import pyarrow as pa

    from dsp.models.search import search

    with pa.ipc.open_file(job["table"]) as reader:
        table = reader.read_all()
    return search(table, job["spec"], _tell)


def _tell(done: int, total: int, label: str) -> None:
    sys.stdout.write(json.dumps({"done": done, "total": total, "label": label}) + "\n")
    sys.stdout.flush()


def _watch_input() -> None:
    """End when the parent closes our input, on every system."""
    sys.stdin.read()
    os._exit(1)


def _end_with_parent() -> None:
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Ctrl-C reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
