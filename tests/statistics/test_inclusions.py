"""Columns whose values are among those of another, against brute force in pandas."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.engine import DuckEngine
from dsp.statistics import StatisticsEngine
from dsp.statistics.structure import EXHAUSTIVE, Inclusions, Limits
from dsp.statistics.structure import inclusions as module

NAMES = ['a "quoted" name', "select", "v", "n"]


def between(
    engine: DuckEngine, limits: Limits | None = None, **tables: pa.Table
) -> Inclusions:
    stored = {name: engine.put(table, name) for name, table in tables.items()}
    return StatisticsEngine(engine).inclusions(stored, limits=limits)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), is_large=st.booleans())
def test_all_inclusions_are_found(seed: int, is_large: bool) -> None:
    rng = np.random.default_rng(seed)
    frames = {}
    for name in ("left", "right"):
        n = int(rng.integers(0, 120))
        columns = {}
        for i, column in enumerate(NAMES):
            low, high = rng.integers(0, 20), rng.integers(21, 60)
            values = pd.Series(rng.integers(low, high, n), dtype="Int64")
            values[rng.random(n) < 0.05] = pd.NA
            columns[column] = values.astype("string") if i % 2 else values
        frames[name] = pd.DataFrame(columns)
    engine = DuckEngine(threads=2)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "LARGE_ROWS", 0 if is_large else 100_000)
        found = between(
            engine,
            EXHAUSTIVE,
            **{
                name: pa.Table.from_pandas(frame, preserve_index=False)
                for name, frame in frames.items()
            },
        )
    sides = [
        (table, column, frames[table][column].dropna())
        for table in frames
        for column in NAMES
    ]
    expected = {}
    for (a, x, values), (b, y, others) in permutations(sides, 2):
        if values.dtype != others.dtype or min(values.nunique(), others.nunique()) < 2:
            continue
        outside = ~values.isin(others)
        if outside.sum() <= 0.05 * len(values):
            expected[a, x, b, y] = (
                len(values),
                int(outside.sum()),
                values[outside].nunique(),
                len({*values} & {*others}) / others.nunique(),
            )
    assert {
        (i.table_a, i.column_a, i.table_b, i.column_b): (
            i.n_rows,
            i.n_violations,
            i.n_values_outside,
            i.coverage,
        )
        for i in found.inclusions
    } == expected
    for i in found.inclusions:
        assert engine.rows(i.evidence_sql)[0][0] == i.n_violations
        assert len(engine.rows(i.violations_sql)) == i.n_violations
        assert i.share == i.n_violations / i.n_rows
    assert found.searches[0].is_complete
    engine.close()


def test_a_foreign_key_is_found_with_its_orphans(engine: DuckEngine) -> None:
    customers = pa.table({"id": range(1, 101), "city": ["Bern", "Basel"] * 50})
    numbers = [1 + i * 7 % 100 for i in range(300)]
    orders = pa.table(
        {
            "order": range(5_000, 5_300),
            "customerId": [*numbers[:-3], 777, 777, 888],
            "units": [1 + i % 4 for i in range(300)],
        }
    )
    found = between(engine, customers=customers, orders=orders)
    (link,) = found.inclusions
    assert (link.table_a, link.column_a) == ("orders", "customerId")
    assert (link.table_b, link.column_b) == ("customers", "id")
    assert (link.n_violations, link.n_values_outside, link.is_key) == (3, 2, True)
    assert (link.coverage, link.name_similarity) == (1.0, 1.0)
    assert link.score == pytest.approx(1.0)
    assert link.fix_hint == (
        "add to customers.id, or mend in orders.customerId: '777' (2 rows), '888' (1 row)"
    )


def test_a_manager_is_an_employee(engine: DuckEngine) -> None:
    table = pa.table(
        {
            "employee_id": range(1, 201),
            "manager_id": [None, *(1 + i // 20 for i in range(199))],
            "age": [20 + i % 40 for i in range(200)],
        }
    )
    found = between(engine, staff=table).inclusions
    assert [(i.column_a, i.column_b) for i in found] == [("manager_id", "employee_id")]
    assert found[0].n_rows == 199


@pytest.mark.parametrize(
    ("a", "b", "table", "expected"),
    [
        ("customer_id", "id", "customers", 1.0),
        ("customerId", "customer_id", "people", 1.0),
        ("city", "town", "places", 0.0),
        ("shipping_country", "code", "country", 0.5),
        ("product_id", "id", "customers", 0.3),
    ],
)
def test_names_are_compared(a: str, b: str, table: str, expected: float) -> None:
    engine = DuckEngine()
    one = engine.put(pa.table({a: [1, 2]}), "orders")
    other = engine.put(pa.table({b: [1, 2]}), table)
    found = StatisticsEngine(engine).inclusions(
        {"orders": one, table: other}, limits=EXHAUSTIVE
    )
    alike = {(i.column_a, i.column_b): i.name_similarity for i in found.inclusions}
    assert alike[a, b] == pytest.approx(expected)
    engine.close()
