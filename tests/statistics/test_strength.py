"""Who compares measures of association compares only those on one scale."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from dsp.detectors.scene import Scene
from dsp.engine import DuckEngine, Store
from dsp.engine.queries import load
from dsp.exports.profile.report import ProfileReport
from dsp.records import Association
from dsp.statistics import StatisticsEngine


def row(a: str, measure: str, value: float | None, **more: Any) -> Association:
    return Association(
        association_id=f"{a}_{measure}",
        column_a=a,
        column_b="y",
        is_target=True,
        measure=measure,
        value=value,
        n_tests=1,
        correction="holm",
        n_rows=9,
        evidence_sql="select 1",
        **more,
    )


ROWS = (
    row("x", "mutual_information", 2.5),
    row("x", "pearson", 0.2),
    row("x", "spearman", None),
    row("z", "pearson", -0.7),
    row("z", "partial_correlation", 0.01),
    row("x", "partial_correlation", 0.99),
)


@pytest.mark.parametrize(
    ("measure", "value", "strength"),
    [
        ("pearson", -0.5, 0.5),
        ("spearman", 0.25, 0.25),
        ("cramers_v", 0.75, 0.75),
        ("correlation_ratio", 0.0, 0.0),
        ("pearson", None, None),
        ("mutual_information", 1.5, None),
        ("partial_correlation", 0.9, None),
        ("kendall", 0.9, None),
        ("distance_correlation", 0.9, None),
    ],
)
def test_a_strength_is_on_the_scale_of_a_correlation(
    measure: str, value: float | None, strength: float | None
) -> None:
    assert row("x", measure, value).strength == strength


def test_detectors_order_columns_by_strength(engine: DuckEngine) -> None:
    numbers = pa.table(
        {name: [i * k % 97 + 0.5 for i in range(200)] for k, name in enumerate("xzy", 7)}
    )
    stored = engine.put(numbers, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(stored, target="y").columns
    scene = Scene(engine, stored, columns, target="y", associations=ROWS)
    assert [c.column_name for c in scene.measures] == ["z", "x"]


def test_a_profile_shows_the_strongest_of_a_pair() -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    report = ProfileReport(source="t", n_rows=9, profiled_at=at, records=ROWS)
    assert [(r.column_a, r.measure) for r in report.strongest] == [
        ("z", "pearson"),
        ("x", "pearson"),
    ]


def test_example_queries_compare_strengths(engine: DuckEngine) -> None:
    store = Store(engine)
    store.create()
    store.insert([*ROWS, *(replace(r, is_target=False) for r in ROWS)])
    drivers = engine.rows(load("examples/drivers"))
    assert [found[:3] for found in drivers] == [
        ("z", "pearson", -0.7),
        ("x", "pearson", 0.2),
    ]
    pairs = engine.rows(load("examples/correlated_pairs"), {"least": 0.1})
    assert [found[:4] for found in pairs] == [
        ("z", "y", "pearson", -0.7),
        ("x", "y", "pearson", 0.2),
    ]
