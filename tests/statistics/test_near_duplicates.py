"""Nearly equal texts of a column, by hand."""

from __future__ import annotations

import pyarrow as pa

from dsp.engine import DuckEngine
from dsp.statistics import StatisticsEngine
from dsp.statistics.structure import Structure


def structure(engine: DuckEngine, table: pa.Table) -> Structure:
    stored = engine.put(table, "data", schema="clean")
    statistics = StatisticsEngine(engine)
    return statistics.structure(stored, statistics.profile(stored).columns)


def test_spellings_and_typos_are_listed_with_the_usual_one(engine: DuckEngine) -> None:
    texts = (
        ["Zürich"] * 40
        + ["zurich"] * 3
        + ["ZÜRICH"] * 2
        + ["Zürcih"]
        + ["it's <b>"] * 30
        + ["Geneva"] * 60
        + ["Genevva"] * 4
        + ["North"] * 20
        + ["Forth"]
        + ["Item 1", "Item 2"] * 10
        + [None] * 5
    )
    found = structure(engine, pa.table({'a "city"': texts})).near_duplicates
    assert [
        (r.canonical, r.n_canonical, r.value, r.n_rows, r.differs_by) for r in found
    ] == [
        ("Geneva", 60, "Genevva", 4, "letter"),
        ("Zürich", 40, "zurich", 3, "writing"),
        ("Zürich", 40, "ZÜRICH", 2, "writing"),
        ("Zürich", 40, "Zürcih", 1, "letter"),
    ]
    for row in found:
        assert engine.rows(row.evidence_sql) == [(row.n_rows, row.n_canonical)]
    assert found[0].fix_hint == (
        "set a \"city\" to 'Geneva' where it is 'Genevva' (4 rows)"
    )


def test_texts_that_hardly_repeat_are_left_alone(engine: DuckEngine) -> None:
    names = [f"name {chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(100)]
    found = structure(engine, pa.table({"name": [*names, "Name aa"]}))
    assert found.near_duplicates == ()
    said = {s.search: s.reason for s in found.searches}
    assert said["near_duplicates"] is None


def test_columns_of_too_many_texts_are_counted(engine: DuckEngine) -> None:
    texts = [f"word {i}" for i in range(2_001)] * 2
    found = structure(engine, pa.table({"word": texts, "kind": ["a", "b"] * 2_001}))
    said = {s.search: (s.n_tested, s.reason) for s in found.searches}
    assert said["near_duplicates"] == (
        1,
        "1 text column with too many or too long values not looked at",
    )
