"""Kendall, mutual information and distance correlation of tables, by other routes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats
from sklearn.metrics import mutual_info_score

from dsp.engine import DuckEngine
from dsp.inference.distance import distance_correlation
from dsp.records import Association
from dsp.statistics import StatisticsEngine, mutual_information
from dsp.statistics import frame as frame_module
from dsp.statistics.draws import Draw


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Return measures and dimensions with gaps, ties and a relation without a slope."""
    rng = np.random.default_rng(21)
    frame = pd.DataFrame({"x": rng.normal(size=1_500), "y": rng.normal(size=1_500)})
    frame["y"] = frame["x"] ** 2 + 0.3 * frame["y"]
    frame["z"] = rng.poisson(3, 1_500).astype(float) + 0.5
    frame["d"] = np.where(frame["x"] > 1, "high", np.where(frame["z"] > 3, "mid", "low"))
    frame["e"] = rng.choice(["it's", '"q"'], 1_500)
    frame.loc[::11, "x"] = np.nan
    frame.loc[3::13, "d"] = None
    frame.loc[5::17, "z"] = np.inf
    return frame


@pytest.fixture(scope="module")
def loaded(frame: pd.DataFrame) -> Iterator[tuple[DuckEngine, object]]:
    engine = DuckEngine(threads=2)
    yield engine, engine.put(pa.Table.from_pandas(frame), "data", schema="clean")
    engine.close()


def related(
    loaded: tuple[DuckEngine, object],
    measures: list[str] | None = None,
    target: str | None = None,
) -> dict[tuple[str, str], Association]:
    engine, table = loaded
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(table, target=target).columns
    found = statistics.relations(table, columns, target=target, measures=measures)
    assert found.problems == ()
    wanted = measures or ["mutual_information"]
    return {
        (a.column_a, a.column_b): a for a in found.associations if a.measure in wanted
    }


def finite(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    return frame[list(names)].replace(np.inf, np.nan).dropna()


def test_kendall_takes_the_rows_with_both(
    loaded: tuple[DuckEngine, object], frame: pd.DataFrame
) -> None:
    found = related(loaded, ["kendall"])
    assert set(found) == {("x", "y"), ("x", "z"), ("y", "z")}
    for (a, b), row in found.items():
        both = finite(frame, a, b)
        expected = stats.kendalltau(both[a], both[b])
        assert row.value == pytest.approx(expected.statistic, rel=1e-9)
        assert row.p_value == pytest.approx(expected.pvalue, rel=1e-9)
        assert (row.n_rows, row.n_tests) == (len(both), 3)


def test_kendall_beyond_memory_says_so(
    loaded: tuple[DuckEngine, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_module, "MOST_BYTES", 0)
    rows = related(loaded, ["kendall"]).values()
    assert {(r.value, r.reason) for r in rows} == {
        (None, "its ranks need more than 512 MB")
    }


def bins(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return the values of a dimension or the bins of a measure, null for none."""
    column = frame[name]
    if column.dtype == object or name in "de":
        return column
    known = column.replace(np.inf, np.nan)
    ends = known.quantile([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]).to_numpy()
    return pd.Series(np.searchsorted(ends, known), frame.index).where(known.notna())


def test_mutual_information_of_every_kind_of_pair(
    loaded: tuple[DuckEngine, object], frame: pd.DataFrame
) -> None:
    found = related(loaded)
    assert len(found) == 10
    for (a, b), row in found.items():
        both = pd.DataFrame({"a": bins(frame, a), "b": bins(frame, b)}).dropna()
        table = pd.crosstab(both["a"], both["b"]).to_numpy()
        bias = (np.count_nonzero(table) - sum(table.shape) + 1) / (2 * len(both))
        wanted = max(0, mutual_info_score(both["a"], both["b"]) - bias)
        assert row.value == pytest.approx(wanted, rel=1e-9, abs=1e-12)
        test = stats.chi2_contingency(table, lambda_="log-likelihood", correction=False)
        assert row.p_value == pytest.approx(test.pvalue, rel=1e-8)
        assert row.n_rows == len(both)
        has_bins = not {a, b} <= {"d", "e"}
        assert row.method == (mutual_information.BINS if has_bins else None)
        assert 0 <= row.normalized <= 1


def test_mutual_information_sees_what_pearson_does_not(
    loaded: tuple[DuckEngine, object],
) -> None:
    row = related(loaded)["x", "y"]
    assert row.q_value < 1e-100
    assert row.normalized > 0.3


def test_too_many_values_to_count_are_skipped_with_a_reason(
    loaded: tuple[DuckEngine, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutual_information, "MOST_COUNTS", 100)
    rows = related(loaded)
    reason = (
        "15,000 values to count are more than 100: "
        'ask for it with measures=["mutual_information"]'
    )
    assert {(r.value, r.reason) for r in rows.values()} == {(None, reason)}
    asked = related(loaded, ["mutual_information"])
    assert {pair: r.n_rows for pair, r in asked.items()} == {
        pair: r.n_rows for pair, r in rows.items()
    }
    assert all(r.value is not None for r in asked.values())


def test_distance_correlation_with_the_target(
    loaded: tuple[DuckEngine, object], frame: pd.DataFrame
) -> None:
    found = related(loaded, ["distance_correlation"], target="y")
    assert set(found) == {("x", "y"), ("z", "y")}
    for (a, b), row in found.items():
        both = finite(frame, a, b)
        x, y = (np.abs(np.subtract.outer(v, v)) for v in both[[a, b]].to_numpy().T)
        x, y = (d - d.mean(0) - d.mean(1)[:, None] + d.mean() for d in (x, y))
        wanted = np.sqrt((x * y).mean() / np.sqrt((x * x).mean() * (y * y).mean()))
        assert row.value == pytest.approx(wanted, rel=1e-9)
        assert (row.n_rows, row.method) == (len(both), None)
    assert found["x", "y"].p_value < 1e-12


def test_a_sample_is_labelled_and_comes_again_from_its_query(
    loaded: tuple[DuckEngine, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_module, "ASKED_ROWS", 300)
    row = related(loaded, ["distance_correlation"], target="y")["x", "y"]
    assert 240 < row.n_rows < 320
    assert row.method == f"a sample of {row.n_rows} rows by row number"
    drawn = loaded[0].sql(row.evidence_sql).to_pandas()
    assert len(drawn) == row.n_rows
    wanted, _ = distance_correlation(drawn["a"].to_numpy(), drawn["b"].to_numpy())
    assert row.value == pytest.approx(wanted, rel=1e-9)


def test_rows_are_drawn_evenly() -> None:
    draw = Draw.about(1_000, 1_000_000)
    rows = np.concatenate(
        [draw.places(start, 10_000) + start for start in range(0, 1_000_000, 10_000)]
    )
    assert len(rows) == pytest.approx(1_000, abs=5)
    for period in (7, 12, 24, 30, 365):
        counts = np.bincount(rows % period, minlength=period)
        assert counts.min() > 0
        assert counts.max() < 2.5 * 1_000 / period + 3
