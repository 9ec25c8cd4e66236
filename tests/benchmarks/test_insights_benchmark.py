"""Shuffled tables keep their columns, lose their relations, and get no claims."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import insights

    return insights


def related(n: int = 800) -> pa.Table:
    draw = random.Random(5)
    x = [draw.gauss(0, 1) for _ in range(n)]
    return pa.table({"price": [v + draw.gauss(0, 0.2) for v in x], "x": x})


def test_columns_are_kept_and_rows_are_not(bench: Any) -> None:
    before = related()
    after = bench.shuffled(before, 1)
    for name in before.column_names:
        assert sorted(after[name].to_pylist()) == sorted(before[name].to_pylist())
        assert after[name].to_pylist() != before[name].to_pylist()
    assert after["x"].to_pylist() != bench.shuffled(before, 2)["x"].to_pylist()


def test_claims_vanish_when_columns_are_shuffled(
    bench: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pc.write_csv(related(), tmp_path / "diamonds.csv")
    assert bench.noise(tmp_path, 2) == 0
    assert "0 false claims in 2 tables" in capsys.readouterr().out
    monkeypatch.setattr(bench, "shuffled", lambda data, seed: data)
    assert bench.noise(tmp_path, 1) > 0
    assert "| diamonds.csv | 1 |" in capsys.readouterr().out
