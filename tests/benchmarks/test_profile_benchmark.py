"""The benchmark of profiles runs small, and compares answers as it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
MEASURE = [sys.executable, "-P", str(BENCHMARKS / "sides.py")]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`benchmarks/profile.py`, whose name the standard library has, too."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.delitem(sys.modules, "profile", raising=False)
    import profile as found

    monkeypatch.setitem(sys.modules, "profile", found)
    assert Path(found.__file__).parent == BENCHMARKS
    return found


def test_differences_are_named_by_their_place(benchmark: Any) -> None:
    one = [{"a": 1.0, "b": None, "c": ["x", 2]}, {"a": 3}]
    assert list(benchmark.differences(one, json.loads(json.dumps(one)))) == []
    other = [{"a": 1.0 + 1e-13, "b": 0.0, "c": ["x", 3]}, {"a": 3, "b": 4}]
    assert list(benchmark.differences(one, other)) == [
        ("[0].b", None, 0.0),
        ("[0].c[1]", 2, 3),
        ("[1]", {"a": 3}, {"a": 3, "b": 4}),
    ]
    assert list(benchmark.differences([1.0], [1.0 + 1e-11])) == [
        ("[0]", 1.0, 1.0 + 1e-11)
    ]
    texts = ['{"mu": 2.0, "n": 3}', "[x", "{a"], ['{"mu": 2.0, "n": 4}', "[x", "{b"]
    assert list(benchmark.differences(*texts)) == [("[0].n", 3, 4), ("[2]", "{a", "{b")]


def test_the_exponent_is_that_of_a_power(benchmark: Any) -> None:
    sizes = [10, 100, 5_000]
    seconds = [3 * n**1.25 for n in sizes]
    assert benchmark.exponent(sizes, seconds) == pytest.approx(1.25, rel=1e-12)


@pytest.mark.parametrize(
    ("side", "steps"),
    [
        ("summarize", ["all"]),
        ("floor", ["all"]),
        ("core", ["columns", "pairs"]),
        ("structure", ["columns", "structure"]),
        ("whole", ["all"]),
    ],
)
def test_a_side_says_what_it_took(
    side: str, steps: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import wide

    monkeypatch.setattr(wide, "OUT", tmp_path)
    path = wide.wide(300, 10)
    kept = tmp_path / "records.json"
    words = [*MEASURE, side, path, "--threads", "1", "--records", str(kept)]
    result = subprocess.run(words, check=True, capture_output=True, text=True)
    taken = json.loads(result.stdout.splitlines()[-1])
    assert sorted(taken) == steps
    assert all(sorted(each) == ["cpu", "wall"] for each in taken.values())
    assert kept.is_file() == (side == "whole")
    if side == "whole":
        records = json.loads(kept.read_text("utf-8"))
        profiled = [r["column_name"] for r in records if r["kind"] == "ColumnProfile"]
        assert profiled == [f"c{k + 1:04d}_{'abcdefghij'[k]}" for k in range(10)]


def test_wide_tables_are_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import wide

    made = []
    for name in ("one", "two"):
        monkeypatch.setattr(wide, "OUT", tmp_path / name)
        made.append(duckdb.read_parquet(str(wide.wide(500, 25))).fetchall())
    assert made[0] == made[1]
    assert (len(made[0]), len(made[0][0])) == (500, 25)
