"""Failing rows carry the line of the file that they start at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import dsp
from dsp.checks import DataValidator
from dsp.engine import StoredTable

if TYPE_CHECKING:
    from pathlib import Path

    from dsp.engine import DuckEngine


def test_rows_after_preamble_and_broken_lines_have_the_lines_of_the_file(tmp_path: Path):
    path = tmp_path / "orders.csv"
    lines = ["id,price,note"]
    lines += [f"{i},{i}.5,fine" for i in range(1, 30)]
    lines[5] = '5,-5.5,"two\nlines"'
    lines[9] = "9,oops"
    lines[20] = "20,-20.5,bad"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = dsp.validate(path, rules=dsp.rule("in_range", "price", min=0))
    text = path.read_text(encoding="utf-8").splitlines()
    wanted = [i for i, line in enumerate(text, 1) if ",-" in line]
    assert [f.line_number for f in found.failures] == wanted == [6, 22]


def test_records_that_could_not_be_read_fail_their_rule(
    engine: DuckEngine,
):
    engine.put(pa.table({"x": [1, 2, 3]}), "data", schema="raw")
    rejects = {
        "line_number": [7, 3],
        "byte_position": [70, 30],
        "text": ["7,7,7", "3;"],
        "reason": ["too many", "too few"],
    }
    engine.put(pa.table(rejects), "rejects", schema="raw")
    stored = StoredTable(engine, "data", "raw")
    rules = [dsp.rule("no_rejects"), dsp.rule("no_rejects", max=1)]
    found = DataValidator(engine).validate(stored, rules=rules)
    assert [(r.outcome, r.n_failed, r.n_rows) for r in found.results] == [
        ("failed", 2, 5),
        ("failed", 1, 5),
    ]
    assert [engine.rows(r.evidence_sql)[0][0] for r in found.results] == [2, 1]
    first = [f for f in found.failures if f.check_id == "c0001"]
    assert [(f.line_number, f.row_number, json.loads(f.row)) for f in first] == [
        (3, None, {"text": "3;", "reason": "too few"}),
        (7, None, {"text": "7,7,7", "reason": "too many"}),
    ]


@pytest.mark.parametrize("kind", ["table", "view"])
def test_lines_follow_the_map_of_runs_of_rows(engine: DuckEngine, kind: str):
    engine.put(pa.table({"x": [1, -1, -1, 1, -1, -1]}), "source")
    engine.create("data", 'select * from "main"."source"', schema="raw", kind=kind)
    runs = {"row_number": [1, 3, 5], "file": ["a", "a", "b"], "line_number": [2, 9, 1]}
    engine.put(pa.table(runs), "lines", schema="raw")
    found = DataValidator(engine).validate(
        StoredTable(engine, "data", "raw"), rules=[dsp.rule("in_range", "x", min=0)]
    )
    assert [(f.row_number, f.file, f.line_number) for f in found.failures] == [
        (2, "a", 3),
        (3, "a", 9),
        (5, "b", 1),
        (6, "b", 2),
    ]
