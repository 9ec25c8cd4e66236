"""What each stage of a run costs, beside DuckDB's SUMMARIZE of the same file.

Goal: the first three stages on 5,000,000 x 20 Parquet take no longer than SUMMARIZE.

Each turn runs ``dsp analyze --no-ml`` and SUMMARIZE in fresh processes, one after the
other. Stage times are those the run recorded in its table ``stages``; SUMMARIZE is timed
inside its process, without starting Python.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from common import DSP, Timing, machine, run_process, show
from generate import table

SUMMARIZE = """
import sys, time, duckdb
con = duckdb.connect()
started = time.perf_counter()
query = "create temp table s as from (summarize from read_parquet($path))"
con.execute(query, {"path": sys.argv[1]})
print(time.perf_counter() - started)
"""
FIRST = ("initialization", "data_loading", "validation")


def one_run(path: Path, folder: Path, options: list[str]) -> tuple[dict[str, float], int]:
    """Analyze a file; return the seconds of each stage and the peak memory in bytes."""
    import duckdb

    target = folder / "run.dsp"
    shutil.rmtree(target, ignore_errors=True)
    words = [DSP, "analyze", path, "-o", target, "--quiet", *options]
    seconds, peak, _ = run_process(words, cwd=folder)
    with duckdb.connect(str(target / "results.duckdb"), read_only=True) as con:
        rows = con.execute("select stage, elapsed_ms from stages order by position")
        stages = {stage: elapsed / 1000 for stage, elapsed in rows.fetchall()}
    return {**stages, "whole process": seconds}, peak


def summarize(path: Path) -> tuple[float, int]:
    """Return the seconds and the peak memory of SUMMARIZE."""
    _, peak, output = run_process([sys.executable, "-c", SUMMARIZE, path])
    return float(output.split()[-1]), peak


def measure(rows: int, repeats: int, options: list[str]) -> None:
    """Print the table of one size."""
    path = table(rows)
    taken: dict[str, list[float]] = {}
    peaks: dict[str, int] = {"dsp": 0, "SUMMARIZE": 0}
    ratios: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(repeats + 1):
            seconds, peak = summarize(path)
            stages, dsp_peak = one_run(path, Path(folder), options)
            if turn == 0:
                continue
            stages["first three stages"] = sum(stages[name] for name in FIRST)
            ratios.append(stages["first three stages"] / seconds)
            for name, value in {**stages, "SUMMARIZE": seconds}.items():
                taken.setdefault(name, []).append(value)
            peaks["dsp"] = max(peaks["dsp"], dsp_peak)
            peaks["SUMMARIZE"] = max(peaks["SUMMARIZE"], peak)
    timings = {name: Timing(tuple(values)) for name, values in taken.items()}
    base = timings["SUMMARIZE"].median
    print(f"## {rows:,} rows x 20 columns, {path.stat().st_size / 1e6:.1f} MB\n")
    show(
        ("stage", "median s", "range s", "x SUMMARIZE"),
        [(n, t.median, t.spread(), t.median / base) for n, t in timings.items()],
    )
    print(
        f"first three stages / SUMMARIZE: {statistics.median(ratios):.2f} "
        f"(median of ratios); peak memory {peaks['dsp'] / 1e6:.0f} MB, "
        f"SUMMARIZE {peaks['SUMMARIZE'] / 1e6:.0f} MB\n"
    )


def main() -> None:
    """Measure every size that was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--ml", action="store_true", help="fit models for revenue too")
    given = parser.parse_args()
    options = ["--target", "revenue", *([] if given.ml else ["--no-ml"])]
    print(machine(), "\n")
    for rows in given.rows:
        measure(rows, given.repeats, options)


if __name__ == "__main__":
    main()
