"""Keys, dependencies and gaps, worked out a second time without a database."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsp.engine import DuckEngine
from dsp.statistics import StatisticsEngine
from dsp.statistics.structure import EXHAUSTIVE, Structure
from tests.conftest import SHARED
from tests.statistics.oracle_pairs import levels
from tests.statistics.oracle_table import made_table

TWINS = sorted((SHARED / "data" / "twins").glob("*.parquet"))
MOST_COLUMNS = 12
"""Columns of the tables in which no key of two of them may be missed."""
KEYS = ("integer", "text", "date", "timestamp", "time", "boolean")
"""Families of columns that may be part of a key."""


class Table:
    """A table, what the engine says of its structure, and its values."""

    def __init__(self, table: pa.Table, *, is_exhaustive: bool) -> None:
        engine = DuckEngine(threads=2)
        stored = engine.put(table, "data", schema="clean")
        statistics = StatisticsEngine(engine)
        columns = statistics.profile(stored).columns
        limits = EXHAUSTIVE if is_exhaustive else None
        self.found: Structure = statistics.structure(stored, columns, limits=limits)
        engine.close()
        table = table.rename_columns([c.column_name for c in columns])
        self.names = table.column_names
        # Numbers stand for values: 0 for none.
        self.codes = (
            pd.DataFrame(
                {
                    name: pd.Series(
                        pd.factorize(pd.Series(levels(table[name]), dtype=object))[0]
                    )
                    for name in self.names
                }
            )
            + 1
        )
        families = {c.column_name: c.family for c in columns}
        self.deciders = [
            n for n in self.names if families[n] in KEYS and self.codes[n].nunique() > 1
        ]

    def broken_key(self, names: tuple[str, ...]) -> int:
        """Return the rows that lack a value or repeat an earlier row."""
        part = self.codes[list(names)]
        whole = part[(part > 0).all(axis=1)]
        return len(part) - len(whole.drop_duplicates())

    def broken_dependency(self, x: tuple[str, ...], y: str) -> tuple[int, int]:
        """Return the rows that lack the usual value of their group, and rows compared."""
        part = self.codes[[*x, y]]
        part = part[(part > 0).all(axis=1)]
        sizes = part.groupby([*x, y]).size()
        return len(part) - int(sizes.groupby(level=list(range(len(x)))).max().sum()), len(
            part
        )


def wrong_dependencies(table: Table) -> list[Any]:
    """Return keys and dependencies whose violations are not as counted."""
    wrong: list[Any] = []
    for row in table.found.dependencies:
        if row.kind == "functional":
            expected = table.broken_dependency(row.determinant, str(row.dependent))
        else:
            expected = table.broken_key(row.determinant), len(table.codes)
            if (row.kind == "key") != (expected[0] == 0):
                wrong.append((row.kind, row.determinant, expected))
        if (row.n_violations, row.n_rows) != expected:
            found = (row.n_violations, row.n_rows)
            wrong.append((row.kind, row.determinant, row.dependent, found, expected))
    return wrong


def missed_keys(table: Table) -> list[tuple[str, ...]]:
    """Return minimal keys of one or two columns that are not listed."""
    listed = {row.determinant for row in table.found.dependencies if row.kind == "key"}
    keys: list[tuple[str, ...]] = []
    for size in (1, 2):
        for names in combinations(table.deciders, size):
            if any({*key} <= {*names} for key in keys):
                continue
            if table.broken_key(names) == 0:
                keys.append(names)
    return [key for key in keys if key not in listed]


def wrong_gaps(table: Table) -> list[Any]:
    """Return what of repeated rows and missing values is not as counted."""
    wrong: list[Any] = []
    rows = Counter(map(tuple, table.codes.to_numpy().tolist()))
    again = [n for n in rows.values() if n > 1]
    repeated = table.found.repeated_rows
    expected = (len(again), sum(again), sum(again) - len(again), max(again, default=1))
    if repeated is not None:
        found = (
            repeated.n_groups,
            repeated.n_repeated,
            repeated.n_excess,
            repeated.n_largest,
        )
        if found != expected:
            wrong.append(("repeated rows", found, expected))
    gone = table.codes == 0
    gappy = [n for n in table.names if 0 < gone[n].sum() < len(gone)]
    patterns = Counter(
        tuple(name for name, lacks in zip(gappy, row, strict=True) if lacks)
        for row in gone[gappy].to_numpy().tolist()
    )
    listed = {p.columns: p.n_rows for p in table.found.missing_patterns}
    if len(patterns) <= 50 and gappy and listed != patterns:
        wrong.append(("patterns", listed, patterns))
    if any(patterns[columns] != n for columns, n in listed.items()):
        wrong.append(("patterns", listed, patterns))
    for pair in table.found.missing_pairs:
        a, b = gone[pair.column_a], gone[pair.column_b]
        found = pair.n_a, pair.n_b, pair.n_both
        counted = int(a.sum()), int(b.sum()), int((a & b).sum())
        phi = a.astype(float).corr(b.astype(float))
        if found != counted or pair.correlation != pytest.approx(
            phi, rel=1e-9, abs=1e-12
        ):
            wrong.append((pair.column_a, pair.column_b, found, counted, phi))
    return wrong


@pytest.mark.parametrize("n_rows", [240, 20, 2])
def test_the_structure_of_a_made_table_is_that_of_the_oracle(n_rows: int) -> None:
    table = Table(made_table().slice(0, n_rows), is_exhaustive=False)
    assert wrong_dependencies(table) == []
    assert wrong_gaps(table) == []
    assert table.found.missing_patterns


@pytest.mark.shared
def test_what_is_said_of_real_files_is_true() -> None:
    wrong: dict[str, Any] = {}
    n_found = 0
    for path in TWINS[::3]:
        table = Table(pq.read_table(path), is_exhaustive=False)
        n_found += len(table.found.dependencies)
        found = [*wrong_dependencies(table), *wrong_gaps(table)]
        if found:
            wrong[path.stem] = found
    assert wrong == {}
    assert n_found > 50


@pytest.mark.shared
def test_no_key_of_two_columns_is_missed_in_real_files() -> None:
    missed: dict[str, Any] = {}
    n_searched = 0
    for path in TWINS[1::4]:
        content = pq.read_table(path)
        if content.num_columns > MOST_COLUMNS:
            continue
        n_searched += 1
        table = Table(content, is_exhaustive=True)
        found = [*wrong_dependencies(table), *missed_keys(table)]
        if found:
            missed[path.stem] = found
    assert missed == {}
    assert n_searched > 20
