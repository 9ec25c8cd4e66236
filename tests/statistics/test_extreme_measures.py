"""Correlations of numbers of any size, with gaps, against exact arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from dsp.engine import DuckEngine, StoredTable
from dsp.records import Association
from dsp.statistics import StatisticsEngine
from dsp.statistics.frame import kind_of

Row = tuple[float | None, float | None]

ENGINE = DuckEngine(threads=2)
NUMBERS = st.one_of(
    st.none(),
    st.sampled_from([0.0, -0.0, 1e308, -1e308, 5e-324, math.inf, -math.inf, math.nan]),
    st.floats(-1e3, 1e3),
    st.integers(0, 3).map(lambda i: 1e12 + i / 10),
    st.integers(0, 5).map(float),
)


def related(rows: list[Row]) -> dict[str, Association]:
    table = pa.table(
        {"x": [r[0] for r in rows], "y": [r[1] for r in rows]},
        pa.schema({"x": pa.float64(), "y": pa.float64()}),
    )
    stored = ENGINE.put(table, "data", schema="clean")
    statistics = StatisticsEngine(ENGINE)
    columns = statistics.profile(stored).columns
    found = statistics.relations(stored, columns)
    assert found.problems == ()
    if any(kind_of(c) != "measure" for c in columns):
        return {}
    return {a.measure: a for a in found.associations}


def exact(x: list[float], y: list[float]) -> float | None:
    """Return Pearson's r by fractions, rounded at the end."""
    n, a, b = len(x), [Fraction(v) for v in x], [Fraction(v) for v in y]
    if n < 2:
        return None
    xx, yy, xy = (
        sum(p * q for p, q in zip(u, v, strict=True)) - sum(u) * sum(v) / n
        for u, v in ((a, a), (b, b), (a, b))
    )
    if not xx or not yy:
        return None
    return math.sqrt(xy * xy / (xx * yy)) * (1 if xy > 0 else -1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=12, max_size=40))
@example([(1e12 + i / 10, float(i * i)) for i in range(20)])
@example([(i * 1e-320, float(i % 7)) for i in range(20)])
def test_correlations_of_any_numbers_are_exact(rows: list[Row]) -> None:
    found = related(rows)
    if not found:
        return
    both = [
        (x, y)
        for x, y in rows
        if x is not None and y is not None and math.isfinite(x) and math.isfinite(y)
    ]
    x, y = [r[0] for r in both], [r[1] for r in both]
    pearson, spearman = found["pearson"], found["spearman"]
    expected = exact(x, y)
    assert pearson.n_rows == spearman.n_rows == len(both)
    if expected is None:
        assert (pearson.value, spearman.value) == (None, None)
        return
    # A spread below the 300th power of ten beside a range above it is not seen.
    if pearson.value is None:
        assert max(map(abs, [*x, *y])) < 1e-290 or max_reach(rows) > 1e290
    else:
        assert pearson.value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    rho = stats.spearmanr(x, y).statistic
    assert spearman.value == pytest.approx(rho, rel=1e-9, abs=1e-12)


def max_reach(rows: list[Row]) -> float:
    return max(abs(v) for row in rows for v in row if v is not None and math.isfinite(v))


def test_a_view_of_a_file_gives_the_same_digits_with_any_threads(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    n = 300_000
    table = {f"m{i}": rng.lognormal(sigma=2, size=n) for i in range(3)}
    table["g"] = rng.choice(list("abcde"), n)
    pq.write_table(pa.table(table), tmp_path / "t.parquet", row_group_size=20_000)
    found = []
    for threads in (1, 2, 4):
        engine = DuckEngine(threads=threads)
        path = str(tmp_path / "t.parquet")
        engine.create("data", f"from read_parquet('{path}')", schema="clean", kind="view")
        view = StoredTable(engine, "data", "clean")
        columns = StatisticsEngine(engine).profile(view, target="m0").columns
        relations = StatisticsEngine(engine).relations(view, columns, target="m0")
        found.append(relations.associations)
        engine.close()
    assert found[0] == found[1] == found[2]
    assert len(found[0]) > 10
