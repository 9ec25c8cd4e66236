"""What was tested adds up, whatever was found."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

import dsp
from dsp.detectors import Detected
from dsp.pipeline.tested import LEFT_OUT, what_was_tested


def rows(n_columns: int = 1) -> dict[str, Any]:
    draw = random.Random(3)
    x = [draw.gauss(0, 1) for _ in range(900)]
    y = [2 * value + draw.gauss(0, 1) for value in x]
    more = {f"m{i}": [draw.gauss(0, 1) for _ in x] for i in range(n_columns)}
    return {"y": y, "x": x, **more}


@pytest.mark.parametrize("n_columns", [1, 40])
def test_tests_of_all_detectors_add_up(n_columns: int) -> None:
    report = dsp.find_insights(pa.table(rows(n_columns)), target="y")
    assert sum(row.n_tests for row in report.tests) == report.n_tests
    left = [row.n_tests for row in report.tests if row.detector == LEFT_OUT]
    assert left == ([] if n_columns == 1 else [11])


def test_findings_are_counted_where_they_were_found() -> None:
    report = dsp.find_insights(pa.table(rows()), target="y")
    counted = {row.detector: row.n_found for row in report.tests if row.n_found}
    found = [i.detector for i in report.insights]
    assert counted == {name: found.count(name) for name in found if name is not None}
    assert counted["driver"] == 1
    assert all(row.n_rows == 900 for row in report.tests)


def test_without_detectors_nothing_was_tested() -> None:
    assert what_was_tested(Detected(), ()) == ()
