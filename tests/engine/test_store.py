from __future__ import annotations

from datetime import UTC, datetime

from dsp.engine import DuckEngine, Store
from dsp.engine.store import as_arrow, kinds
from dsp.records import RECORDS, Insight, Step


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


def test_nan_and_infinity_are_stored_as_missing() -> None:
    stored = as_arrow(Step, [a_step(n_changed=float("nan")), a_step()])
    assert stored["n_changed"].null_count == 2


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


def test_whole_numbers_beyond_doubles_are_rounded_not_refused() -> None:
    from dsp.records import HistogramBin

    low = -5_000_000_000_000_000_001
    edge = HistogramBin(
        column_name="a", bin=1, low=low, high=0, n_rows=1, profile_sql="select 1"
    )
    assert as_arrow(HistogramBin, [edge])["low"].to_pylist() == [-5e18]
