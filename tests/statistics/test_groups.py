"""Comparisons of groups against scipy and statsmodels, brute force and their SQL."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.oneway import anova_oneway
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.tsa.stattools import acf

from dsp.engine import DuckEngine, Store
from dsp.errors import ColumnNotFoundError, DspError
from dsp.records import GroupSummary, GroupTest
from dsp.statistics import StatisticsEngine
from dsp.statistics.groups import Comparison, target

COLUMN = ["it's", 'a "quoted"; -- name']


def compared(table: Any, value: str, by: str) -> Comparison:
    engine = DuckEngine(threads=2)
    try:
        stored = engine.put(table, "data", schema="clean")
        return StatisticsEngine(engine).compare_groups(stored, value, by)
    finally:
        engine.close()


def agrees(found: GroupTest, statistic: float, p_value: float) -> None:
    assert found.statistic == pytest.approx(statistic, rel=1e-9, abs=1e-12)
    assert found.p_value == pytest.approx(p_value, rel=1e-9, abs=1e-300)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    st.integers(0, 10_000),
    st.integers(2, 4),
    st.sampled_from([0, 10**6, -(10**11)]),
    st.booleans(),
)
def test_numbers_agree_with_scipy(
    seed: int, n_groups: int, level: int, is_decimal: bool
) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 90))
    tenths = rng.integers(-40, 40, n) + rng.integers(0, 9)
    by = [f"g{i}" for i in rng.integers(0, n_groups, n)]
    decimals = [Decimal(int(t)) / 10 + level for t in tenths]
    values = (
        pa.array(decimals, pa.decimal128(14, 1))
        if is_decimal
        else pa.array([float(level) + int(t) / 8 for t in tenths])
    )
    # A row without a value and one without a group are left out.
    table = pa.table({COLUMN[0]: values, COLUMN[1]: by})
    rest = pa.table(
        {
            COLUMN[0]: pa.array([None, decimals[0]], pa.decimal128(14, 1)).cast(
                values.type
            ),
            COLUMN[1]: pa.array(["g0", None]),
        }
    )
    found = compared(pa.concat_tables([table, rest]), *COLUMN)
    x = tenths / (10 if is_decimal else 8)
    samples = [x[np.array(by) == g] for g in sorted(set(by))]
    if len(samples) < 2 or any(len(s) < 2 or s.std() == 0 for s in samples):
        return
    agrees(found.test("one-way ANOVA"), *stats.f_oneway(*samples))
    welch = anova_oneway(samples, use_var="unequal")
    agrees(found.test("Welch ANOVA"), welch.statistic, welch.pvalue)
    agrees(found.test("Bartlett test"), *stats.bartlett(*samples))
    agrees(found.test("Kruskal-Wallis test"), *stats.kruskal(*samples))
    levene = stats.levene(*samples, center="median")
    if levene.statistic > 1e-9:
        agrees(found.test("Brown-Forsythe test"), *levene)
    for group, sample in zip(found.groups, samples, strict=True):
        assert (group.mean, group.sd, group.median) == pytest.approx(
            (level + sample.mean(), sample.std(ddof=1), level + np.median(sample)),
            rel=1e-12,
        )
        assert group.n_rows == len(sample)
        half = stats.t.ppf(0.975, len(sample) - 1) * stats.sem(sample)
        assert group.high == pytest.approx(level + sample.mean() + half, rel=1e-12)
    grand = x.mean()
    between = sum(len(s) * (s.mean() - grand) ** 2 for s in samples)
    within = sum(((s - s.mean()) ** 2).sum() for s in samples)
    assert found.test("ss_between").value == pytest.approx(between, rel=1e-9, abs=1e-9)
    assert found.test("ss_within").value == pytest.approx(within, rel=1e-12)
    assert found.test("eta_squared").value == pytest.approx(
        between / (between + within), rel=1e-9, abs=1e-12
    )
    if len(samples) == 2:
        a, b = samples
        agrees(found.test("Welch t test"), *stats.ttest_ind(a, b, equal_var=False))
        agrees(found.test("Student t test"), *stats.ttest_ind(a, b))
        agrees(found.test("Mann-Whitney U test"), *stats.mannwhitneyu(a, b))
        assert found.test("cliffs_delta").value == pytest.approx(
            np.sign(np.subtract.outer(a, b)).mean(), abs=1e-12
        )


def test_every_two_of_a_few_groups_are_compared() -> None:
    rng = np.random.default_rng(4)
    by = np.repeat(["a", "b", "c"], [10, 20, 30])
    x = rng.normal(size=60) + (by == "c")
    found = compared(pa.table({"x": x, "g": by}), "x", "g")
    pairs = [t for t in found.tests if t.name == "Welch t test"]
    assert [(t.group_a, t.group_b) for t in pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    expected = [
        stats.ttest_ind(x[by == t.group_a], x[by == t.group_b], equal_var=False)
        for t in pairs
    ]
    for row, test in zip(pairs, expected, strict=True):
        agrees(row, *test)
    q = multipletests([t.pvalue for t in expected], method="fdr_bh")[1]
    assert [t.q_value for t in pairs] == pytest.approx(list(q), rel=1e-9)
    assert {t.n_tests for t in pairs} == {3}


@pytest.mark.parametrize("kind", ["boolean", "text", "number"])
def test_shares_of_two_groups_agree_with_scipy(kind: str) -> None:
    rows = {"f": [True] * 9 + [False] * 2, "m": [True] * 3 + [False] * 8}
    hits = rows["f"] + rows["m"]
    words = {
        "boolean": hits,
        "text": ["yes" if hit else "no" for hit in hits],
        "number": [float(hit) for hit in hits],
    }
    table = pa.table({"v": words[kind], "g": ["f"] * 11 + ["m"] * 11})
    found = compared(table, "v", "g")
    assert [(g.share, g.n_rows) for g in found.groups] == [(9 / 11, 11), (3 / 11, 11)]
    square = [[9, 2], [3, 8]]
    chi2 = stats.chi2_contingency(square, correction=False)
    agrees(found.test("chi-square test"), chi2.statistic, chi2.pvalue)
    g = stats.chi2_contingency(square, correction=False, lambda_="log-likelihood")
    agrees(found.test("G test"), g.statistic, g.pvalue)
    z = found.test("two-proportion z test")
    assert z.statistic == pytest.approx(math.sqrt(chi2.statistic), rel=1e-9)
    assert z.event == {"boolean": "true", "text": "yes", "number": "1.0"}[kind]
    assert "Fisher exact test" not in {t.name for t in found.tests}
    assert found.test("risk_difference").value == pytest.approx(6 / 11, rel=1e-12)
    assert found.test("odds_ratio").value == pytest.approx(12.0, rel=1e-12)
    assert found.test("phi").value == pytest.approx(
        np.corrcoef(hits, [1] * 11 + [0] * 11)[0, 1], rel=1e-9
    )


def test_shares_of_every_two_of_a_few_groups_are_compared() -> None:
    by = np.repeat(["a", "b", "c"], [40, 50, 60])
    hits = np.concatenate([np.arange(40) < 10, np.arange(50) < 30, np.arange(60) < 20])
    found = compared(pa.table({"v": hits, "g": by}), "v", "g")
    pairs = [t for t in found.tests if t.name == "two-proportion z test"]
    assert [(t.group_a, t.group_b) for t in pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    counts = [((10, 30), (40, 50)), ((10, 20), (40, 60)), ((30, 20), (50, 60))]
    expected = [proportions_ztest(*pair) for pair in counts]
    for row, test in zip(pairs, expected, strict=True):
        agrees(row, *test)
    q = multipletests([p for _, p in expected], method="fdr_bh")[1]
    assert [t.q_value for t in pairs] == pytest.approx(list(q), rel=1e-9)
    differences = [t.value for t in found.tests if t.name == "risk_difference"]
    assert differences == pytest.approx([-0.35, 0.25 - 1 / 3, 0.6 - 1 / 3], rel=1e-12)


def test_thin_tables_are_tested_exactly() -> None:
    table = pa.table({"v": [1] * 4 + [0] * 6 + [1], "g": ["a"] * 4 + ["b"] * 7})
    found = compared(table, "v", "g")
    fisher = stats.fisher_exact([[4, 0], [1, 6]])
    assert found.test("Fisher exact test").p_value == pytest.approx(fisher.pvalue)
    odds = found.test("odds_ratio")
    assert (odds.value, odds.reason) == (None, "a cell has no rows")


def test_what_is_not_defined_has_a_reason() -> None:
    for values, by in (
        ([1.0, 2.0], ["a", "a"]),
        ([3.0, 3.0, 3.0], ["a", "b", "b"]),
        ([None, math.inf, math.nan], ["a", "b", "b"]),
    ):
        found = compared(
            pa.table({"x": pa.array(values, pa.float64()), "g": by}), "x", "g"
        )
        for row in found.tests:
            assert row.p_value is not None or row.value is not None or row.reason, row
        assert found.test("Welch ANOVA").reason is not None
    empty = pa.table({"x": pa.array([], pa.float64()), "g": pa.array([], pa.string())})
    assert compared(empty, "x", "g").groups == ()
    texts = pa.table({"x": ["a", None], "g": ["b", "b"]})
    only = compared(texts, "x", "g")
    assert [g.share for g in only.groups] == [1.0]
    assert only.test("chi-square test").reason == "fewer than two groups or values"


def test_huge_values_keep_their_tests() -> None:
    x = np.array([1.0, 2, 4, 7, 3, 8])
    by = ["a"] * 3 + ["b"] * 3
    small, huge = (
        compared(pa.table({"x": x * scale, "g": by}), "x", "g") for scale in (1, 1e306)
    )
    names = ("Student t test", "one-way ANOVA", "Kruskal-Wallis test")
    for name in names:
        test = small.test(name)
        assert test.statistic is not None
        assert test.p_value is not None
        if name == "Kruskal-Wallis test":
            agrees(huge.test(name), test.statistic, test.p_value)
    for row in (*huge.tests, *huge.groups):
        for figure in (row.low, row.high):
            assert figure is None or math.isfinite(figure)


@pytest.mark.parametrize(
    ("value", "by", "message"),
    [
        ("nope", "g", 'no column named "nope"'),
        ("x", "x", "cannot be compared by itself"),
        ("l", "g", "makes no groups"),
        ("x", "k", "makes more than 10,000 groups"),
        ("k", "l", "makes no groups"),
    ],
)
def test_bad_requests_are_refused(value: str, by: str, message: str) -> None:
    n = 10_001
    table = pa.table(
        {"x": np.arange(n) * 1.0, "g": ["a"] * n, "l": [[1]] * n, "k": list(range(n))}
    )
    with pytest.raises((DspError, ColumnNotFoundError), match=message):
        compared(table, value, by)
    with pytest.raises(DspError, match='no test is called "Welsh"'):
        compared(table.slice(0, 9), "x", "g").test("Welsh")


def of_target(
    engine: DuckEngine, table: pa.Table, name: str
) -> tuple[tuple[GroupTest, ...], tuple[GroupSummary, ...]]:
    stored = engine.put(table, "data", schema="clean")
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(stored, target=name).columns
    found = statistics.relations(stored, columns, target=name)
    assert found.problems == ()
    return found.group_tests, found.group_summaries


@pytest.mark.parametrize("name", ["revenue", "returned", "region"])
def test_the_target_is_compared_as_if_asked(
    engine: DuckEngine, sales: pa.Table, name: str
) -> None:
    tests, groups = of_target(engine, sales, name)
    pairs = {(t.value_column, t.by_column) for t in tests}
    assert len(pairs) > 2
    statistics, stored = StatisticsEngine(engine), engine.table("data", schema="clean")
    for value, by in pairs:
        rows = [t for t in tests if (t.value_column, t.by_column) == (value, by)]
        asked = statistics.compare_groups(stored, value, by)
        for row in rows:
            other = asked.test(row.name)
            assert row.reason == other.reason, row.name
            for field in ("statistic", "p_value", "value", "low", "high", "n_rows"):
                mine, theirs = getattr(row, field), getattr(other, field)
                assert mine == theirs or mine == pytest.approx(theirs, rel=1e-7)
        listed = [g for g in groups if (g.value_column, g.by_column) == (value, by)]
        assert [g.n_rows for g in listed] == [g.n_rows for g in asked.groups]
        for summary, other_group in zip(listed, asked.groups, strict=True):
            mean = other_group.mean
            assert summary.mean == mean or summary.mean == pytest.approx(mean, rel=1e-9)
            assert summary.share == other_group.share


def test_q_values_of_a_test_are_adjusted_over_the_columns(
    engine: DuckEngine, sales: pa.Table
) -> None:
    tests, _ = of_target(engine, sales, "revenue")
    listed = [t for t in tests if t.name == "Welch ANOVA" and t.p_value is not None]
    assert len(listed) > 2
    q = multipletests([t.p_value for t in listed], method="fdr_bh")[1]
    assert [t.q_value for t in listed] == pytest.approx(list(q), rel=1e-9)


def test_ranks_of_many_rows_are_not_taken_unasked(
    engine: DuckEngine, sales: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "MOST_VALUES", 100)
    tests, _ = of_target(engine, sales, "revenue")
    reasons = {t.reason for t in tests if t.name == "Kruskal-Wallis test"}
    assert len(reasons) == 1
    assert "ask for one comparison with compare_groups" in str(reasons.pop())


def test_evidence_gives_groups_and_counts_again(
    engine: DuckEngine, sales: pa.Table
) -> None:
    tests, groups = of_target(engine, sales, "returned")
    stored = engine.table("data", schema="clean")
    asked = StatisticsEngine(engine).compare_groups(stored, "unit_price", "region")
    for row in (*tests, *asked.tests, *groups, *asked.groups):
        found = engine.sql(row.evidence_sql).to_pylist()
        total = sum(r["n_rows"] for r in found)
        if isinstance(row, GroupTest):
            assert total == row.n_rows
        else:
            own = [r for r in found if r["group_value"] == row.group_value]
            assert sum(r["n_rows"] for r in own) == row.n_rows
    engine.execute("drop schema if exists clean cascade")
    store = Store(engine)
    store.create()
    store.insert([*tests, *groups])
    assert tuple(store.read(GroupTest)) == tests
    assert tuple(store.read(GroupSummary)) == groups


def test_autocorrelation_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(6)
    x = np.cumsum(rng.normal(size=400))
    engine = DuckEngine(threads=2)
    holed = pd.Series(x).mask(np.arange(400) % 9 == 0)
    stored = engine.put(pa.table({"x": x, "h": holed}), "data", schema="clean")
    statistics = StatisticsEngine(engine)
    for lag in (1, 5):
        found = statistics.autocorrelation(stored, "x", lag=lag)
        assert found.value == pytest.approx(acf(x, nlags=lag)[lag], rel=1e-9)
    found = statistics.autocorrelation(stored, "h")
    assert found.value == pytest.approx(acf(holed.dropna(), nlags=1)[1], rel=1e-9)
    assert found.n == int(holed.notna().sum())
    assert engine.rows(found.evidence_sql)[0][0] == found.n
    short = statistics.autocorrelation(stored, "x", lag=400)
    assert (short.value, short.reason) == (None, "fewer values than the lag")
    with pytest.raises(DspError, match="a lag of 0 rows is none"):
        statistics.autocorrelation(stored, "x", lag=0)
    engine.close()


def test_autocorrelation_of_decimals_is_exact(engine: DuckEngine) -> None:
    values = [Decimal(f"{10**12}.{digit}") for digit in "2131313131"]
    table = pa.table({"x": pa.array(values, pa.decimal128(14, 1)), "one": [1] * 10})
    stored = engine.put(table, "data", schema="clean")
    found = StatisticsEngine(engine).autocorrelation(stored, "x")
    d = np.array([2, 1, 3, 1, 3, 1, 3, 1, 3, 1]) - 1.9
    assert found.value == pytest.approx((d[1:] * d[:-1]).sum() / (d * d).sum(), rel=1e-13)
    flat = StatisticsEngine(engine).autocorrelation(stored, "one")
    assert (flat.value, flat.reason) == (None, "the values do not vary")
