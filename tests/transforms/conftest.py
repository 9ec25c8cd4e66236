from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from dsp.engine.relation import quote
from dsp.transforms import DataTransformer, Transformed

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.records import Step


@dataclass
class Cleaned:
    """A clean table, with what led to it."""

    engine: DuckEngine
    done: Transformed

    @property
    def table(self) -> pa.Table:
        return self.engine.fetch(self.done.table)

    @property
    def columns(self) -> dict[str, list[Any]]:
        return self.table.to_pydict()

    @property
    def steps(self) -> list[tuple[str, tuple[str, ...], int | None]]:
        return [(s.transform, s.columns, s.n_changed) for s in self.done.steps]

    def step(self, position: int) -> Step:
        return self.done.steps[position - 1]


@pytest.fixture
def asked(engine: DuckEngine):
    """Return a function from columns and wishes to the clean table, replayed."""

    def run(columns: Any, /, **wishes: Any) -> Cleaned:
        table = columns if isinstance(columns, pa.Table) else pa.table(columns)
        engine.put(table, "data", schema="raw")
        source = engine.table("data", schema="raw")
        cleaned = Cleaned(engine, DataTransformer(engine).transform(source, **wishes))
        assert cleaned.done.problems == ()
        assert_replays(engine, cleaned.done)
        return cleaned

    return run


def assert_replays(engine: DuckEngine, done: Transformed) -> None:
    """Run the steps in order, each on the result of the one before: same clean table."""
    current, n_rows = '"raw"."data"', None
    for step in done.steps:
        engine.execute(f"create or replace view input as from {current}")
        current = quote(f"step {step.position}")
        engine.execute(f"create or replace table {current} as {step.sql}")
        assert n_rows is None or step.n_rows_before == n_rows
        n_rows = engine.rows(f"select count(*) from {current}")[0][0]
        assert (step.n_rows_after, step.status) == (n_rows, "applied")
    replayed, clean = engine.sql(f"from {current}"), engine.fetch(done.table)
    assert replayed.schema == engine.sql(done.select or 'from "raw"."data"').schema
    assert replayed.cast(clean.schema).to_pylist() == clean.to_pylist()
    assert done.n_rows == clean.num_rows
