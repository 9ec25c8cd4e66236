from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from dsp.checks import DataValidator
from dsp.registry import plugins

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

TODAY = date(2026, 1, 1)
DIMENSIONS = {"completeness", "validity", "uniqueness", "consistency", "freshness"}


def test_the_room_has_a_dozen_kinds():
    assert len(plugins("checks")) >= 12


def test_nasty_tables_are_checked_without_problems(
    nasty: tuple[str, Any], engine: DuckEngine
):
    _, table = nasty
    data = engine.put(table, "data", schema="raw")
    found = DataValidator(engine, today=TODAY).validate(
        data, target=table.column_names[0]
    )
    assert found.problems == ()
    assert len({r.check_id for r in found.results}) == len(found.results)
    for result in found.results:
        assert result.kind in plugins("checks")
        assert result.dimension in DIMENSIONS
        assert result.severity in {"info", "warning", "error", "critical"}
        assert (result.outcome == "not_evaluated") == (result.reason is not None)
        assert result.observed.endswith(".")
        assert re.search(r"\{(n|rows|percent)[:}]", result.observed) is None


def test_evidence_counts_the_failing_rows_again(
    nasty: tuple[str, Any], engine: DuckEngine
):
    _, table = nasty
    data = engine.put(table, "data", schema="raw")
    for result in DataValidator(engine, today=TODAY).validate(data).results:
        assert engine.rows(result.evidence_sql) == [(result.n_failed,)], result


def test_samples_belong_to_failed_checks(nasty: tuple[str, Any], engine: DuckEngine):
    _, table = nasty
    data = engine.put(table, "data", schema="raw")
    found = DataValidator(engine, today=TODAY).validate(data)
    failed = {r.check_id: r for r in found.results if r.outcome == "failed"}
    for row in found.failures:
        assert row.check_id in failed
        assert 1 <= (row.row_number or 0) <= table.num_rows
        assert list(json.loads(row.row))[:3] == table.column_names[:3]


def test_a_view_gives_what_a_table_gives(nasty: tuple[str, Any], engine: DuckEngine):
    _, table = nasty
    engine.put(table, "data", schema="raw")
    engine.create("v", 'from "raw"."data"', kind="view")
    validator = DataValidator(engine, today=TODAY)
    stored = validator.validate(engine.table("data", schema="raw"))
    viewed = validator.validate(engine.table("v"))
    assert stored.failures == viewed.failures
    assert [r.observed for r in stored.results] == [r.observed for r in viewed.results]
