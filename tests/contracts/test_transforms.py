from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dsp.engine.relation import Relation
from dsp.registry import plugins
from dsp.transforms import DataTransformer, Transformed

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


def replayed(engine: DuckEngine, done: Transformed) -> str:
    """Run the steps in order, each on the result of the one before; return the table."""
    current = '"raw"."data"'
    for step in done.steps:
        before = current
        current = f"s{step.position}"
        engine.execute(
            f"create table {current} as with input as (from {before}) {step.sql}"
        )
        counts = [
            engine.rows(f"select count(*) from {t}")[0][0] for t in (before, current)
        ]
        assert [step.n_rows_before, step.n_rows_after] == counts
        assert step.reason
    return current


def assert_same(engine: DuckEngine, *tables: str) -> None:
    """Compare columns, types, values and the order of rows."""
    schemas = [engine.sql(f"from {table} limit 0").schema for table in tables]
    assert schemas[0] == schemas[1]
    # In text NaN equals NaN, unlike in Python.
    rows = [engine.rows(f"select cast(t as varchar) from {t} as t") for t in tables]
    assert rows[0] == rows[1]


def test_steps_in_order_give_the_clean_table(nasty: tuple[str, Any], engine: DuckEngine):
    _, table = nasty
    done = DataTransformer(engine).transform(engine.put(table, "data", schema="raw"))
    if done.select is None:
        assert done.steps == ()
        return
    engine.create("clean", done.select)
    assert_same(engine, replayed(engine, done), "clean")


def everything(relation: Relation) -> dict[str, Any]:
    """Return a wish of every kind for every column that it can be had of."""
    columns = relation.columns
    plain = [c for c in columns if c.family not in ("nested", "binary", "json")]
    numbers = [c.name for c in columns[1:] if c.is_numeric]
    return {
        "names": "snake",
        "casts": {c.name: "text" for c in plain[:1]},
        "fold": {c.name: "near" for c in columns[1:] if c.family == "text"},
        "duplicates": "drop",
        "missing": {c.name: "mode" if i % 2 else "flag" for i, c in enumerate(plain)},
        "outliers": dict.fromkeys(numbers, "winsorize:0.1:0.8"),
        "date_parts": {c.name: () for c in columns[1:] if c.is_temporal},
        "derive": {"row count": "count(*) over ()", "half": lambda t: t.count() / 2},
    }


def test_all_that_can_be_asked_for_is_replayed(
    nasty: tuple[str, Any], engine: DuckEngine
):
    _, table = nasty
    data = engine.put(table, "data", schema="raw")
    wishes = everything(Relation.of(data, engine))
    for name in table.column_names:
        if table[name].null_count == table.num_rows or not table[name].drop_null():
            wishes["outliers"].pop(name, None)
            wishes["missing"] |= {name: "flag"} if name in wishes["missing"] else {}
    done = DataTransformer(engine).transform(data, **wishes)
    engine.create("clean", done.select or "")
    assert_same(engine, replayed(engine, done), "clean")
    runs = done.rows or "select 1 as row_number, 1 as input_row_number"
    back = engine.rows(
        "select count(*) from (select row_number() over () as n from clean) as c "
        f"asof join ({runs}) as r on c.n >= r.row_number"
    )
    assert back == [(done.n_rows,)]


def test_proposals_run_and_drop_what_they_say(nasty: tuple[str, Any], engine: DuckEngine):
    _, table = nasty
    proposed = DataTransformer(engine).propose(engine.put(table, "data", schema="raw"))
    assert proposed.problems == ()
    engine.execute("create view input as from raw.data")
    for step in proposed.steps:
        engine.execute(f"create or replace table changed as {step.sql}")
        after = engine.rows("select count(*) from changed")[0][0]
        assert (step.status, step.n_rows_after) == ("proposed", after)
        assert (step.n_rows_before, step.reason != "") == (table.num_rows, True)


@pytest.mark.parametrize("name", sorted(plugins("transforms")))
def test_every_transform_is_silent_on_clean_numbers(name: str, engine: DuckEngine):
    import pyarrow as pa

    engine.put(pa.table({"a": [1, 2, 3], "b": [0.5, None, 2.0]}), "data", schema="raw")
    done = DataTransformer(engine).transform(engine.table("data", schema="raw"))
    assert name not in {step.transform for step in done.steps}
