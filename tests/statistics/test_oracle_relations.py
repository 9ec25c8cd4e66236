"""Every relation of columns, worked out a second time without a database."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from statsmodels.stats.multitest import multipletests

from dsp.engine import DuckEngine
from dsp.records import Association, GroupTest
from dsp.statistics import Relations, StatisticsEngine
from dsp.statistics.frame import kind_of
from tests.conftest import SHARED
from tests.statistics import oracle_pairs as oracle
from tests.statistics.oracle_table import made_table

TWINS = sorted((SHARED / "data" / "twins").glob("*.parquet"))
FIRST = ("pearson", "correlation_ratio", "cramers_v")
MOST_COLUMNS = 16
"""Columns of the real files that are looked at."""
MOST_ROWS = 1_000
"""Rows of which all pairs are looked at for distance correlation."""


class Table:
    """A table, what the engine says of its relations, and its values by row."""

    def __init__(self, table: pa.Table, *, has_target: bool) -> None:
        engine = DuckEngine(threads=2)
        stored = engine.put(table, "data", schema="clean")
        statistics = StatisticsEngine(engine)
        columns = statistics.profile(stored).columns
        usable = [c.column_name for c in columns if kind_of(c)]
        target = usable[len(table) % len(usable)] if usable and has_target else None
        columns = statistics.profile(stored, target=target).columns
        self.target = target
        self.kinds = {c.column_name: kind_of(c) for c in columns}
        self.found: Relations = statistics.relations(stored, columns, target=target)
        self.table = table.rename_columns([c.column_name for c in columns])
        self.known: dict[tuple[str, str], Any] = {}
        engine.close()

    def values(self, name: str, kind: str | None = None) -> Any:
        """Return the values of a column as a measure, as a dimension or in bins."""
        kind = kind or str(self.kinds[name])
        if (name, kind) not in self.known:
            if kind == "binned":
                found = oracle.binned(self.values(name, "measure"))
            else:
                make = oracle.numbers if kind == "measure" else oracle.levels
                found = make(self.table[name])
            self.known[name, kind] = found
        return self.known[name, kind]

    def expected(self, row: Association) -> tuple[int, float | None, float | None] | None:
        """Return rows, value and p value; None for what is not worked out again."""
        a, b = row.column_a, row.column_b
        if row.measure == "correlation_ratio" and self.kinds[a] == "measure":
            a, b = b, a
        if row.measure == "mutual_information":
            kinds = ["binned" if self.kinds[n] == "measure" else None for n in (a, b)]
            x, y = oracle.both(*map(self.values, (a, b), kinds))
            return len(x), *oracle.information(x, y)
        x, y = oracle.both(self.values(a), self.values(b))
        if row.measure == "distance_correlation":
            if len(x) > MOST_ROWS:
                return None
            return len(x), oracle.distance_correlation(x, y), row.p_value
        measures = ("pearson", "spearman", "cramers_v", "correlation_ratio")
        if row.measure not in measures:
            return None
        return len(x), *getattr(oracle, row.measure)(x, y)


def is_close(found: float | None, expected: float | None, size: float) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=size)


def wrong_pairs(table: Table) -> Iterator[Any]:
    """Yield associations that are not as the oracle has them."""
    for row in table.found.associations:
        expected = table.expected(row)
        if expected is None:
            continue
        n, value, p = expected
        # What is left of sums that cancel each other is not known to all digits: the
        # square root of a difference of 1e-16 is 1e-8.
        least = 1e-7 if row.measure in ("correlation_ratio", "cramers_v") else 1e-12
        if row.measure == "distance_correlation":
            least = 1e-7
        # The nearer to a line, the less digits are known of the distance to it.
        is_right = _same_p(
            row.p_value, p, 1e-9 + 1e-15 * n / (1 - (value or 0.0) ** 2 + 1e-15)
        )
        if row.n_rows != n or not is_close(row.value, value, least) or not is_right:
            pair = (row.measure, row.column_a, row.column_b)
            yield *pair, (row.n_rows, row.value, row.p_value), expected
        if row.value is None and row.reason is None:
            yield row.measure, row.column_a, row.column_b, "no reason"


def _same_p(found: float | None, expected: float | None, tolerance: float) -> bool:
    """Tell whether two p values agree, as far as both are known."""
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(found, expected, rel_tol=tolerance, abs_tol=1e-250)


def wrong_adjustments(found: Relations) -> Iterator[Any]:
    """Yield families of tests whose q values are not those of statsmodels."""
    families: dict[Any, list[Association]] = {}
    for row in found.associations:
        family = "" if row.measure in FIRST else row.measure
        families.setdefault((row.is_target, family), []).append(row)
    for (is_target, family), rows in families.items():
        tested = [row for row in rows if row.p_value is not None]
        if not tested:
            continue
        method = "holm" if is_target else "fdr_bh"
        q = multipletests([row.p_value for row in tested], method=method)[1]
        if not np.allclose([row.q_value for row in tested], q, rtol=1e-9, atol=0):
            yield is_target, family, "q values"
        if {row.n_tests for row in rows} != {len(tested)}:
            yield is_target, family, "n_tests"


def wrong_groups(table: Table) -> Iterator[Any]:
    """Yield tests of groups that are not those of scipy and statsmodels."""
    for row in table.found.group_tests:
        if row.name not in oracle.GROUP_TESTS or row.statistic is None:
            continue
        by, x = oracle.both(
            table.values(row.by_column, "dimension"),
            table.values(row.value_column, "measure"),
        )
        groups = oracle.groups_of(by, oracle.scaled(x))
        expected = oracle.group_test(row.name, groups)
        if not _same_test(row, expected) or row.n_rows != len(x):
            pair = (row.name, row.value_column, row.by_column)
            yield *pair, (row.n_rows, row.statistic, row.p_value), expected


def _same_test(row: GroupTest, expected: oracle.Found) -> bool:
    if not is_close(row.statistic, expected[0], 1e-9):
        return False
    if abs(expected[0] or 0.0) < 1e-9:
        return (row.p_value or 0.0) > 0.9999
    if row.p_value is None or expected[1] is None or expected[1] < 1e-250:
        return True
    return math.isclose(row.p_value, expected[1], rel_tol=1e-7)


def residuals(others: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return what least squares leave of a column, all columns around zero."""
    if not others.shape[1]:
        return y
    return np.asarray(y - others @ np.linalg.lstsq(others, y, rcond=None)[0])


def wrong_collinearity(table: Table) -> Iterator[Any]:
    """Yield VIF, R² and partial correlations that are not those of least squares."""
    rows = table.found.collinearity
    names = [row.column_name for row in rows]
    if not names or any(row.reason for row in rows):
        return
    x = np.column_stack([table.values(name, "measure") for name in names])
    x = x[~np.isnan(x).any(axis=1)]
    if {row.n_rows for row in rows} != {len(x)}:
        yield "rows", {row.n_rows for row in rows}, len(x)
    x = np.column_stack([oracle.scaled(column) for column in x.T])
    x = x - x.mean(axis=0)
    x = x / np.linalg.norm(x, axis=0)
    for i, row in enumerate(rows):
        left = residuals(np.delete(x, i, axis=1), x[:, i])
        share = float(left @ left)
        # One less a number near one has lost as many digits as it is near.
        is_right = is_close(row.r2, 1 - share, 1e-9) and row.vif is not None
        if not is_right or not math.isclose(row.vif or 0.0, 1 / share, rel_tol=1e-6):
            yield "vif", row.column_name, (row.r2, row.vif), (1 - share, 1 / share)
    for pair in table.found.associations:
        if pair.measure != "partial_correlation" or pair.value is None:
            continue
        at = [names.index(pair.column_a), names.index(pair.column_b)]
        a, b = (residuals(np.delete(x, at, axis=1), x[:, i]) for i in at)
        expected = float(a @ b) / math.sqrt(float(a @ a) * float(b @ b))
        if not is_close(pair.value, expected, 1e-7):
            yield pair.measure, pair.column_a, pair.column_b, pair.value, expected


def wrong_relations(table: pa.Table, *, has_target: bool) -> tuple[list[Any], int]:
    """Return what is wrong, and how many associations there are."""
    known = Table(table, has_target=has_target)
    assert not known.found.problems
    wrong = [*wrong_pairs(known), *wrong_adjustments(known.found), *wrong_groups(known)]
    wrong += wrong_collinearity(known)
    return wrong, len(known.found.associations)


@pytest.mark.parametrize("has_target", [False, True])
@pytest.mark.parametrize("n_rows", [240, 7])
def test_relations_of_a_made_table_are_those_of_the_oracle(
    has_target: bool, n_rows: int
) -> None:
    table = made_table().slice(0, n_rows)
    wrong, n_found = wrong_relations(table, has_target=has_target)
    assert wrong == []
    assert n_found > 40


@pytest.mark.shared
@pytest.mark.parametrize("has_target", [False, True])
def test_relations_of_real_files_are_those_of_the_oracle(has_target: bool) -> None:
    wrong: dict[str, list[Any]] = {}
    n_found = 0
    narrow = [p for p in TWINS if pq.read_metadata(p).num_columns <= MOST_COLUMNS]
    for path in narrow[has_target::8]:
        found, n = wrong_relations(pq.read_table(path), has_target=has_target)
        n_found += n
        if found:
            wrong[path.stem] = found
    assert len(TWINS) > 140
    assert wrong == {}
    assert n_found > 200
