"""Every figure in a sentence is read from the rows of its evidence query."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyarrow import csv

from dsp.detectors import Detected, PatternDetector
from dsp.engine import DuckEngine
from dsp.statistics import StatisticsEngine


def detected(engine: DuckEngine, data: Any, target: str) -> Detected:
    table = engine.put(data, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(table, target=target).columns
    return PatternDetector(engine).detect(table, columns, target=target)


def moved(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows in which every number has changed."""
    return [
        {
            k: v if v is None or isinstance(v, (str, date, bool)) else v * 3 + 2
            for k, v in row.items()
        }
        for row in rows
    ]


def check(found: Detected) -> int:
    """Hold every candidate that may be said to its evidence; return how many."""
    read = found.read
    assert read is not None
    n = 0
    for c in found.candidates:
        if c.say is None or not c.is_large or (c.p_value or 0.0) > 1e-6:
            continue
        rows = [dict(row) for row in read(c.evidence_sql)]
        said = c.say(c, rows)
        assert c.say(c, [dict(row) for row in read(c.evidence_sql)]) == said
        assert said.statement.endswith(".")
        figures = any(sign.isdigit() for sign in said.statement)
        other = c.say(c, moved(rows))
        assert not figures or other.statement != said.statement, (c.kind, said.statement)
        assert len(said.title) > 8
        n += 1
    return n


@pytest.mark.parametrize("target", ["revenue", "units"])
def test_sentences_follow_the_evidence(
    engine: DuckEngine, sales: Any, target: str
) -> None:
    assert check(detected(engine, sales, target)) > 5


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "target"),
    [("titanic.csv", "survived"), ("taxis.csv", "total"), ("diamonds.csv", "price")],
)
def test_sentences_follow_the_evidence_of_real_data(
    engine: DuckEngine, shared_data: Path, file: str, target: str
) -> None:
    assert check(detected(engine, csv.read_csv(shared_data / file), target)) > 10
