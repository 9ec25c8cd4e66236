from __future__ import annotations

from typing import Any

import pytest

from dsp.detectors import Found, PatternDetector
from dsp.detectors.kinds import KINDS
from dsp.detectors.scene import Scene
from dsp.engine import DuckEngine
from dsp.insights import COLUMNS, InsightGenerator
from dsp.registry import plugins
from dsp.statistics import StatisticsEngine

ROOM = sorted(plugins("detectors"))


def scenes(engine: DuckEngine, data: Any) -> list[Scene]:
    table = engine.put(data, "data", schema="clean")
    found = []
    for target in [None, *data.column_names[:3]]:
        columns = StatisticsEngine(engine).profile(table, target=target).columns
        found.append(Scene(engine, table, columns, target=target))
    return found


@pytest.mark.parametrize("name", ROOM)
def test_every_detector_survives_nasty_tables(
    engine: DuckEngine, nasty: tuple[str, Any], name: str
) -> None:
    for scene in scenes(engine, nasty[1]):
        found = plugins("detectors")[name].detect(scene)
        assert isinstance(found, Found)
        for c in found.candidates:
            assert c.kind in KINDS
            assert c.shape in COLUMNS
            assert set(c.columns) <= set(nasty[1].column_names)
            result = engine.sql(c.evidence_sql)
            assert set(COLUMNS[c.shape]) <= set(result.column_names)


def test_nasty_tables_give_insights_and_no_problems(
    engine: DuckEngine, nasty: tuple[str, Any]
) -> None:
    table = engine.put(nasty[1], "data", schema="clean")
    profile = StatisticsEngine(engine).profile(table)
    detected = PatternDetector(engine).detect(table, profile.columns)
    insights = InsightGenerator().generate(
        detected, profile.columns, n_rows=nasty[1].num_rows
    )
    assert detected.problems == ()
    assert [i.rank for i in insights] == list(range(1, len(insights) + 1))
    assert all(len(i.title) <= 90 for i in insights)
    assert len({i.insight_id for i in insights}) == len(insights)
