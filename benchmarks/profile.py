"""What a profile costs, beside DuckDB's SUMMARIZE and beside reading the file at all.

Goal: all columns and the three measures of all pairs in half the time of SUMMARIZE.

Every side runs in a fresh process (`sides.py`), in turns with the others. Seconds on the
clock are those of a calm machine; seconds of processors (of all threads) say more on one
that is in use. "core" is `StatisticsEngine.profile` and `relations` by Pearson's
correlation, Cramér's V and the correlation ratio; "dsp profile" is the whole command,
from starting Python to the printed summary.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from common import DSP, HERE, OUT, Finished, finish, machine, show
from generate import table
from wide import single, wide

WIDE = ((1_000_000, 200), (100_000, 2_000))
GROWING = (100, 200, 400)
PARTS = 100
SCRIPTS = {
    "ydata-profiling default": ("ydata", "ydata_report.py", "default"),
    "ydata-profiling minimal": ("ydata", "ydata_report.py", "minimal"),
    "PySuricata": ("pysuricata", "pysuricata_report.py", ""),
    "polars describe": ("", "describe_frame.py", "polars"),
    "pandas describe": ("", "describe_frame.py", "pandas"),
}
Taken = dict[str, float]


def side(name: str, source: object, options: Sequence[object] = ()) -> tuple[Taken, int]:
    """Return the seconds of each step of a side, and its peak memory in bytes."""
    words = [sys.executable, "-P", HERE / "sides.py", name, source, *options]
    done = finish(words)
    steps = json.loads(done.output.splitlines()[-1])
    found = {
        f"{step} {kind}": v for step, both in steps.items() for kind, v in both.items()
    }
    for kind in ("wall", "cpu"):
        found[kind] = sum(both[kind] for both in steps.values())
    return found, done.peak_bytes


def command(source: object, options: Sequence[object] = ()) -> tuple[Taken, int]:
    """Return the seconds of the whole command and its peak memory in bytes."""
    done = finish([DSP, "profile", source, "--quiet", *options])
    return {"wall": done.seconds, "cpu": done.cpu_seconds}, done.peak_bytes


def compare(
    title: str, source: object, *, repeats: int, options: Sequence[object]
) -> dict[str, Taken]:
    """Run the sides in turns, print their table and return the medians."""
    works = {
        "SUMMARIZE": lambda: side("summarize", source, options),
        "decode floor": lambda: side("floor", source, options),
        "core": lambda: side("core", source, options),
        "dsp profile": lambda: command(source, options),
    }
    taken: dict[str, list[Taken]] = {name: [] for name in works}
    peaks = dict.fromkeys(works, 0)
    for _ in range(repeats):
        for name, work in works.items():
            seconds, peak = work()
            taken[name].append(seconds)
            peaks[name] = max(peaks[name], peak)
    median = {
        name: {kind: statistics.median(t[kind] for t in turns) for kind in turns[0]}
        for name, turns in taken.items()
    }
    print(f"## {title}\n")
    rows = []
    for name, turns in taken.items():
        ratios = [
            statistics.median(
                a[k] / b[k] for a, b in zip(turns, taken[base], strict=True)
            )
            for base in ("SUMMARIZE", "decode floor")
            for k in ("wall", "cpu")
        ]
        figures = [median[name]["wall"], median[name]["cpu"], *ratios]
        rows.append((name, *figures, f"{peaks[name] / 1e6:.0f}"))
    ratios = ("x SUMMARIZE", "x its cpu", "x floor", "x its cpu")
    show(("side", "s", "cpu s", *ratios, "peak MB"), rows)
    steps = (f"{k[:-4]} {v:.2f}" for k, v in median["core"].items() if k[-4:] == " cpu")
    print(f"core, cpu s: {', '.join(steps)}\n", flush=True)
    return median


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return the power of the size that time grows with, by least squares of logs."""
    return statistics.linear_regression(
        [math.log(n) for n in sizes], [math.log(s) for s in seconds]
    ).slope


def growth(what: str, found: Mapping[int, Mapping[str, Taken]]) -> None:
    """Print how time grows with the size."""
    sizes = sorted(found)
    rows = [
        (name, *(exponent(sizes, [found[n][name][k] for n in sizes]) for k in kinds))
        for name, kinds in dict.fromkeys(found[sizes[0]], ("wall", "cpu")).items()
    ]
    print(f"## Growth with {what}: {', '.join(f'{n:,}' for n in sizes)}\n")
    show(("side", "exponent of s", "exponent of cpu s"), rows)


def columns_growth(repeats: int, options: Sequence[object]) -> None:
    """Print how the profile of columns, without pairs, grows with their number."""
    seconds: dict[int, list[Taken]] = {n: [] for n in GROWING}
    for _ in range(repeats):
        for n in GROWING:
            seconds[n].append(side("core", wide(100_000, n), options)[0])
    rows = []
    for step in ("columns", "pairs"):
        found = [
            [statistics.median(t[f"{step} {kind}"] for t in seconds[n]) for n in GROWING]
            for kind in ("wall", "cpu")
        ]
        powers = [exponent(GROWING, each) for each in found]
        rows.append((step, *found[1], *powers))
    print("## Growth with columns: 100,000 rows\n")
    sizes = (f"{n} columns, cpu s" for n in GROWING)
    show(("step", *sizes, "exponent of s", "exponent of cpu s"), rows)


def limited(rows: int, limit: str, options: Sequence[object]) -> None:
    """Print what a limit of memory costs, and whether it changes an answer."""
    path = table(rows)
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for name, more in (("free", ()), ("bound", ("--memory-limit", limit))):
            kept = Path(folder) / f"{name}.json"
            words = (*options, *more, "--records", kept)
            found.append(
                (*side("whole", path, words), json.loads(kept.read_text("utf-8")))
            )
    (free, free_peak, one), (bound, bound_peak, other) = found
    print(f"## {rows:,} rows x 20 columns within {limit}\n")
    show(
        ("memory", "s", "cpu s", "peak MB"),
        [
            ("free", free["wall"], free["cpu"], f"{free_peak / 1e6:.0f}"),
            (limit, bound["wall"], bound["cpu"], f"{bound_peak / 1e6:.0f}"),
        ],
    )
    unlike = list(differences(one, other))
    print(f"records: {len(one):,}; figures that differ: {len(unlike)}")
    print("".join(f"- {where}: {a!r}, {b!r}\n" for where, a, b in unlike[:10]))


def differences(
    one: Any, other: Any, where: str = ""
) -> Iterator[tuple[str, object, object]]:
    """Yield where two answers differ, floats by more than 1e-12 of their size.

    What is left of a skewness of 0 is rounding: below 1e-15 floats are the same.
    """
    if isinstance(one, str) and isinstance(other, str) and one[:1] in ("{", "["):
        with suppress(ValueError):
            one, other = json.loads(one), json.loads(other)
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differences(a, b, f"{where}[{i}]")
    elif isinstance(one, float) and isinstance(other, float):
        if not math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-15):
            yield where, one, other
    elif one != other:
        yield where, one, other


def structured(rows: int, repeats: int, options: Sequence[object]) -> None:
    """Print what keys and dependencies cost beside the profile of the columns."""
    taken = [side("structure", table(rows), options)[0] for _ in range(repeats)]
    median = {kind: statistics.median(t[kind] for t in taken) for kind in taken[0]}
    shares = [
        median[f"structure {kind}"] / median[f"columns {kind}"]
        for kind in ("wall", "cpu")
    ]
    print(f"## Keys and dependencies: {rows:,} rows x 20 columns\n")
    show(
        ("profile s", "cpu s", "structure s", "cpu s", "x profile", "cpu"),
        [
            (
                *(
                    median[f"{s} {k}"]
                    for s in ("columns", "structure")
                    for k in ("wall", "cpu")
                ),
                *shares,
            )
        ],
    )


def billion(rows: int, repeats: int, options: Sequence[object]) -> None:
    """Profile one column of 100 times `rows`, which one file holds under 100 names."""
    path = single(rows)
    # Hard links: the command reads each file once, and follows other links first.
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        for i in range(PARTS):
            (Path(folder) / f"part_{i:03d}.parquet").hardlink_to(path)
        title = f"{rows * PARTS:,} rows x 1 column, {PARTS} files"
        compare(title, Path(folder) / "*.parquet", repeats=repeats, options=options)


def peers(rows: int, repeats: int) -> None:
    """Print what other profilers take for the same file, each as a whole process."""
    path = table(rows)
    taken: dict[str, list[Finished]] = {}
    with tempfile.TemporaryDirectory() as folder:
        words = {"dsp profile": [DSP, "profile", path, "--quiet"]}
        page = Path(folder) / "page.html"
        words["dsp profile --html"] = [*words["dsp profile"], "--html", page]
        for name, (venv, script, mode) in SCRIPTS.items():
            python = HERE / "peers" / f".venv-{venv}" / "bin" / "python"
            if venv and not python.is_file():
                print(f"{name} is not installed: make peers\n")
                continue
            runner = python if venv else sys.executable
            words[name] = [runner, HERE / "peers" / script, path, page, mode]
        for turn in range(repeats + 1):
            for name, each in words.items():
                done = finish(each, cwd=Path(folder))
                if turn:
                    taken.setdefault(name, []).append(done)
    base = taken["dsp profile"]
    print(f"## Peers: {rows:,} rows x 20 columns, whole processes\n")
    show(
        ("profiler", "s", "cpu s", "x dsp profile", "x cpu", "peak MB"),
        [
            (
                name,
                statistics.median(d.seconds for d in done),
                statistics.median(d.cpu_seconds for d in done),
                *(
                    statistics.median(
                        getattr(a, kind) / getattr(b, kind)
                        for a, b in zip(done, base, strict=True)
                    )
                    for kind in ("seconds", "cpu_seconds")
                ),
                f"{max(d.peak_bytes for d in done) / 1e6:.0f}",
            )
            for name, done in taken.items()
        ],
    )


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 5_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, help="all cores when not given")
    parser.add_argument(
        "--wide", nargs="*", metavar="ROWSxCOLUMNS", help="1000000x200 100000x2000"
    )
    parser.add_argument(
        "--memory-limit", metavar="SIZE", help="compare answers with and without"
    )
    parser.add_argument("--linear", action="store_true", help="how time grows")
    parser.add_argument(
        "--structure", type=int, nargs="?", const=10_000_000, metavar="ROWS"
    )
    parser.add_argument("--single", type=int, nargs="?", const=10_000_000, metavar="ROWS")
    parser.add_argument("--peers", type=int, nargs="?", const=100_000, metavar="ROWS")
    return parser.parse_args()


def main() -> None:
    """Measure everything that was asked for."""
    given = arguments()
    options = ["--threads", given.threads] if given.threads else []
    repeats = given.repeats
    print(machine(), "\n")
    found = {}
    for rows in given.rows:
        path = table(rows)
        title = f"{rows:,} rows x 20 columns, {path.stat().st_size / 1e6:.1f} MB"
        found[rows] = compare(title, path, repeats=repeats, options=options)
    if given.linear:
        if len(found) > 1:
            growth("rows", found)
        columns_growth(repeats, options)
    if given.wide is not None:
        sizes = [tuple(map(int, size.split("x"))) for size in given.wide] or WIDE
        for rows, columns in sizes:
            title = f"{rows:,} rows x {columns:,} columns"
            compare(title, wide(rows, columns), repeats=repeats, options=options)
    if given.memory_limit:
        for rows in given.rows:
            limited(rows, given.memory_limit, options)
    if given.structure:
        structured(given.structure, repeats, options)
    if given.single:
        billion(given.single, repeats, options)
    if given.peers:
        peers(given.peers, repeats)


if __name__ == "__main__":
    main()
