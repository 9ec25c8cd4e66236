"""What the benchmarks share: clean processes, interleaved timing, tables of results."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OUT = HERE / "out"
DSP = Path(sys.executable).with_name("dsp")


@dataclass(frozen=True)
class Timing:
    """Seconds and peak memory of repeated work."""

    seconds: tuple[float, ...]
    peak_bytes: int = 0

    @property
    def median(self) -> float:
        """Middle of the seconds."""
        return statistics.median(self.seconds)

    def spread(self) -> str:
        """Return fastest and slowest, for the reader's judgement."""
        return f"{min(self.seconds):.3f}–{max(self.seconds):.3f}"


def environment(**variables: str) -> dict[str, str]:
    """Return the variables for a process; they let Python write its bytecode."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONHASHSEED": "0", **variables}


@dataclass(frozen=True)
class Finished:
    """What a process took: seconds on the clock and of processors, and peak memory."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str


def run_process(
    words: Sequence[object], *, cwd: Path | None = None
) -> tuple[float, int, str]:
    """Run a process; return its seconds, its peak memory in bytes and its output.

    Raises
    ------
    RuntimeError
        It failed; the end of its errors is the message.
    """
    done = finish(words, cwd=cwd)
    return done.seconds, done.peak_bytes, done.output


def finish(words: Sequence[object], *, cwd: Path | None = None) -> Finished:
    """Run a process to its end and return what it took.

    Raises
    ------
    RuntimeError
        It failed; the end of its errors is the message.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        [str(word) for word in words],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(
            f"{words[0]} ended with {process.returncode}: {output[-2000:]}"
        )
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return Finished(seconds, cpu_seconds, usage.ru_maxrss * 1024, output)


def interleave(
    works: Mapping[str, Callable[[], float]], *, repeats: int, warm_up: int = 1
) -> dict[str, Timing]:
    """Time several works in turns, so that a slow minute of the machine hits all.

    Each work returns its seconds. The first `warm_up` rounds are not counted.
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(repeats + warm_up):
        for name, work in works.items():
            taken = work()
            if turn >= warm_up:
                seconds[name].append(taken)
    return {name: Timing(tuple(values)) for name, values in seconds.items()}


def peak_memory() -> int:
    """Return the peak memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def machine() -> str:
    """Return one line on where the figures come from."""
    import duckdb

    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, "
        f"DuckDB {duckdb.__version__}"
    )


def show(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows as a Markdown table."""
    print("| " + " | ".join(headings) + " |")
    print("|" + " --- |" * len(headings))
    for row in rows:
        print("| " + " | ".join(_text(value) for value in row) + " |")
    print()


def _text(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
