"""Missing values and repeated rows against pandas and scipy."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dsp.engine import DuckEngine
from dsp.inference.multiplicity import benjamini_hochberg
from dsp.statistics import StatisticsEngine
from dsp.statistics.structure import Structure, missing

NAMES = ['a "quoted" name', "select", "k0", "n", "it's; -- 🦆"]


def structure(engine: DuckEngine, table: pa.Table) -> Structure:
    stored = engine.put(table, "data", schema="clean")
    statistics = StatisticsEngine(engine)
    return statistics.structure(stored, statistics.profile(stored).columns)


def gappy(seed: int) -> pd.DataFrame:
    """Return columns that miss values together, by another column, and at random."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 300))
    x = rng.normal(1e6, 2, n)
    frame = pd.DataFrame({name: rng.normal(size=n) for name in NAMES})
    frame[NAMES[0]] = x
    frame.loc[rng.random(n) < 0.3, NAMES[1]] = np.nan
    frame.loc[frame[NAMES[1]].isna() | (rng.random(n) < 0.1), NAMES[2]] = np.nan
    frame.loc[x > 1e6 + 1, NAMES[3]] = np.nan
    frame.loc[rng.random(n) < rng.choice([0, 0.02, 1]), NAMES[4]] = np.nan
    return frame


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), most=st.sampled_from([20_000, 1]))
def test_missing_values_agree_with_pandas(seed: int, most: int) -> None:
    frame = gappy(seed)
    engine = DuckEngine(threads=2)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(missing, "MOST_PATTERNS", most)
        found = structure(engine, pa.Table.from_pandas(frame, preserve_index=False))
    holes = frame.isna()
    some = [c for c in frame if 0 < holes[c].sum() < len(frame)]
    patterns = holes[some].value_counts().to_dict() if some and len(frame) else {}
    if most > 1:
        assert {p.columns: p.n_rows for p in found.missing_patterns} == {
            tuple(c for c, lacks in zip(some, key, strict=True) if lacks): n
            for key, n in patterns.items()
        }
    for pattern in found.missing_patterns:
        assert engine.rows(pattern.evidence_sql) == [(pattern.n_rows,)]
        assert pattern.share == pattern.n_rows / len(frame)
    pairs = {(p.column_a, p.column_b): p for p in found.missing_pairs}
    assert list(pairs) == list(combinations(some, 2))
    for (a, b), pair in pairs.items():
        counts = (holes[a].sum(), holes[b].sum(), (holes[a] & holes[b]).sum())
        assert (pair.n_a, pair.n_b, pair.n_both) == counts
        assert engine.rows(pair.evidence_sql) == [(*counts, len(frame))]
        phi = holes[a].astype(float).corr(holes[b].astype(float))
        assert pair.correlation == pytest.approx(phi, rel=1e-9, abs=1e-12)
        assert pair.share_of_a == counts[2] / counts[0]
        table = pd.crosstab(holes[a], holes[b])
        test = stats.chi2_contingency(table, correction=False)
        assert pair.statistic == pytest.approx(test.statistic, rel=1e-9, abs=1e-12)
        assert pair.p_value == pytest.approx(test.pvalue, rel=1e-9, abs=1e-300)
        assert (pair.relation == "implies") == (counts[2] == counts[0] < counts[1])
    engine.close()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_predictors_of_missing_values_agree_with_scipy(seed: int) -> None:
    frame = gappy(seed)
    frame["group"] = np.random.default_rng(seed).choice(["u", "v", "w"], len(frame))
    engine = DuckEngine(threads=2)
    found = structure(engine, pa.Table.from_pandas(frame, preserve_index=False))
    rows = found.missing_predictors
    for row in rows:
        lacks = frame[row.column_name].isna()
        assert min(lacks.sum(), (~lacks).sum()) >= 10
        if row.effect_name == "cramers_v":
            table = pd.crosstab(frame[row.predictor], lacks)
            if table.shape[0] < 2:
                assert row.reason
                continue
            test = stats.chi2_contingency(table, correction=False)
            assert row.statistic == pytest.approx(test.statistic, rel=1e-9, abs=1e-12)
        else:
            x = frame[row.predictor]
            a, b = x[lacks].dropna(), x[~lacks].dropna()
            assert row.n_rows == len(a) + len(b)
            if min(len(a), len(b)) < 2:
                assert row.p_value is None
                assert row.reason is not None
                continue
            centre = x.mean()
            test = stats.ttest_ind(a - centre, b - centre, equal_var=False)
            assert row.statistic == pytest.approx(test.statistic, rel=1e-9, abs=1e-9)
            assert row.when_missing == pytest.approx(a.mean(), rel=1e-12)
            df = len(a) + len(b) - 2
            pooled = math.sqrt(((len(a) - 1) * a.var() + (len(b) - 1) * b.var()) / df)
            d = ((a - centre).mean() - (b - centre).mean()) / pooled
            factor = math.exp(
                math.lgamma(df / 2) - math.lgamma((df - 1) / 2) - math.log(df / 2) / 2
            )
            assert row.effect == pytest.approx(d * factor, rel=1e-9, abs=1e-9)
        assert row.p_value == pytest.approx(test.pvalue, rel=1e-8, abs=1e-300)
        assert engine.rows(row.evidence_sql)
    tested = [row.p_value for row in rows if row.p_value is not None]
    assert [row.q_value for row in rows if row.p_value is not None] == (
        benjamini_hochberg(tested)
    )
    engine.close()


def test_what_depends_on_another_column_is_told(engine: DuckEngine) -> None:
    rng = np.random.default_rng(1)
    age = rng.integers(18, 90, 2_000)
    income = np.where(age > 70, np.nan, rng.normal(50, 9, 2_000))
    shop = rng.choice(["north", "south"], 2_000)
    filled = pa.array(income, from_pandas=True)
    table = pa.table({"age": age, "income": filled, "shop": shop})
    found = structure(engine, table).missing_predictors
    told = {row.predictor: row for row in found}
    assert set(told) == {"age", "shop"}
    assert told["age"].q_value < 1e-200
    assert told["age"].effect > 1.5
    assert told["shop"].q_value > 0.01


def test_nothing_is_missing(engine: DuckEngine) -> None:
    found = structure(engine, pa.table({"a": [1, 2, 2], "b": [None] * 3}))
    assert found.missing_patterns == found.missing_pairs == found.missing_predictors == ()


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([None, 1.5, math.nan, 0.0, -0.0]),
            st.sampled_from(["x", "y", None]),
        ),
        max_size=40,
    )
)
def test_repeated_rows_are_counted(rows: list[tuple[float | None, str | None]]) -> None:
    engine = DuckEngine(threads=2)
    columns = list(zip(*rows, strict=True)) or [(), ()]
    table = pa.table(
        {
            "rows": pa.array(columns[0], pa.float64()),
            "n_rows": pa.array(columns[1], pa.string()),
        }
    )
    found = structure(engine, table).repeated_rows
    if not rows:
        assert found is None
        return
    counts: dict[str, int] = {}
    for x, text in rows:
        key = str((None if x is None else x + 0.0, text))
        counts[key] = counts.get(key, 0) + 1
    more = [n for n in counts.values() if n > 1]
    expected = (len(more), sum(more), sum(more) - len(more), max([1, *more]))
    assert found is not None
    assert (found.n_groups, found.n_repeated, found.n_excess, found.n_largest) == expected
    assert engine.rows(found.evidence_sql) == [expected]
    assert len(engine.rows(found.violations_sql)) == len(more)
    assert found.share == expected[2] / len(rows)
    engine.close()


def test_rows_that_are_known_to_differ_are_not_counted(engine: DuckEngine) -> None:
    table = pa.table({"a": [1, 2, 3] * 20, "b": [i / 7 for i in range(60)]})
    stored = engine.put(table, "data", schema="clean")
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(stored).columns
    started = engine.n_scans
    counted = statistics.structure(stored, columns).repeated_rows
    middle = engine.n_scans
    spared = statistics.structure(stored, columns, is_distinct=True).repeated_rows
    assert counted == spared
    assert counted is not None
    assert counted.n_excess == 0
    assert engine.n_scans - middle == middle - started - 1
