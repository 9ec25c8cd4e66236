"""Sums of all pairs from one scan, against numpy and pandas."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.oneway import anova_oneway

from dsp.engine import DuckEngine
from dsp.records import Association
from dsp.statistics import StatisticsEngine, panel, reader, sums
from dsp.statistics import frame as frame_module
from dsp.statistics.relations import FIRST

Found = dict[tuple[str, str, str], Association]


def related(
    data: pd.DataFrame | pa.Table, target: str | None = None, threads: int = 2
) -> Found:
    engine = DuckEngine(threads=threads)
    table = data if isinstance(data, pa.Table) else pa.Table.from_pandas(data)
    stored = engine.put(table, "data", schema="clean")
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(stored, target=target).columns
    found = statistics.relations(stored, columns, target=target)
    assert found.problems == ()
    engine.close()
    return {(a.column_a, a.column_b, a.measure): a for a in found.associations}


def mixed(n: int, seed: int) -> pd.DataFrame:
    """Return measures and dimensions with gaps, ties and relations among them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"m{i}": rng.normal(size=n) for i in range(4)})
    frame["m1"] = (frame["m0"] + frame["m1"]).round(1)
    frame["m3"] = np.exp(3 * frame["m3"])
    for i, size in enumerate((2, 3, 6)):
        frame[f"d{i}"] = pd.Series(rng.integers(size, size=n)).map(lambda v: f"v'{v}")
    frame["m2"] += frame["d2"].str[-1].astype(int)
    for i, name in enumerate(("m1", "m2", "d1")):
        frame.loc[rng.random(n) < 0.1 * (i + 1), name] = None
    return frame


def expected(frame: pd.DataFrame) -> dict[tuple[str, str, str], tuple[float, int]]:
    """Return value or statistic and rows of every pair by scipy and pandas."""
    measures = [c for c in frame if c.startswith("m")]
    dimensions = [c for c in frame if c.startswith("d")]
    rows = {}
    for a, b in combinations(measures, 2):
        both = frame[[a, b]].dropna()
        rows[a, b, "pearson"] = (stats.pearsonr(both[a], both[b])[0], len(both))
    for d, m in product(dimensions, measures):
        both = frame[[d, m]].dropna()
        grand = both[m].mean()
        grouped = both.groupby(d)[m]
        between = (grouped.size() * (grouped.mean() - grand) ** 2).sum()
        eta = np.sqrt(between / ((both[m] - grand) ** 2).sum())
        rows[d, m, "correlation_ratio"] = (eta, len(both))
    for a, b in combinations(dimensions, 2):
        table = pd.crosstab(frame[a], frame[b])
        test = stats.chi2_contingency(table, correction=False)
        rows[a, b, "cramers_v"] = (test.statistic, int(table.to_numpy().sum()))
    return rows


def figures(found: Found) -> dict[tuple[str, str, str], tuple[float, int]]:
    """Return the same of what was found."""
    return {
        key: (a.statistic if a.measure == "cramers_v" else a.value, a.n_rows)
        for key, a in found.items()
        if a.measure in FIRST
    }


def approx(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@settings(max_examples=10, deadline=None)
@given(n=st.integers(60, 400), seed=st.integers(0, 10**6))
def test_all_pairs_agree_with_scipy(n: int, seed: int) -> None:
    frame = mixed(n, seed)
    got, wanted = figures(related(frame)), expected(frame)
    assert got == {k: (approx(v), n) for k, (v, n) in wanted.items()}


def test_blocks_and_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = mixed(3_000, 3)
    monkeypatch.setattr(panel, "CELLS", 8)
    monkeypatch.setattr(reader, "BATCH", 700)
    monkeypatch.setattr(reader, "FIRST_ROWS", 2)
    got, wanted = figures(related(frame)), expected(frame)
    assert got == {k: (approx(v), n) for k, (v, n) in wanted.items()}


@pytest.mark.parametrize("target", ["m0", "m2", "d2"])
def test_columns_beyond_the_limit_are_related_to_the_target_alone(
    monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    frame = mixed(2_000, 4)
    monkeypatch.setattr(frame_module, "MOST_COLUMNS", 2)
    monkeypatch.setattr(sums, "RIGHT", 2)
    found = related(frame, target=target)
    monkeypatch.undo()
    whole = related(frame, target=target)
    with_target = {key for key in whole if target in key and "partial" not in key[2]}
    assert with_target < set(found)
    assert len({key[:2] for key in found}) == len(frame.columns)
    for key in with_target:
        assert found[key].value == pytest.approx(whole[key].value, rel=1e-12)


def test_threads_change_no_digit() -> None:
    frame = mixed(200_000, 5)
    one, two = (related(frame, threads=n) for n in (1, 2))
    assert one == two


def test_small_steps_far_from_zero_keep_their_digits() -> None:
    rng = np.random.default_rng(6)
    steps = rng.integers(0, 50, size=5_000)
    frame = pd.DataFrame({"x": 1e12 + 0.125 * steps, "y": steps + rng.normal(size=5_000)})
    got = related(frame)["x", "y", "pearson"]
    # Moved by hand, without loss: the steps are whole eighths.
    wanted = stats.pearsonr((frame["x"] - 1e12) * 8, frame["y"]).statistic
    assert got.value == pytest.approx(wanted, rel=1e-12)


def test_rows_that_lie_far_from_the_mean_are_summed_around_their_own() -> None:
    """Where y is known, x varies by a billionth of its range."""
    rng = np.random.default_rng(7)
    near = rng.integers(0, 1_000, size=2_000)
    x = np.concatenate([1e9 + near / 1024, rng.uniform(-1e9, 0, 2_000)])
    y = np.concatenate([near + rng.normal(size=2_000) * 50, np.full(2_000, np.nan)])
    group = np.repeat(["one", "two", "far"], [1_000, 1_000, 2_000])
    found = related(pd.DataFrame({"x": x, "y": y, "group": group}))
    wanted = stats.pearsonr(near, y[:2_000]).statistic
    assert found["x", "y", "pearson"].value == pytest.approx(wanted, rel=1e-9)
    welch = anova_oneway(x - 1e9, group, use_var="unequal")
    got = found["group", "x", "correlation_ratio"]
    assert got.statistic == pytest.approx(welch.statistic, rel=1e-9)


def test_a_measure_that_is_constant_in_the_rows_of_both_has_no_correlation() -> None:
    x = [0.1] * 30 + [1e6 + i for i in range(30)]
    y = [i * i % 23 + 0.5 for i in range(30)] + [None] * 30
    got = related(pd.DataFrame({"x": x, "y": y}))["x", "y", "pearson"]
    assert (got.value, got.n_rows) == (None, 30)
    assert got.reason == "a column does not vary over the rows with both"


def test_tiny_values_beside_huge_ones_still_correlate() -> None:
    rng = np.random.default_rng(8)
    small = rng.normal(size=200)
    x = [*(small * 1e-100), 1e100, -1e100]
    y = [*(small + rng.normal(size=200)), None, None]
    got = related(pd.DataFrame({"x": x, "y": y}))["x", "y", "pearson"]
    wanted = stats.pearsonr(small, y[:200]).statistic
    assert got.value == pytest.approx(wanted, rel=1e-9)
