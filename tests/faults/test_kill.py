"""Kill -9 at many moments, then resume or run again: the same tables."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

KILLS = 3


def command(source: Path, folder: Path, *more: str) -> list[str]:
    wanted = ["analyze", str(source), "--target", "revenue", "--output", str(folder)]
    wanted += ["--ml-fits", "20"]
    return [sys.executable, "-m", "dsp", *wanted, *more]


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    kept = {
        "columns": "*",
        "checks": "*",
        "steps": "*",
        "insights": "*",
        "models": "* exclude (fit_ms)",
        "predictions": "*",
        "stages": "stage, status, n_rows_in, n_rows_out, n_scans",
    }
    with duckdb.connect(str(folder / "results.duckdb"), read_only=True) as con:
        found = {
            name: con.execute(f"select {what} from {name} order by all").fetchall()
            for name, what in kept.items()
        }
        found["data"] = con.execute("from clean.data order by all").fetchall()
    return found


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, sales: pa.Table) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sources")
    pq.write_table(sales, folder / "sales.parquet")
    pyarrow.csv.write_csv(sales, folder / "sales.csv")
    return {"parquet": folder / "sales.parquet", "csv": folder / "sales.csv"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "again"), [("csv", ("--resume",)), ("parquet", ())], ids=["resume", "plain"]
)
def test_killed_runs_end_with_the_same_tables(
    sources: dict[str, Path], tmp_path: Path, kind: str, again: tuple[str, ...]
) -> None:
    source, whole = sources[kind], tmp_path / "whole"
    started = time.monotonic()
    subprocess.run(command(source, whole), check=True, capture_output=True)
    seconds = time.monotonic() - started
    wanted = tables(whole)
    for kill in range(KILLS):
        folder = tmp_path / f"kill{kill}"
        process = subprocess.Popen(
            command(source, folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(seconds * (kill + 0.5) / KILLS)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        page = folder / "dashboard.html"
        assert not page.exists() or page.read_text().rstrip().endswith("</html>")
        subprocess.run(command(source, folder, *again), check=True, capture_output=True)
        assert tables(folder) == wanted
        left = sorted(p.name for p in folder.iterdir())
        assert left == ["dashboard.html", "report.md", "results.duckdb", "run.json"]


def test_sigint_ends_with_130_and_leaves_nothing(
    sources: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    words = command(sources["csv"], folder, "--progress", "json")
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if '"analysis"' in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(timeout=20) == 130
    assert "Traceback" not in rest
    assert not folder.exists()


def test_second_run_on_a_folder_ends_at_once(
    sources: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    words = command(sources["csv"], folder, "--progress", "json")
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None
        first.stderr.readline()
        second = subprocess.run(
            command(sources["csv"], folder), capture_output=True, text=True, check=False
        )
        assert second.returncode == 2
        assert "another run is writing" in second.stderr
        first.stderr.read()
        assert first.wait() == 0
