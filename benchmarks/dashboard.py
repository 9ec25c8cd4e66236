"""Measure a dashboard: how long its page takes to build, to start and to be filtered.

    python benchmarks/dashboard.py --shapes 1000x5 60000x13 1000000x40 --data DIR

Every shape is analyzed once without models, its page is built again from the stored
results, and opened in a Chromium without network: first paint, first chart, all charts,
and from a changed filter to the next frame that shows it (20 random states; the pass over
the cells alone beside it).
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import DSP, environment, run_process, show

CHROMIUM = "/usr/bin/chromium"
HEADINGS = (
    "data", "cells", "page MB", "stage s", "build s", "first paint s", "first chart s",
    "charts at start", "filter p75 ms", "pass ms",
)  # fmt: skip
MAKE = """
copy (
    select date '2023-01-01' + (hash(i) % 1000)::int as day,
        round(hash(i + 1) % 100003 / 7.0, 2) as revenue{columns}
    from range({rows}) r(i)
) to '{path}' (format parquet)
"""
KINDS = (
    "'value ' || hash(i * 31 + {k}) % {levels} as group_{k}",
    "hash(i * 37 + {k}) % 10007 / 13.0 as number_{k}",
    "hash(i * 41 + {k}) % 9 as count_{k}",
    "hash(i * 43 + {k}) % 10 < 3 as flag_{k}",
)
BUILD = """
import sys, time
from pathlib import Path
from dsp.engine import DuckEngine
from dsp.dashboard import DashboardGenerator
engine = DuckEngine(Path(sys.argv[1]), read_only=True)
t = time.perf_counter()
DashboardGenerator(engine).render()
print(time.perf_counter() - t, "altair" in sys.modules)
"""


def made(shape: str, folder: Path) -> Path:
    """Write a table of so many rows and columns, with a time and a target."""
    import duckdb

    rows, columns = (int(part) for part in shape.split("x"))
    path = folder / f"{shape}.parquet"
    listed = "".join(
        ",\n        " + KINDS[k % 4].format(k=k, levels=3 + k % 9)
        for k in range(columns - 2)
    )
    duckdb.execute(MAKE.format(columns=listed, rows=rows, path=path))
    return path


def analyzed(source: Path, folder: Path, *words: str) -> Path:
    """Analyze a file without models and return the folder of the run."""
    run = folder / f"{source.stem}.dsp"
    run_process([DSP, "analyze", source, "--no-ml", "-o", run, "--quiet", *words])
    return run


def built(run: Path) -> float:
    """Return the seconds of a page from stored results, the best of three."""
    seconds = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", BUILD, run / "results.duckdb"],
            check=True,
            capture_output=True,
            text=True,
            env=environment(),
        )
        words = done.stdout.split()
        if words[1] != "False":
            raise SystemExit("building a page has imported altair")
        seconds.append(float(words[0]))
    return min(seconds)


def settled(page: Any, code: str) -> float:
    """Wait until an expression is true; return the milliseconds since navigation."""
    while not page.evaluate(code):
        time.sleep(0.005)
    return float(page.evaluate("performance.now()"))


def browsed(page_file: Path, browser: Any) -> dict[str, float]:
    """Return what starting and filtering a page takes, in milliseconds."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    page = context.new_page()
    page.goto(page_file.as_uri())
    first_chart = settled(page, "window.__dsp ? window.__dsp.charts > 0 : false")
    page.evaluate("__dsp.idle()")
    time.sleep(0.5)
    at_start = page.evaluate("__dsp.charts")
    paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    page.evaluate("__dsp.drawAll()")
    page.evaluate("__dsp.idle()")
    buckets = page.evaluate(
        "JSON.parse(document.getElementById('dsp-data').textContent).cube.axis.n"
    )
    sizes = page.evaluate(
        "JSON.parse(document.getElementById('dsp-data').textContent)"
        ".cube.dims.map(d => d.values.length)"
    )
    rng = random.Random(0)
    updates, passes = [], []
    for _ in range(20):
        first = rng.randrange(buckets)
        on = [[int(rng.random() < 0.6) for _ in range(n)] for n in sizes]
        state = {"first": first, "last": rng.randrange(first, buckets), "on": on}
        found = page.evaluate(
            "async (s) => { const t = performance.now(); await __dsp.set(s);"
            "await __dsp.idle(); await new Promise(r => requestAnimationFrame(r));"
            "return [performance.now() - t, __dsp.timing.pass]; }",
            state,
        )
        updates.append(found[0])
        passes.append(found[1])
    context.close()
    return {
        "paint": paint,
        "first_chart": first_chart,
        "at_start": at_start,
        "filter": statistics.quantiles(updates, n=4)[2],
        "pass": statistics.median(passes),
    }


def measured(name: str, run: Path, browser: Any) -> tuple[object, ...]:
    """Return one row of the table."""
    import duckdb

    with duckdb.connect(str(run / "results.duckdb"), read_only=True) as con:
        cells = con.execute("select max(n_cells) from cubes").fetchone()[0]
        stage = con.execute(
            "select elapsed_ms from stages where stage = 'dashboard_generation'"
        ).fetchone()[0]
    page = run / "dashboard.html"
    seen = browsed(page, browser)
    return (
        name,
        f"{cells:,}",
        f"{page.stat().st_size / 1e6:.2f}",
        f"{stage / 1000:.2f}",
        f"{built(run):.2f}",
        f"{seen['paint'] / 1000:.2f}",
        f"{seen['first_chart'] / 1000:.2f}",
        seen["at_start"],
        f"{seen['filter']:.0f}",
        f"{seen['pass']:.1f}",
    )


def main() -> None:
    """Print the table."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shapes", nargs="*", default=["1000x5", "60000x13"])
    parser.add_argument("--data", type=Path, help="folder of real sets: taxis, diamonds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as started:
        folder = Path(name)
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        rows = []
        for shape in options.shapes:
            source = made(shape, folder)
            run = analyzed(source, folder, "--target", "revenue", "--time", "day")
            rows.append(measured(shape, run, browser))
        sets = (("taxis.csv", "total"), ("diamonds.csv", "price"))
        for file, target in sets if options.data else ():
            run = analyzed(options.data / file, folder, "--target", target)
            rows.append(measured(file, run, browser))
        browser.close()
    show(HEADINGS, rows)


if __name__ == "__main__":
    main()
