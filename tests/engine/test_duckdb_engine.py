from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pytest

from dsp.engine import DuckEngine, engine_for
from dsp.engine.duckdb_engine import literal, quote
from dsp.errors import CancelledError, DspError, QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_fetch_counts_scans_and_bytes(engine: DuckEngine) -> None:
    table = engine.put(pa.table({"a": [1, 2, 3]}), "data", schema="raw")
    before = engine.n_scans
    result = engine.fetch(table.aggregate(total=table["a"].sum()))
    assert result.to_pylist() == [{"total": 6}]
    assert engine.n_scans == before + 1
    assert engine.bytes_fetched >= 8


def test_fetch_returns_the_types_of_the_expression(engine: DuckEngine) -> None:
    table = engine.put(pa.table({"a": pa.array([1, 2], pa.int64())}), "data")
    assert engine.fetch(table.aggregate(s=table["a"].sum())).schema.field("s").type == (
        pa.int64()
    )


def test_fetch_batches_gives_every_row(engine: DuckEngine) -> None:
    table = engine.put(pa.table({"a": list(range(10_000))}), "data")
    batches = list(engine.fetch_batches(table, n_rows=2_048))
    assert len(batches) > 1
    assert sum(batch.num_rows for batch in batches) == 10_000


@pytest.mark.parametrize("name", ["it's", 'a "b"', "🦆", "x; drop table y", "n" * 300])
def test_hostile_names_are_only_names(engine: DuckEngine, name: str) -> None:
    engine.put(pa.table({name: [1]}), name, schema="raw")
    assert engine.sql(f"from raw.{quote(name)}").column_names == [name]


def test_literal_escapes_quotes(engine: DuckEngine) -> None:
    text = "it's; --"
    assert engine.rows(f"select {literal(text)}") == [(text,)]


def test_engine_of_an_ibis_table_is_found_or_made() -> None:
    table = ibis.memtable(pa.table({"a": [1, 2]}))
    engine = engine_for(table)
    assert engine.fetch(table.aggregate(n=table.count())).to_pylist() == [{"n": 2}]
    assert engine_for(table) is engine


def test_transaction_leaves_nothing_when_it_fails(engine: DuckEngine) -> None:
    def half() -> None:
        with engine.transaction():
            engine.execute("create table t (a integer)")
            engine.execute("from no_such_table")

    with pytest.raises(QueryError, match="no_such_table"):
        half()
    assert engine.rows("select count(*) from information_schema.tables") == [(0,)]


def test_lock_lets_only_named_files_be_read(engine: DuckEngine, tmp_path: Path) -> None:
    allowed, other = tmp_path / "a.csv", tmp_path / "b.csv"
    allowed.write_text("x\n1\n")
    other.write_text("x\n2\n")
    engine.lock([str(allowed)])
    assert engine.rows("from read_csv($p)", {"p": str(allowed)}) == [(1,)]
    with pytest.raises(QueryError, match="disabled"):
        engine.rows("from read_csv($p)", {"p": str(other)})


@pytest.mark.parametrize(
    "statement",
    [
        "set enable_external_access = true",
        "set lock_configuration = false",
        "attach '/tmp/x.duckdb'",
        "copy (select 1) to '/tmp/x.csv'",
        "install httpfs",
        "set allowed_paths = ['/etc/passwd']",
    ],
)
def test_lock_holds(engine: DuckEngine, statement: str) -> None:
    engine.lock()
    with pytest.raises(QueryError, match=r"(?i)lock|disabled|cannot"):
        engine.execute(statement)


def test_python_variables_are_not_tables(engine: DuckEngine) -> None:
    secret = pa.table({"a": [1]})
    assert secret.num_rows == 1
    with pytest.raises(QueryError, match="secret"):
        engine.rows("from secret")


@contextmanager
def _interrupting(engine: DuckEngine) -> Iterator[None]:
    """Interrupt again and again: an idle engine forgets the one that came too early."""
    finished = threading.Event()

    def interrupt() -> None:
        while not finished.wait(0.1):
            engine.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()


def test_interrupt_stops_a_query_from_another_thread(engine: DuckEngine) -> None:
    with pytest.raises(CancelledError, match="cancelled"), _interrupting(engine):
        engine.rows("select count(*) from range(1000000) a, range(1000000) b")


def test_interrupt_stops_a_stream_before_its_first_batch(engine: DuckEngine) -> None:
    table = engine.backend.sql(
        "select count(*) as n from range(1000000) a, range(1000000) b"
    )
    with pytest.raises(CancelledError, match="cancelled"), _interrupting(engine):
        next(engine.fetch_batches(table))


@pytest.mark.parametrize("method", ["batches", "ordered_batches"])
def test_interrupt_between_two_batches_stops_a_stream(
    engine: DuckEngine, method: str
) -> None:
    stream = getattr(engine, method)("select range as i from range(10000000)")
    next(stream)
    engine.interrupt()
    with pytest.raises(CancelledError, match="cancelled"):
        for _ in stream:
            pass
    assert engine.rows("select 1") == [(1,)]


def test_progress_rises_while_a_query_runs(engine: DuckEngine) -> None:
    seen: list[float] = []
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(0.02):
            share = engine.progress()
            if share:
                seen.append(share)

    engine.execute("create table t as select range a from range(1000000)")
    thread = threading.Thread(target=watch)
    thread.start()
    engine.rows("select count(distinct md5(a::varchar)) from t")
    finished.set()
    thread.join()
    assert seen
    assert all(0 < share <= 1 for share in seen)


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(DspError, match="cannot be opened as a DuckDB database"):
        DuckEngine(path)


def test_a_literal_holds_any_text(engine: DuckEngine) -> None:
    for text in ("it's", "a\0b", "\0", "", "';--"):
        assert engine.rows(f"select {literal(text)}") == [(text,)]
