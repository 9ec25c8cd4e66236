"""Two thousand damaged files: a table or one clear line, and never anything else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("mutated.py")
ROOT = Path(__file__).parents[2]
N_FILES = 2_000
N_PROCESSES = 2
# One file takes some hundredths of a second; this is for a busy machine.
SECONDS = 60.0
START_SECONDS = 120.0


def _lines(process: subprocess.Popen[str]) -> SimpleQueue[str | None]:
    """Return what a process prints, line by line; None at its end."""
    told: SimpleQueue[str | None] = SimpleQueue()

    def listen() -> None:
        for line in process.stdout or ():
            told.put(line)
        told.put(None)

    Thread(target=listen, daemon=True).start()
    return told


def _run(seed: int, start: int, stop: int, folder: Path) -> tuple[int, list[str]]:
    """Load a range of files; return how many gave a table, and what went wrong."""
    n_tables = 0
    faults: list[str] = []
    while start < stop:
        found, n, start = _until_fault(seed, start, stop, folder)
        n_tables += n
        faults += found
    return n_tables, faults


def _until_fault(
    seed: int, start: int, stop: int, folder: Path
) -> tuple[list[str], int, int]:
    """Load files in one process until it ends; return faults, tables, the next number."""
    home = folder / f"{start}"
    home.mkdir()
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), *map(str, (seed, start, stop, home))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    told = _lines(process)
    faults: list[str] = []
    n_tables, name, seconds = 0, "", START_SECONDS
    try:
        while True:
            line = told.get(timeout=seconds)
            seconds = SECONDS
            if line is None:
                break
            said: dict[str, Any] = json.loads(line)
            if "start" in said:
                name, start = f"seed {seed}, {said['name']}", said["start"] + 1
            elif "bad" in said:
                faults.append(f"{name}: {said['bad']}")
            else:
                n_tables += "rows" in said
    except Empty:
        return [*faults, f"{name}: still at it after {seconds:.0f} s"], n_tables, start
    finally:
        process.kill()
        _, error = process.communicate()
    if process.returncode and start < stop:
        faults.append(f"{name}: the process ended with {process.returncode}: {error}")
    return faults, n_tables, start if start < stop else stop


@pytest.mark.timeout(600)
def test_damaged_files_give_a_table_or_one_clear_line(tmp_path: Path) -> None:
    share = N_FILES // N_PROCESSES
    with ThreadPoolExecutor(N_PROCESSES) as pool:
        runs = [
            pool.submit(_run, 20_261, i * share, (i + 1) * share, tmp_path)
            for i in range(N_PROCESSES)
        ]
    faults = [fault for run in runs for fault in run.result()[1]]
    assert faults == []
    n_tables = sum(run.result()[0] for run in runs)
    # Many faults are harmless, many are not: both ways are travelled.
    assert N_FILES * 0.2 < n_tables < N_FILES * 0.8
