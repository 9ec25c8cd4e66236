"""A detector is one file: one in a package of its own is found, tested and said."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dsp.detectors import PatternDetector
from dsp.engine import DuckEngine
from dsp.insights import InsightGenerator
from dsp.registry import plugins
from dsp.statistics import StatisticsEngine

DETECTOR = '''
from dsp.detectors.base import Candidate, Words, found
from dsp.engine.duckdb_engine import quote


class RoundNumbers:
    """Numbers that are suspiciously often multiples of ten."""

    name = "round_numbers"

    def detect(self, scene):
        """Count multiples of ten."""
        listed = []
        for name, measure in scene.frame.measures.items():
            x = measure.x[measure.has]
            share = float((x % 10 == 0).mean())
            column = quote(name)
            listed.append(
                Candidate(
                    kind="distribution",
                    columns=(name,),
                    evidence_sql=(
                        f"select avg(cast({column} % 10 = 0 as integer)) as value, "
                        f"count({column}) as n_rows from {scene.source}"
                    ),
                    shape="fact",
                    n_rows=len(x),
                    value=share,
                    is_large=share > 0.5,
                    say=say,
                )
            )
        return found(listed, len(listed))


def say(candidate, rows):
    """Say it with the figures of the evidence."""
    value, n = rows[0]["value"], rows[0]["n_rows"]
    name = candidate.columns[0]
    return Words(
        f"{name} is round",
        f"{name} is a multiple of ten in {value:.0%} of {n} rows.",
        f"Ask who rounds {name}.",
        value=value,
    )


plugin = RoundNumbers()
'''
METADATA = "Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "round_numbers.py").write_text(DETECTOR)
    info = tmp_path / "extra-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA)
    (info / "entry_points.txt").write_text(
        "[dsp.detectors]\nround_numbers = round_numbers:plugin\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.cache_clear()
    yield
    plugins.cache_clear()
    sys.modules.pop("round_numbers", None)


@pytest.mark.usefixtures("package")
def test_a_detector_of_another_package_is_said(engine: DuckEngine) -> None:
    draw = np.random.default_rng(1)
    data: Any = pa.table(
        {
            "price": draw.integers(1, 900, 500) * 10,
            "weight": draw.normal(size=500),
        }
    )
    table = engine.put(data, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(table).columns
    detected = PatternDetector(engine).detect(table, columns)
    assert "round_numbers" in detected.n_tests_of
    insights = InsightGenerator().generate(detected, columns, n_rows=500)
    said = [i for i in insights if i.title == "price is round"]
    assert [i.statement for i in said] == [
        "price is a multiple of ten in 100% of 500 rows."
    ]
    assert said[0].value == 1.0
    assert said[0].asserted
    assert not [i for i in insights if i.title == "weight is round"]
