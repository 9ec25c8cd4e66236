"""Queries that give figures again, and estimates, held against what is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsp.engine import DuckEngine
from dsp.records import ColumnProfile
from dsp.statistics import StatisticsEngine, distinct, measured, values
from tests.conftest import SHARED
from tests.statistics.oracle_columns import known_columns
from tests.statistics.oracle_table import made_table
from tests.statistics.test_oracle import wrong_columns

TWINS = sorted((SHARED / "data" / "twins").glob("*.parquet"))
GUESSED = {"n_distinct", "is_unique", "is_constant", "n_mode", "mode_value", "entropy"}


def is_same(found: Any, stored: Any) -> bool:
    """Tell whether a query gives what is stored."""
    if isinstance(found, float) and isinstance(stored, int | float):
        # What cancels to nearly nothing is not known to all digits.
        least = 0.0 if 0 < abs(stored) < 1e-200 else 1e-12
        return math.isclose(found, stored, rel_tol=1e-9, abs_tol=least)
    return bool(found == stored)


def again(engine: DuckEngine, record: Any, query: str) -> Iterator[Any]:
    """Yield the figures that the query of a record gives otherwise than the record."""
    for row in engine.sql(query).to_pylist()[:1]:
        stored = asdict(record)
        for name, value in row.items():
            if name in stored and not is_same(value, stored[name]):
                yield type(record).__name__, name, value, stored[name], query


def wrong_queries(table: pa.Table) -> tuple[list[Any], int]:
    """Return queries that do not give what is stored, and how many were run."""
    engine = DuckEngine(threads=2)
    stored = engine.put(table, "data", schema="clean")
    statistics = StatisticsEngine(engine)
    profile = statistics.profile(stored)
    columns = profile.columns
    structure = statistics.structure(stored, columns)
    details = statistics.details(stored, columns)
    relations = statistics.relations(stored, columns)
    with_profile = [*columns, *profile.histograms[::7]]
    with_profile += [
        r for r in details if hasattr(r, "n_values") and not hasattr(r, "rank")
    ]
    with_evidence = [
        a for a in relations.associations if a.measure in ("pearson", "spearman")
    ]
    with_evidence += [*structure.missing_patterns, *structure.missing_pairs]
    with_evidence += [r for r in (structure.repeated_rows,) if r]
    wrong = [w for r in with_profile for w in again(engine, r, r.profile_sql)]
    wrong += [w for r in with_evidence[:60] for w in again(engine, r, r.evidence_sql)]
    for row in structure.dependencies:
        found = engine.rows(row.evidence_sql)[0][0]
        if found != row.n_violations:
            wrong.append((row.kind, row.determinant, found, row.n_violations))
    for name in dict.fromkeys(v.column_name for v in profile.top_values):
        listed = [v for v in profile.top_values if v.column_name == name]
        found = [tuple(r) for r in engine.rows(listed[0].profile_sql)]
        if found != [(v.value, v.n_rows) for v in listed]:
            wrong.append((name, found))
    engine.close()
    return wrong, len(with_profile) + len(with_evidence) + len(structure.dependencies)


def test_queries_of_a_made_table_give_what_is_stored() -> None:
    wrong, n = wrong_queries(made_table())
    assert wrong == []
    assert n > 100


@pytest.mark.shared
def test_queries_of_real_files_give_what_is_stored() -> None:
    wrong: dict[str, Any] = {}
    for path in TWINS[2::15]:
        found, n = wrong_queries(pq.read_table(path))
        assert n > 2
        if found:
            wrong[path.stem] = found
    assert wrong == {}


@pytest.fixture
def estimating(monkeypatch: pytest.MonkeyPatch) -> None:
    """Estimate distinct values from few hashes, and group no text of many values."""
    for module in (measured, distinct):
        monkeypatch.setattr(module, "EXACT_ROWS", 0)
    for module in (measured, values):
        monkeypatch.setattr(module, "MOST_COUNTED", 8)
    monkeypatch.setattr(measured, "MOST_GROUPED", 8)
    monkeypatch.setattr(distinct, "SAMPLED_VALUES", 500)
    monkeypatch.setattr(distinct, "FEWEST_SAMPLED", 100)


def estimates(table: pa.Table) -> tuple[list[bool], list[Any]]:
    """Return whether each estimate is as near as it says, and what else is wrong."""
    engine = DuckEngine(threads=2)
    stored = engine.put(table, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(stored).columns
    engine.close()
    held: list[bool] = []
    wrong: list[Any] = []
    named = table.rename_columns([c.column_name for c in columns])
    for column, known in zip(columns, known_columns(named).values(), strict=True):
        listed = wrong_columns(known, column)
        if not column.distinct_exact:
            listed = [w for w in listed if w[0] not in GUESSED]
            held.append(is_held(column, len(known.counts)))
            if column.n_distinct > len(known.values):
                listed.append(("n_distinct", column.n_distinct, len(known.values)))
        wrong += listed
    return held, wrong


def is_held(column: ColumnProfile, n_distinct: int) -> bool:
    """Tell whether the number of values lies within the stated error of the estimate."""
    assert column.distinct_error is not None
    return abs(column.n_distinct - n_distinct) <= column.distinct_error * n_distinct


@pytest.mark.usefixtures("estimating")
def test_the_stated_error_of_distinct_values_holds() -> None:
    rng = np.random.default_rng(23)
    made = {
        f"x{i}": rng.integers(0, 6_000 + 400 * i, 10_000) * 7_919 + 1_000_003 * i
        for i in range(60)
    }
    made |= {f"f{i}": rng.normal(size=10_000).round(4) for i in range(20)}
    made |= {
        f"t{i}": (rng.integers(0, 15_000, 10_000) + 20_000 * i).astype(str)
        for i in range(20)
    }
    held, wrong = estimates(pa.table(made))
    assert wrong == []
    assert len(held) == 100
    assert sum(held) >= 95


@pytest.mark.shared
@pytest.mark.usefixtures("estimating")
def test_estimates_of_real_files_are_as_near_as_they_say() -> None:
    held: list[bool] = []
    wrong: dict[str, Any] = {}
    for path in TWINS:
        if pq.read_metadata(path).num_rows >= 1_000:
            found, other = estimates(pq.read_table(path))
            held += found
            if other:
                wrong[path.stem] = other
    assert wrong == {}
    assert len(held) > 20
    assert sum(held) >= 0.95 * len(held)
