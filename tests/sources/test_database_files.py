"""SQLite and DuckDB files: nothing lost, nothing run, nothing left beside."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dsp.engine import DuckEngine
from dsp.errors import SourceError
from dsp.sources import DataReader

if TYPE_CHECKING:
    from pathlib import Path

    from dsp.sources import Loaded


def load(engine: DuckEngine, source: Any, **options: Any) -> Loaded:
    return DataReader().load(DataReader().locate(source, options=options), engine)


def sqlite(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as con:
        for statement in statements:
            con.execute(statement)
        con.commit()
    return path


def test_rows_in_the_log_are_read_and_nothing_is_written(
    engine: DuckEngine, tmp_path: Path
) -> None:
    path = tmp_path / "t.sqlite"
    with closing(sqlite3.connect(path)) as con:
        con.execute("pragma journal_mode = wal")
        con.execute("pragma wal_autocheckpoint = 0")
        con.execute("create table t (a int)")
        con.execute("insert into t values (1), (2)")
        con.commit()
        con.execute("pragma wal_checkpoint")
        con.execute("insert into t values (3)")
        con.commit()
        before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
        load(engine, path)
        assert engine.rows("from raw.data") == [(1,), (2,), (3,)]
        assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
        lone = shutil.copy(path, tmp_path / "lone.sqlite")
    with pytest.raises(SourceError, match="the newest rows may be missing") as caught:
        load(engine, lone)
    assert "wal=none" in caught.value.hint
    load(engine, lone, wal="none")
    assert engine.rows("from raw.data") == [(1,), (2,)]


def test_values_of_several_types_are_all_kept(engine: DuckEngine, tmp_path: Path) -> None:
    path = sqlite(
        tmp_path / "t.sqlite",
        "create table t (a, b, c, d)",
        "insert into t values (1, 2.5, x'ff00', 1)",
        "insert into t values ('x', 9007199254740993, 't', 2.5)",
    )
    loaded = load(engine, path)
    assert engine.rows("from raw.data") == [
        ("1", "2.5", "x'FF00'", 1.0),
        ("x", "9007199254740993", "t", 2.5),
    ]
    assert loaded.decisions["warnings"] == [
        'column "a" holds 1 integer, 1 text; read as text',
        'column "b" holds 1 integer, 1 real; read as text',
        'column "c" holds 1 text, 1 blob; read as text',
    ]


def test_kinds_of_tables(engine: DuckEngine, tmp_path: Path) -> None:
    path = sqlite(
        tmp_path / "t.sqlite",
        "create table plain (k text primary key, v int) without rowid",
        "insert into plain values ('a', 1)",
        'create table "we ird""t" (a int, b int generated always as (a * 2))',
        'insert into "we ird""t" values (4)',
        "create view v as select 1 as x",
        "create virtual table f using fts5(a)",
    )
    with pytest.raises(SourceError, match="holds 2 tables") as caught:
        load(engine, path)
    assert caught.value.hint.endswith('tables: plain, we ird"t')
    load(engine, f"{path}::plain")
    assert engine.rows("from raw.data") == [("a", 1)]
    load(engine, path, table='we ird"t')
    assert engine.rows("from raw.data") == [(4, 8)]
    for name in ("v", "f_data"):
        with pytest.raises(SourceError, match=f'no table named "{name}"'):
            load(engine, path, table=name)


def test_text_that_is_not_utf8_is_said(engine: DuckEngine, tmp_path: Path) -> None:
    path = sqlite(
        tmp_path / "t.sqlite",
        "create table t (a text)",
        "insert into t values (cast(x'636166e9' as text))",
    )
    loaded = load(engine, path)
    assert engine.rows("from raw.data") == [("café",)]
    said = "texts that are not UTF-8 were read as cp1252: 1"
    assert loaded.decisions["warnings"] == [said]


def test_damaged_pages_are_an_error(engine: DuckEngine, tmp_path: Path) -> None:
    rows = [f"insert into t values ({i}, '{'x' * 50}')" for i in range(2_000)]
    path = sqlite(tmp_path / "t.sqlite", "create table t (a int, b text)", *rows)
    whole = path.read_bytes()
    for start, stop in ((4096 * 3, 4096 * 3 + 200), (4096 * 9, 4096 * 10)):
        path.write_bytes(whole[:start] + b"\xff" * (stop - start) + whole[stop:])
        with pytest.raises(SourceError, match=r"t\.sqlite: .*(damaged|malformed)"):
            load(engine, path)
    path.write_bytes(whole[: 4096 * 5 + 7])
    with pytest.raises(SourceError, match=r"t\.sqlite: "):
        load(engine, path)


def test_duckdb_types_come_through_exactly(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "t.duckdb"
    other = DuckEngine(path)
    other.execute(
        "create table t as select "
        "170141183460469231731687303715884105727::hugeint as h, 5::uhugeint as uh, "
        "'0101'::bit as b, 'c6e8a1f0-0000-4000-8000-000000000000'::uuid as u, "
        "interval '1 month' as i, '12:00:00+01:00'::timetz as tz, "
        "[1::hugeint] as l, 1.50::decimal(38, 2) as d, "
        "timestamp_ns '2024-01-01 00:00:00.123456789' as ns, {'a': [1, 2]} as s"
    )
    wanted = other.rows("select columns(*)::varchar from t")
    kinds = [row[1] for row in other.rows("describe t")]
    other.close()
    loaded = load(engine, path)
    assert engine.rows("select columns(*)::varchar from raw.data") == wanted
    found = [row[1] for row in engine.rows("describe raw.data")]
    assert found == [*kinds[:6], "VARCHAR", *kinds[7:]]
    assert loaded.decisions["warnings"] == ['column "l" was read as text']


def test_views_and_logs_of_duckdb(engine: DuckEngine, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\nsecret\n")
    path = tmp_path / "t.duckdb"
    other = DuckEngine(path)
    other.execute(f"create view v as select * from read_csv('{secret}')")
    other.execute("set checkpoint_threshold = '1GB'")
    other.execute("create table t as select 1 as a")
    copy = tmp_path / "copy.duckdb"
    shutil.copy(path, copy)
    shutil.copy(f"{path}.wal", f"{copy}.wal")
    other.close()
    load(engine, copy)
    assert engine.rows("from raw.data") == [(1,)]
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "copy.duckdb",
        "copy.duckdb.wal",
        "secret.csv",
        "t.duckdb",
    ]
    with pytest.raises(SourceError, match='no table named "v"'):
        load(engine, f"{path}::v")


def test_damaged_duckdb_files(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "t.duckdb"
    other = DuckEngine(path)
    other.execute("create table t as select range as a from range(10000)")
    other.close()
    whole = path.read_bytes()
    for damaged in (
        whole[:12] + b"\xc8" + whole[13:],
        whole[:5_000] + bytes([whole[5_000] ^ 1]) + whole[5_001:],
        whole[:9_000],
    ):
        path.write_bytes(damaged)
        with pytest.raises(SourceError, match=r"t\.duckdb: cannot be read as DuckDB"):
            load(engine, path)
