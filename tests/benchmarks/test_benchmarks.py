from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
SCRIPTS = sorted(
    p.name for p in BENCHMARKS.glob("*.py") if "__main__" in p.read_text("utf-8")
)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_says_what_it_measures(script: str) -> None:
    words = [sys.executable, BENCHMARKS / script, "--help"]
    result = subprocess.run(words, check=True, capture_output=True, text=True)
    assert "usage" in result.stdout


def made(rows: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import generate

    with duckdb.connect(config={"threads": threads}) as con:
        given = {"rows": rows, "seed": generate.SEED}
        return con.execute(generate.SELECT, given).to_arrow_table()


def test_the_table_is_the_same_whatever_the_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = (made(30_000, threads, monkeypatch) for threads in (1, 2))
    assert one.equals(two)
    assert (one.num_rows, one.num_columns) == (30_000, 20)
    assert len({str(field.type) for field in one.schema}) >= 7


def test_interleaving_counts_every_work_after_the_warm_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import common

    order: list[str] = []

    def work(name: str, seconds: float) -> float:
        order.append(name)
        return seconds

    works = {"a": lambda: work("a", 1.0), "b": lambda: work("b", 3.0)}
    timings = common.interleave(works, repeats=3, warm_up=1)
    assert order == ["a", "b"] * 4
    assert (timings["a"].median, len(timings["b"].seconds)) == (1.0, 3)


def test_processes_may_write_bytecode_and_failures_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    import common

    code = "import sys; print(sys.dont_write_bytecode)"
    seconds, peak, output = common.run_process([sys.executable, "-c", code])
    assert (seconds > 0, peak > 1_000_000, output.strip()) == (True, True, "False")
    with pytest.raises(RuntimeError, match="ended with 3"):
        common.run_process([sys.executable, "-c", "raise SystemExit(3)"])
