from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dsp.registry import plugins
from dsp.transforms import DataTransformer

if TYPE_CHECKING:
    from dsp.engine import DuckEngine


def test_the_room_has_its_plugins():
    assert {"nan_to_null", "blank_to_null", "trim", "text_to_number"} <= set(
        plugins("transforms")
    )


def test_nasty_tables_keep_rows_names_and_order(
    nasty: tuple[str, Any], engine: DuckEngine
):
    _, table = nasty
    data = engine.put(table, "data", schema="raw")
    done = DataTransformer(engine).transform(data)
    assert done.problems == ()
    assert list(done.table.columns) == table.column_names
    assert engine.fetch(done.table.count()).column(0)[0].as_py() == table.num_rows


def test_steps_in_order_give_the_clean_table(nasty: tuple[str, Any], engine: DuckEngine):
    _, table = nasty
    done = DataTransformer(engine).transform(engine.put(table, "data", schema="raw"))
    if done.select is None:
        assert done.steps == ()
        return
    current = '"raw"."data"'
    for step in done.steps:
        before = current
        current = f"s{step.position}"
        engine.execute(
            f"create table {current} as with input as (from {before}) {step.sql}"
        )
        assert (step.n_rows_before, step.n_rows_after) == (table.num_rows,) * 2
        assert step.reason
    engine.create("clean", done.select)
    for one, other in ((current, "clean"), ("clean", current)):
        assert engine.rows(f"from {one} except all from {other}") == []
    assert engine.sql("from clean").schema == engine.sql(f"from {current}").schema


@pytest.mark.parametrize("name", sorted(plugins("transforms")))
def test_every_transform_is_silent_on_clean_numbers(name: str, engine: DuckEngine):
    import pyarrow as pa

    engine.put(pa.table({"a": [1, 2, 3], "b": [0.5, None, 2.0]}), "data", schema="raw")
    done = DataTransformer(engine).transform(engine.table("data", schema="raw"))
    assert name not in {step.transform for step in done.steps}
