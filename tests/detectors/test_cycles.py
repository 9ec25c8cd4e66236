"""Cycles by hour, by day of the month and of some days; and none where days wander."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from dsp.detectors.cycle import plugin
from dsp.detectors.scene import Scene
from dsp.statistics import StatisticsEngine

if TYPE_CHECKING:
    from dsp.detectors.base import Candidate
    from dsp.engine import DuckEngine

START = date(2023, 1, 1)


def cycles(engine: DuckEngine, when: list[Any], y: Any) -> list[Candidate]:
    """Return the cycles that hold among all tests that ran, their words tried."""
    data = engine.put(pa.table({"moment": when, "load": y}), "data", schema="clean")
    profiles = StatisticsEngine(engine).profile(data, target="load").columns
    found = plugin.detect(Scene(engine, data, profiles, target="load", time="moment"))
    assert found.n_tests > 0
    kept = [
        c
        for c in found.candidates
        if c.is_large and (c.p_value or 0.0) * found.n_tests < 1e-3
    ]
    for c in kept:
        rows = engine.sql(c.evidence_sql).to_pylist()
        assert c.say is not None
        words = c.say(c, rows)
        values = [row["value"] for row in rows]
        assert (words.value, words.baseline) == (max(values), min(values))
    return kept


def noise(n: int, seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=n)


def days(n: int) -> list[date]:
    return [START + timedelta(days=i) for i in range(n)]


@pytest.mark.parametrize("zone", [None, UTC])
def test_hours_of_the_day(engine: DuckEngine, zone: Any) -> None:
    n = 24 * 60
    when = [datetime(2024, 3, 1, tzinfo=zone) + timedelta(hours=i) for i in range(n)]
    level = np.repeat(noise(60, 1) * 3, 24)
    hour = np.arange(n) % 24
    (found,) = cycles(engine, when, level + noise(n, 2) + 2.0 * (hour == 17))
    assert (found.period, found.columns) == ("daily", ("load", "moment"))
    rows = engine.sql(found.evidence_sql).to_pylist()
    assert [row["x"] for row in rows] == list(range(24))
    assert max(rows, key=lambda row: row["value"])["x"] == 17
    assert cycles(engine, when, level + noise(n, 2)) == []


@pytest.mark.parametrize("length", [3, 10, 14, 30])
def test_a_cycle_of_some_days(engine: DuckEngine, length: int) -> None:
    place = np.arange(900) % length
    y = noise(900, 3) + 2.0 * (place == 1) + 0.002 * np.arange(900)
    (found,) = cycles(engine, days(900), y)
    assert found.period == f"{length} days"
    rows = engine.sql(found.evidence_sql).to_pylist()
    assert [row["x"] for row in rows] == list(range(1, length + 1))
    assert max(rows, key=lambda row: row["value"])["x"] == 2


def test_days_of_the_month(engine: DuckEngine) -> None:
    when = days(900)
    y = noise(900, 4) + 3.0 * np.array([d.day == 15 for d in when])
    (found,) = cycles(engine, when, y)
    assert found.period == "monthly"
    rows = engine.sql(found.evidence_sql).to_pylist()
    assert [row["x"] for row in rows] == list(range(1, 32))
    assert max(rows, key=lambda row: row["value"])["x"] == 15


@pytest.mark.parametrize("kind", ["white", "wandering", "weekly", "yearly", "step"])
def test_other_shapes_are_no_cycle(engine: DuckEngine, kind: str) -> None:
    n = 800
    at = np.arange(n)
    for seed in range(5):
        wander = np.convolve(noise(n + 29, seed), np.ones(30), "valid") / 5
        shape = {
            "white": 0.0,
            "wandering": wander,
            "weekly": 3.0 * (at % 7 == 2) * (1 + at / n),
            "yearly": 3.0 * np.cos(2 * np.pi * at / 365.25),
            "step": 3.0 * (at > 350),
        }[kind]
        assert cycles(engine, days(n), noise(n, 100 + seed) + shape) == []
