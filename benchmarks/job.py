"""The whole job as a process, beside the profilers people use today.

Goals on 100,000 x 20: ``dsp analyze --no-ml`` at least 12 times faster than the default
report of ydata-profiling, and under 15 s with models. ``make peers`` installs the peers;
one that is missing is left out. All take the same Parquet file and write an HTML page.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from common import DSP, HERE, Timing, machine, run_process, show
from generate import table

YDATA = HERE / "peers" / ".venv-ydata" / "bin" / "python"
AGAINST = "dsp analyze --no-ml"


def works(path: Path, folder: Path) -> dict[str, Callable[[], tuple[float, int]]]:
    """Return the jobs by name; each returns its seconds and peak memory."""

    def dsp(*options: str) -> tuple[float, int]:
        target = folder / "run.dsp"
        shutil.rmtree(target, ignore_errors=True)
        words = [DSP, "analyze", path, "-o", target, "--target", "revenue", "--quiet"]
        return run_process([*words, *options], cwd=folder)[:2]

    def ydata(mode: str) -> tuple[float, int]:
        script = HERE / "peers" / "ydata_report.py"
        return run_process([YDATA, script, path, folder / "r.html", mode], cwd=folder)[:2]

    jobs = {AGAINST: lambda: dsp("--no-ml"), "dsp analyze": dsp}
    if YDATA.is_file():
        jobs["ydata-profiling default"] = lambda: ydata("default")
        jobs["ydata-profiling minimal"] = lambda: ydata("minimal")
    else:
        print("ydata-profiling is not installed: make peers\n")
    return jobs


def main() -> None:
    """Run the jobs in turns and print medians and ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    path = table(given.rows)
    seconds: dict[str, list[float]] = {}
    peaks: dict[str, int] = {}
    print(machine(), "\n")
    with tempfile.TemporaryDirectory() as folder:
        jobs = works(path, Path(folder))
        for turn in range(given.repeats + 1):
            for name, job in jobs.items():
                taken, peak = job()
                if turn:
                    seconds.setdefault(name, []).append(taken)
                    peaks[name] = max(peaks.get(name, 0), peak)
    rows = []
    for name, values in seconds.items():
        timing = Timing(tuple(values))
        ratio = statistics.median(
            a / b for a, b in zip(values, seconds[AGAINST], strict=True)
        )
        rows.append((name, timing.median, timing.spread(), f"{ratio:.1f}", peaks[name]))
    show(
        ("job", "median s", "range s", "x dsp --no-ml", "peak MB"),
        [(*row[:-1], f"{row[-1] / 1e6:.0f}") for row in rows],
    )


if __name__ == "__main__":
    main()
