from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from struct import Struct
from typing import Any

from dsp.engine import DuckEngine, Store
from dsp.engine.store import kinds
from dsp.records import RECORDS, Association, HistogramBin, Insight, Step


def a_step(**values: object) -> Step:
    base = {
        "position": 1,
        "transform": "trim",
        "columns": ("it's", "b"),
        "reason": "spaces",
        "sql": "select 1",
        "n_rows_before": 3,
        "n_rows_after": 3,
        "is_reversible": True,
    }
    return Step(**{**base, **values})  # type: ignore[arg-type]


def an_edge(**values: object) -> HistogramBin:
    base = {"column_name": "a", "bin": 1, "low": 0, "high": 0, "n_rows": 1}
    return HistogramBin(**{**base, "profile_sql": "select 1", **values})  # type: ignore[arg-type]


def test_records_come_back_as_they_went_in(engine: DuckEngine) -> None:
    store = Store(engine)
    store.create()
    steps = [a_step(position=i, n_changed=None if i % 2 else i) for i in range(1, 6)]
    assert store.insert(steps) == 5
    assert store.read(Step) == steps


def test_every_table_is_created_and_empty(engine: DuckEngine) -> None:
    store = Store(engine)
    store.create()
    for record in RECORDS:
        assert store.read(record) == []


def test_nan_and_infinity_are_stored_as_missing(engine: DuckEngine) -> None:
    store = Store(engine)
    store.create()
    values = [float("nan"), float("inf"), -0.0, 5e-324, 1.7976931348623157e308, 0.1]
    texts = ("association_id", "column_a", "column_b", "measure", "correction")
    row: Any = dict.fromkeys((*texts, "evidence_sql"), "a")
    row |= {"is_target": False, "n_tests": 1, "n_rows": 1}
    store.insert(Association(**row, value=value) for value in values)
    found = [row.value for row in store.read(Association)]
    assert found == [None, None, 0.0, 5e-324, 1.7976931348623157e308, 0.1]


def test_any_text_comes_back(engine: DuckEngine) -> None:
    store = Store(engine)
    store.create()
    texts = ("it's", 'a "b" \\n', "\x00\x1f", "😀 é", "', '[]')) --", "$a {b}", "")
    store.insert(an_edge(column_name=text) for text in texts)
    assert tuple(row.column_name for row in store.read(HistogramBin)) == texts


def test_half_a_character_is_replaced(engine: DuckEngine) -> None:
    store = Store(engine)
    store.create()
    store.insert([an_edge(column_name="a\udcff")])
    assert store.read(HistogramBin)[0].column_name == "a?"


def test_random_doubles_come_back_bit_for_bit(engine: DuckEngine) -> None:
    store = Store(engine)
    store.create()
    random = Random(1)
    bits = [random.getrandbits(64).to_bytes(8, "little") for _ in range(2_000)]
    edges = [edge for (edge,) in map(Struct("d").unpack, bits) if edge - edge == 0]
    store.insert(an_edge(low=low) for low in edges)
    assert [row.low for row in store.read(HistogramBin)] == edges


def test_kinds_cover_every_field() -> None:
    known = {"str", "int", "float", "bool", "list", "datetime"}
    for record in RECORDS:
        assert set(kinds(record).values()) <= known, record


def test_kind_of_lists_times_and_optional_figures() -> None:
    assert kinds(Insight)["columns"] == "list"
    assert kinds(Insight)["p_value"] == "float"
    assert kinds(Insight)["asserted"] == "bool"


def test_times_keep_their_zone(engine: DuckEngine) -> None:
    from dsp.records import Artifact

    store = Store(engine)
    store.create()
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    artifact = Artifact(name="a", kind="report", n_bytes=1, sha256="x", written_at=now)
    store.insert([artifact])
    assert store.read(Artifact)[0].written_at == now


def test_whole_numbers_beyond_doubles_are_rounded_not_refused(
    engine: DuckEngine,
) -> None:
    store = Store(engine)
    store.create()
    store.insert([an_edge(low=-5_000_000_000_000_000_001)])
    assert store.read(HistogramBin)[0].low == -5e18
