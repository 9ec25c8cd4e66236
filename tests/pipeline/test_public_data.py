"""Findings in real data: their queries run, say the same again, and read well."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import dsp
from dsp.exports.insights import document

if TYPE_CHECKING:
    from pathlib import Path

SETS = {
    "cars.json": "Miles_per_Gallon",
    "diamonds.csv": "price",
    "flights-200k.arrow": "delay",
    "gapminder.json": "life_expect",
    "github.csv": "count",
    "movies.json": "IMDB Rating",
    "penguins.csv": "body_mass_g",
    "seattle-weather.csv": "temp_max",
    "stocks.csv": "price",
    "taxis.csv": "tip",
    "titanic.csv": "survived",
}
UNSAID = re.compile(r"\b(nan|None|inf|null)\b|\{|\}")


@pytest.mark.shared
@pytest.mark.parametrize(("name", "target"), SETS.items())
def test_every_query_runs_and_every_sentence_is_whole(
    shared_data: Path, tmp_path: Path, name: str, target: str
) -> None:
    path = tmp_path / "found.duckdb"
    report = dsp.find_insights(shared_data / name, target=target, output=path)
    assert report.problems == ()
    assert len(report) > 0
    with dsp.open_run(path) as opened:
        names = {c.column_name for c in opened.profile}
        for insight in opened.insights:
            first = opened.sql(insight.evidence_sql).to_pylist()
            assert first, insight.title
            again = opened.sql(insight.evidence_sql).to_pylist()
            assert again == [_about(row) for row in first], insight.title
            assert set(insight.columns) <= names
            assert 10 < len(insight.title) <= 90
            for text in (insight.title, insight.statement, insight.recommendation):
                assert text.strip() == text != ""
                assert not UNSAID.search(text), text


def _about(row: dict[str, Any]) -> dict[str, Any]:
    """Leave the last digits open: the engine adds in the order its threads come in."""
    return {
        name: pytest.approx(value, rel=1e-12) if isinstance(value, float) else value
        for name, value in row.items()
    }


@pytest.mark.shared
@pytest.mark.parametrize("name", ["titanic.csv", "flights-200k.arrow"])
def test_findings_do_not_depend_on_threads(shared_data: Path, name: str) -> None:
    one, two = (
        document(
            dsp.find_insights(
                shared_data / name, target=SETS[name], explained=True, threads=threads
            )
        )
        for threads in (1, 2)
    )
    floats = {"score", "effect", "p_value", "q_value", "statistic", "stability"}
    for a, b in zip(one, two, strict=True):
        for key, value in a.items():
            if key in floats and value is not None:
                assert b[key] == pytest.approx(value, rel=1e-9)
            else:
                assert b[key] == value, key
