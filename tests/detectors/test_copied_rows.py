"""Copied rows: the figure of the statistics is taken where there is one."""

from __future__ import annotations

import pyarrow as pa

from dsp.checks import DataValidator
from dsp.detectors.duplicate_rows import plugin
from dsp.detectors.scene import Scene
from dsp.engine import DuckEngine
from dsp.statistics import StatisticsEngine


def test_copies_are_counted_once(engine: DuckEngine) -> None:
    table = engine.put(
        pa.table({"a": [1, 1, 2, None, None, 3], "b": ["x", "x", "y", None, None, "z"]}),
        "data",
        schema="clean",
    )
    checks = DataValidator(engine).validate(table).results
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(table).columns
    repeated = statistics.structure(table, columns).repeated_rows
    counted = plugin.detect(Scene(engine, table, columns, checks=checks))
    scene = Scene(engine, table, columns, checks=checks, repeated=repeated)
    assert scene.frame.n == 6
    before = engine.n_scans
    taken = plugin.detect(scene)
    assert engine.n_scans == before
    assert taken == counted
    (candidate,) = taken.candidates
    assert (candidate.n_rows, candidate.value) == (2, 2 / 6)
