"""How fast a clean CSV file is loaded, beside DuckDB's own reader and its peers.

Goal: at least 0.85 of the speed of ``create table as from read_csv`` on the same file.

Each turn loads the file in fresh processes, one after the other; the time is taken
inside, without starting Python. dsp decides the dialect, counts every line and proves
every type; the others take what a sample of the first rows says.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from common import Timing, machine, run_process, show
from generate import table

PROLOGUE = """
import sys, time
path, target = sys.argv[1:]
"""
EPILOGUE = """
print(time.perf_counter() - started)
"""
READERS = {
    "dsp": """
from dsp.engine import DuckEngine
from dsp.sources import DataReader
from pathlib import Path
engine = DuckEngine() if target == ":memory:" else DuckEngine(Path(target))
reader = DataReader()
started = time.perf_counter()
with engine.transaction():
    reader.load(reader.locate(path), engine)
""",
    "DuckDB": """
import duckdb
con = duckdb.connect(target)
started = time.perf_counter()
# A bound parameter would make it load pandas first.
quoted = path.replace("'", "''")
con.execute(f"create table data as from read_csv('{quoted}')")
""",
    "pyarrow": """
import pyarrow.csv
started = time.perf_counter()
kept = pyarrow.csv.read_csv(path)
""",
    "polars": """
import polars
started = time.perf_counter()
kept = polars.read_csv(path)
""",
    "pandas": """
import pandas
started = time.perf_counter()
kept = pandas.read_csv(path)
""",
}
PEERS = ("pyarrow", "polars", "pandas")


def load(reader: str, path: Path, target: str) -> tuple[float, int]:
    """Return the seconds and the peak memory of one reader."""
    code = PROLOGUE + READERS[reader] + EPILOGUE
    _, peak, output = run_process([sys.executable, "-c", code, path, target])
    return float(output.split()[-1]), peak


def measure(rows: int, repeats: int, readers: list[str], *, on_disk: bool) -> None:
    """Print the table of one size."""
    path = table(rows, "csv")
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    peaks = dict.fromkeys(readers, 0)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        for turn in range(repeats + 1):
            for name in readers:
                target = Path(folder) / f"{name}.duckdb"
                target.unlink(missing_ok=True)
                taken, peak = load(name, path, str(target) if on_disk else ":memory:")
                if turn:
                    seconds[name].append(taken)
                    peaks[name] = max(peaks[name], peak)
    ratios = {
        name: statistics.median(
            base / own for base, own in zip(seconds["DuckDB"], taken, strict=True)
        )
        for name, taken in seconds.items()
    }
    where = "into a file" if on_disk else "into memory"
    size = path.stat().st_size / 1e6
    print(f"## {rows:,} rows x 20 columns, {size:.0f} MB, {where}\n")
    timings = {name: Timing(tuple(taken)) for name, taken in seconds.items()}
    show(
        ("reader", "median s", "range s", "DuckDB's time / its time", "peak MB"),
        [
            (n, t.median, t.spread(), ratios[n], round(peaks[n] / 1e6))
            for n, t in timings.items()
        ],
    )


def main() -> None:
    """Measure every size that was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--on-disk", action="store_true", help="load into a file")
    parser.add_argument("--peers", action="store_true", help="time the others too")
    given = parser.parse_args()
    peers = [name for name in PEERS if given.peers and find_spec(name)]
    print(machine(), "\n")
    for rows in given.rows:
        measure(rows, given.repeats, ["dsp", "DuckDB", *peers], on_disk=given.on_disk)


if __name__ == "__main__":
    main()
