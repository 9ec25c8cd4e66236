from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from statsmodels.stats.multitest import multipletests

import dsp
from dsp.detectors import Candidate, Detected, PatternDetector
from dsp.detectors.words import name
from dsp.engine import DuckEngine
from dsp.insights import InsightGenerator
from dsp.insights.control import holm
from dsp.insights.ranking import strength
from dsp.records import Insight
from dsp.statistics import StatisticsEngine


def insights_of(
    engine: DuckEngine, data: Any, **given: Any
) -> tuple[tuple[Insight, ...], Detected]:
    table = engine.put(data, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(table, **given).columns
    detected = PatternDetector(engine).detect(table, columns, **given)
    found = InsightGenerator().generate(
        detected, columns, target=given.get("target"), n_rows=data.num_rows
    )
    return found, detected


def figures(engine: DuckEngine, sql: str) -> list[float]:
    rows = engine.sql(sql).to_pylist()
    return [
        float(v)
        for row in rows
        for v in row.values()
        if v is not None and not isinstance(v, (str, date))
    ]


def mixed() -> pa.Table:
    """Return rows with every kind of story, times and gaps."""
    rng = np.random.default_rng(11)
    n = 3_000
    at = np.sort(rng.integers(0, 800, n))
    days = [date(2022, 1, 1) + timedelta(days=int(i)) for i in at]
    kind = rng.choice(["a", "b", "c", "it's"], n, p=[0.7, 0.1, 0.1, 0.1])
    x = rng.gamma(2, 5, n)
    y = 2 * x + np.where(kind == "it's", 40, 0) + at * 0.02 + rng.normal(size=n)
    gap = rng.normal(size=n)
    gap[(kind == "b") & (rng.random(n) < 0.6)] = np.nan
    return pa.table(
        {
            "when": days,
            "kind": kind.tolist(),
            "KIND": np.char.upper(kind).tolist(),
            "x": x,
            "w": x * 0.5 + rng.normal(size=n),
            "gap": pa.array(gap, from_pandas=True),
            "tail": np.exp(rng.normal(size=n) * 1.5),
            "y": y,
            "won": (y > np.median(y)).tolist(),
            "level": np.where(y > 60, "high", np.where(y > 20, "mid", "low")).tolist(),
            "same": ["only"] * n,
        }
    )


@pytest.mark.parametrize("target", [None, "y", "won", "level"])
def test_every_evidence_query_gives_the_figures_of_its_record(
    engine: DuckEngine, target: str | None
) -> None:
    data = mixed().rename_columns(
        [c.replace("KIND", "kind upper") for c in mixed().column_names]
    )
    found, _ = insights_of(engine, data, target=target, time="when")
    assert sum(i.asserted for i in found) > 5
    for insight in found:
        numbers = figures(engine, insight.evidence_sql)
        for value in (insight.value, insight.baseline):
            if value is not None:
                assert any(v == pytest.approx(value, rel=1e-9) for v in numbers), insight


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "target"),
    [("penguins.csv", "species"), ("titanic.csv", "survived"), ("taxis.csv", "fare")],
)
def test_evidence_holds_on_real_data(
    engine: DuckEngine, shared_data: Path, file: str, target: str
) -> None:
    from pyarrow import csv

    found, _ = insights_of(engine, csv.read_csv(shared_data / file), target=target)
    for insight in found:
        numbers = figures(engine, insight.evidence_sql)
        for value in (insight.value, insight.baseline):
            if value is not None:
                assert any(v == pytest.approx(value, rel=1e-9) for v in numbers), insight


def test_insights_are_ranked_and_complete(engine: DuckEngine, sales: Any) -> None:
    found, detected = insights_of(engine, sales, target="revenue")
    asserted = [i for i in found if i.asserted]
    assert [i.rank for i in found] == list(range(1, len(found) + 1))
    for part in (
        [i for i in asserted if i.is_said],
        [i for i in asserted if not i.is_said],
    ):
        assert [i.score for i in part] == sorted([i.score for i in part], reverse=True)
    ids = {i.insight_id for i in found}
    assert len(ids) == len(found)
    for insight in found:
        assert insight.n_tests == detected.n_tests
        assert len(insight.title) <= 90
        assert insight.statement.endswith(".")
        assert insight.explained_by is None or insight.explained_by in ids
        assert "nan" not in insight.statement.split()
        if insight.asserted and insight.p_value is not None:
            assert (insight.q_value or 0) < 0.05
    quiet = [i for i in found if not i.asserted]
    assert 0 < len(quiet) <= 20
    assert all(i.statement.startswith("No evidence ") for i in quiet)
    assert all(i.chart_id is None for i in quiet)


def test_holm_agrees_with_statsmodels() -> None:
    p = [0.001, 0.04, 0.03, 0.2, 0.0004]
    oracle = multipletests(p, method="holm")[1]
    assert holm(p, 5) == pytest.approx(list(oracle))
    assert holm([0.01], 10) == pytest.approx([0.1])


def test_nothing_in_gives_nothing_out() -> None:
    assert InsightGenerator().generate(Detected(), (), n_rows=0) == ()


def test_unknown_columns_are_not_spoken_of(engine: DuckEngine, sales: Any) -> None:
    stranger = Candidate(
        kind="driver", columns=("nope",), evidence_sql="", shape="bars", n_rows=1
    )
    found, detected = insights_of(engine, sales)
    with_stranger = replace(detected, candidates=(*detected.candidates, stranger))
    table = engine.table("data", schema="clean")
    columns = StatisticsEngine(engine).profile(table).columns
    again = InsightGenerator().generate(with_stranger, columns, n_rows=2_000)
    assert again == found


def test_the_context_moves_what_it_names_up(engine: DuckEngine, sales: Any) -> None:
    table = engine.put(sales, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(table, target="revenue").columns
    detected = PatternDetector(engine).detect(table, columns, target="revenue")

    def best(context: str | None) -> int:
        found = InsightGenerator().generate(
            detected, columns, target="revenue", context=context, n_rows=2_000
        )
        return next(i.rank for i in found if "discount" in i.columns)

    assert best("we doubt our discount policy") <= best(None)


def test_names_are_cut_to_one_line() -> None:
    assert name("a\nb" + "x" * 300).startswith("a bx")
    assert name(" ") == "(blank)"


def test_a_share_that_rows_explain_is_weaker() -> None:
    def carries(rows: float) -> Candidate:
        return Candidate(
            kind="dominance",
            columns=("team", "sales"),
            effect_name="share_of_total",
            effect=0.81,
            impact=0.81,
            n_rows=100,
            evidence_sql="select 1",
            shape="share",
            facts={"row_share": rows},
        )

    assert strength(carries(0.81)) == pytest.approx(0.1)
    assert strength(carries(0.2)) > 0.7


def test_a_column_that_is_missing_wherever_another_is_known_warns_of_nothing() -> None:
    rng = np.random.default_rng(2)
    n = 400
    first = np.arange(n) < n // 2
    # Warnings are errors here: a correlation with what does not vary divides by zero.
    data = {
        "a": np.where(first, rng.normal(size=n), np.nan),
        "b": np.where(first, np.nan, rng.normal(size=n)),
        "c": rng.normal(size=n),
    }
    assert dsp.find_insights(pa.table(data)).n_tests > 0
