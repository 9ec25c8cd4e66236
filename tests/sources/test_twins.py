"""CSV files against the Parquet files they were written from: the true types."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from dsp.engine import DuckEngine
from dsp.engine.relation import family_of
from dsp.sources import DataReader

if TYPE_CHECKING:
    from pathlib import Path

EXACT = 1e-12
"""The writer of the files rounded the last digit of doubles."""


def is_same(value: Any, true: Any) -> bool:
    """Say whether a value is the true one; an empty text is none, blanks at ends are."""
    if isinstance(true, str):
        true = true.strip() or None
        value = value.strip() or None if isinstance(value, str) else value
        # Quotes were doubled once more when the originals were written.
        return bool(value == true or (true and value == true.replace('""', '"')))
    if isinstance(true, float) and isinstance(value, float):
        both_nan = math.isnan(value) and math.isnan(true)
        return both_nan or math.isclose(value, true, rel_tol=EXACT)
    return bool(value == true)


@pytest.mark.shared
def test_types_and_values_are_those_of_the_originals(shared_data: Path) -> None:
    wrong_types, wrong_values, n_columns = [], [], 0
    for original in sorted((shared_data / "twins").glob("*.parquet")):
        engine = DuckEngine()
        reader = DataReader()
        reader.load(reader.locate(original.with_suffix(".csv")), engine)
        quoted = str(original).replace("'", "''")
        true_kinds = engine.rows(f"describe from '{quoted}'")
        kinds = engine.rows("describe raw.data")
        true = pq.read_table(original).columns
        found = engine.sql("from raw.data").columns
        assert len(found) == len(true), original.name
        n_columns += len(true)
        for i, (own, other) in enumerate(zip(kinds, true_kinds, strict=True)):
            name = f"{original.stem}: {other[0]}"
            if family_of(own[1]) != family_of(other[1]):
                wrong_types.append(f"{name} is {own[1]}, {other[1]} in truth")
                continue
            pairs = zip(found[i].to_pylist(), true[i].to_pylist(), strict=True)
            if not all(is_same(value, wanted) for value, wanted in pairs):
                wrong_values.append(name)
        engine.close()
    assert n_columns > 1000
    assert len(wrong_types) <= 0.005 * n_columns, wrong_types
    assert wrong_values == []
