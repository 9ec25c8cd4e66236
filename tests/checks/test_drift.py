"""Statistics of drift agree with scipy, from counts that the engine takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

import dsp
from dsp.checks import DataValidator, Validation
from dsp.engine.drift import as_number, bins_of, counts, ks_statistic, statistic
from dsp.engine.relation import Relation

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

RNG = np.random.default_rng(5)
OLD = RNG.normal(10, 3, 5_000).round(2)
NEW = RNG.normal(10.3, 3.3, 3_000).round(2)
PLACES = np.array(list("abcdef"))
OLD_PLACE = RNG.choice(PLACES[:5], 4_000, p=[0.4, 0.3, 0.15, 0.1, 0.05])
NEW_PLACE = RNG.choice(PLACES, 1_500, p=[0.35, 0.3, 0.15, 0.1, 0.05, 0.05])


def relation(engine: DuckEngine, name: str, values: Any) -> Relation:
    engine.put(pa.table({"x": pa.array(values)}), name)
    return Relation.of(engine.table(name), engine)


@pytest.fixture
def numbers(engine: DuckEngine) -> tuple[Relation, Relation]:
    """Return the new and the old numbers, with a null and a NaN."""
    old, new = [*OLD, None, float("nan")], [*NEW, None, float("nan")]
    return relation(engine, "new", new), relation(engine, "old", old)


def cells(here: Relation, there: Relation) -> tuple[list[int], list[int], str]:
    """Return counts of both in bins of the reference, and the SQL of the former."""
    bins = bins_of(there, there.columns[0])
    mine = counts(here.columns[0], bins)
    ((h,),) = here.engine.rows(f"select {mine} from {here.sql} as t")
    ((r,),) = there.engine.rows(
        f"select {counts(there.columns[0], bins)} from {there.sql} as t"
    )
    return h, r, mine


def figure(here: Relation, sql: str) -> float:
    return float(here.engine.rows(f"select {sql} from {here.sql} as t")[0][0])


def test_counts_in_deciles_agree_with_numpy(numbers: tuple[Relation, Relation]):
    edges = np.quantile(OLD, np.arange(1, 10) / 10, method="inverted_cdf")
    new, old, _ = cells(*numbers)
    bounds = [-np.inf, *np.nextafter(edges, np.inf), np.inf]
    assert new == np.histogram(NEW, bounds)[0].tolist()
    assert old == np.histogram(OLD, bounds)[0].tolist()


def test_counts_of_categories_keep_new_ones_apart(engine: DuckEngine):
    here = relation(engine, "new", ["a", "a", "", "z", "it's", None])
    there = relation(engine, "old", ["", "a", "a", "it's", None])
    assert cells(here, there)[:2] == ([2, 1, 1, 1], [2, 1, 1, 0])


def test_population_stability_agrees_with_its_formula(numbers: tuple[Relation, Relation]):
    new, old, mine = cells(*numbers)
    p, q = np.array(new) / sum(new), np.array(old) / sum(old)
    p, q = np.maximum(p, 1e-4), np.maximum(q, 1e-4)
    wanted = float(((p - q) * np.log(p / q)).sum())
    assert figure(numbers[0], statistic("psi", mine, old)) == pytest.approx(
        wanted, rel=1e-9
    )


def test_jensen_shannon_agrees_with_scipy(engine: DuckEngine):
    here = relation(engine, "new", NEW_PLACE)
    new, old, mine = cells(here, relation(engine, "old", OLD_PLACE))
    wanted = jensenshannon(new, old, base=2)
    found = figure(here, statistic("jensen_shannon", mine, old))
    assert found == pytest.approx(wanted, rel=1e-9)


def test_chi_square_agrees_with_scipy(engine: DuckEngine):
    here = relation(engine, "new", NEW_PLACE)
    new, old, mine = cells(here, relation(engine, "old", OLD_PLACE))
    table = np.array([new, old])
    expected = stats.contingency.expected_freq(table)
    wanted = stats.chisquare(table.ravel(), expected.ravel()).statistic
    assert figure(here, statistic("chi_square", mine, old)) == pytest.approx(
        wanted, rel=1e-9
    )
    assert stats.chi2_contingency(table, correction=False).statistic == pytest.approx(
        wanted, rel=1e-9
    )


def test_kolmogorov_smirnov_agrees_with_scipy(numbers: tuple[Relation, Relation]):
    here, there = numbers
    mine, other = as_number(here.columns[0]), as_number(there.columns[0])
    assert mine is not None
    assert other is not None
    found = figure(here, ks_statistic(here, mine, there, other))
    wanted = stats.ks_2samp(NEW, OLD, method="asymp")
    assert found == pytest.approx(wanted.statistic, rel=1e-9)


def found(engine: DuckEngine, new: Any, old: Any, **parameters: Any) -> Validation:
    here, there = pa.table({"x": pa.array(new)}), pa.table({"x": pa.array(old)})
    engine.put(here, "new")
    engine.put(there, "old")
    rule = dsp.rule("distribution", "x", to="old.csv", **parameters)
    tables = {"old.csv": engine.table("old")}
    table = engine.table("new")
    return DataValidator(engine).validate(table, rules=[rule], references=tables)


@pytest.mark.parametrize(
    ("method", "new", "old", "p"),
    [
        ("ks", NEW, OLD, stats.ks_2samp(NEW, OLD, method="asymp").pvalue),
        (
            "chi_square",
            NEW_PLACE,
            OLD_PLACE,
            stats.chi2_contingency(
                [[(x == c).sum() for c in PLACES] for x in (NEW_PLACE, OLD_PLACE)]
            ).pvalue,
        ),
    ],
)
def test_the_p_value_decides(
    engine: DuckEngine, method: str, new: Any, old: Any, p: float
):
    outcomes = [
        found(engine, new, old, method=method, min_p=limit).results[0].outcome
        for limit in (p * (1 - 1e-5), p * (1 + 1e-5))
    ]
    assert outcomes == ["passed", "failed"]


@pytest.mark.parametrize("method", ["psi", "jensen_shannon", "ks", "chi_square"])
def test_the_same_data_has_not_drifted(engine: DuckEngine, method: str):
    (result,) = found(engine, OLD, OLD, method=method).results
    assert (result.outcome, result.n_failed) == ("passed", 0)
    (moved,) = found(engine, OLD + 5, OLD, method=method).results
    assert (moved.outcome, moved.n_failed) == ("failed", 1)


def test_dates_are_compared_as_moments(engine: DuckEngine):
    old = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")
    assert found(engine, old, old, method="ks").results[0].outcome == "passed"
    late = old + np.timedelta64(40, "D")
    (result,) = found(engine, late, old, method="ks").results
    assert result.outcome == "failed"
    assert "is 0.6667" in result.observed


def test_what_cannot_be_compared_is_said(engine: DuckEngine):
    cases = [
        ({"method": "psi", "min_p": 0.1}, OLD, "psi has no p value"),
        ({"method": "ks", "min_p": 0.1, "max": 0.1}, OLD, "exclude each other"),
        ({"method": "ks"}, PLACES, "holds DOUBLE, and x of the other table VARCHAR"),
    ]
    for parameters, old, words in cases:
        validation = found(engine, NEW, old, **parameters)
        assert [r.outcome for r in validation.results] == ["not_evaluated"]
        assert words in validation.problems[0].error
    (nothing,) = found(engine, NEW, pa.array([], pa.float64())).results
    assert nothing.reason == "one of the tables has no values"
