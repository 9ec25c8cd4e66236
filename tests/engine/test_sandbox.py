"""Hostile statements on a locked connection: refused, and nothing happens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dsp.engine import DuckEngine
from dsp.engine.sandbox import WANTED, LockedEngine, open_locked, open_results
from dsp.errors import DspError, QueryError, RunNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSED = [
    "copy (select 1) to '{out}'",
    "copy data to '{out}' (format parquet)",
    "export database '{out}'",
    "attach '{out}' as other",
    "create table t as select 1",
    "insert into data values (2)",
    "delete from data",
    "drop table data",
    "update data set a = 2",
    "set enable_external_access = true",
    "reset threads",
    "set variable x = 1",
    "install httpfs",
    "load httpfs",
    "call pragma_version()",
    "checkpoint",
    "prepare p as select 1",
    "explain analyze select 1",
    "use memory",
    "begin transaction",
    "select 1; select 2",
    "select 1; copy (select 1) to '{out}'",
]
UNREACHABLE = [
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/hostname')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from glob('/*')",
    "select * from parquet_metadata('/etc/passwd')",
    "select getenv('HOME')",
    "select * from secret_frame",
    "from query('copy (select 1) to ''{out}''')",
    "select * from read_csv('https://example.com/x.csv')",
    "select * from duckdb_secrets()",
]


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[LockedEngine]:
    path = tmp_path / "some.duckdb"
    made = DuckEngine(path)
    made.execute("create table data as select 1 as a")
    made.close()
    engine = open_locked(path)
    yield engine
    engine.close()


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_single_select_is_refused(
    locked: LockedEngine, tmp_path: Path, text: str
) -> None:
    with pytest.raises(QueryError, match="refused"):
        locked.select(text.format(out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    assert locked.select("from data").to_pylist() == [{"a": 1}]


@pytest.mark.parametrize("text", UNREACHABLE)
def test_a_select_reaches_nothing_outside(
    locked: LockedEngine, tmp_path: Path, text: str
) -> None:
    secret_frame = {"password": ["hunter2"]}
    with pytest.raises(QueryError, match="Error"):
        locked.select(text.format(out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    assert secret_frame


@pytest.mark.parametrize(
    "text",
    [
        "from data",
        "with x as (select 1 as a) from x",
        "values (1)",
        "describe data",
        "summarize data",
        "show tables",
        "select a from data; -- the end",
    ],
)
def test_reading_is_answered(locked: LockedEngine, text: str) -> None:
    assert locked.select(text).num_rows == 1


def test_every_setting_is_read_back(locked: LockedEngine) -> None:
    assert {name: locked.setting(name).casefold() for name in WANTED} == WANTED


def test_the_file_cannot_be_written(locked: LockedEngine) -> None:
    with pytest.raises(QueryError, match="read-only"):
        locked.execute("create table t as select 1")


def test_no_statement_is_said(locked: LockedEngine) -> None:
    with pytest.raises(QueryError, match="the query is empty"):
        locked.select("-- nothing")


def test_an_error_keeps_the_text_of_the_engine(locked: LockedEngine) -> None:
    with pytest.raises(QueryError, match='Referenced column "b" not found'):
        locked.select("select b from data")


def test_an_error_on_the_way_is_ours(locked: LockedEngine) -> None:
    text = "select if(i > 300_000, error('late'), i) from range(400_000) as t(i)"
    # The engine itself answers "Interrupted" a few times in a hundred.
    for _ in range(100):
        with pytest.raises(QueryError, match="late"):
            locked.select(text)


def test_values_are_bound(locked: LockedEngine) -> None:
    found = locked.select("select a from data where a = $wanted", {"wanted": 1})
    assert found.num_rows == 1


def test_a_database_without_a_run_is_said(tmp_path: Path) -> None:
    DuckEngine(tmp_path / "other.duckdb").close()
    with pytest.raises(RunNotFoundError, match="holds no run"):
        open_results(tmp_path / "other.duckdb")


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "text.duckdb"
    path.write_text("hello " * 1_000, encoding="utf-8")
    with pytest.raises(DspError, match="cannot be opened as a DuckDB database"):
        open_locked(path)
