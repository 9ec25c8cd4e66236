"""Loading: rows, names, rejects, views, samples, tables in memory."""

from __future__ import annotations

import csv
import sqlite3
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsp.engine import DuckEngine
from dsp.errors import CancelledError, SourceError
from dsp.sources import DataReader, Loaded

if TYPE_CHECKING:
    from pathlib import Path


def load(engine: DuckEngine, source: Any, **options: Any) -> Loaded:
    located = DataReader().locate(source, options=options)
    return DataReader().load(located, engine)


def types(engine: DuckEngine) -> dict[str, str]:
    return {row[0]: row[1] for row in engine.rows("describe raw.data")}


def test_loaded_and_rejected_records_are_all_records(
    engine: DuckEngine, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    lines = [f"{i},x{i}" for i in range(50)]
    path.write_text("\n".join(["a,b", *lines, "1,2,3", "7", '5,"x, y"']) + "\n")
    loaded = load(engine, path)
    assert (loaded.n_rows, loaded.n_rejected) == (52, 1)
    found = engine.rows("select line_number, text from raw.rejects order by 1")
    assert found == [(52, "1,2,3")]
    assert loaded.decisions["warnings"] == [
        "1 short record, padded with empty cells (line 53)"
    ]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2", ""], "BIGINT"),
        (["00123", "45", "6"], "VARCHAR"),
        (["+4915112345678", "0049", "1"], "VARCHAR"),
        (["12e4567", "1.5", "2"], "VARCHAR"),
        (["0e12345", "1.5", "2"], "VARCHAR"),
        (["1.5", "NaN", "inf"], "DOUBLE"),
        (["1", "2", "3.5"], "DOUBLE"),
        (["1.5", "NA", "2"], "DOUBLE"),
        (["12345678901234567890123", "1", "2"], "DECIMAL(23,0)"),
        (["True", "false", ""], "BOOLEAN"),
        (["Y", "N", "Y"], "VARCHAR"),
        (["2024-01-31", "0001-01-01", "9999-12-31"], "DATE"),
        (["2024-01-31", "2024-02-30", "2024-01-01"], "VARCHAR"),
        (["Jan 1 2000", "Aug 07 1998", ""], "DATE"),
        (["2015/01/01 01:00:00", "2015/12/31 23:00:00", ""], "TIMESTAMP"),
        (["25/12/2023", "01/02/2023", ""], "DATE"),
        (["05/12/2023", "01/02/2023", ""], "VARCHAR"),
        (["01/02/23", "25/12/23", ""], "VARCHAR"),
        (
            ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00+02:00"],
            "TIMESTAMP WITH TIME ZONE",
        ),
        (["12:30:00", "23:59:59", ""], "TIME"),
        (["1700000000001", "1700000000002"], "BIGINT"),
    ],
)
def test_type_is_taken_when_every_value_agrees(
    engine: DuckEngine, tmp_path: Path, values: list[str], kind: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("k,v\n" + "".join(f"r,{value}\n" for value in values))
    load(engine, path)
    assert types(engine)["v"] == kind


def test_last_row_decides_the_type(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    rows = ["1,01/02/2023,7"] * 60_000 + ["0012,25/12/2023,x"]
    path.write_text("a,b,c\n" + "\n".join(rows) + "\n")
    loaded = load(engine, path)
    assert loaded.n_rows == 60_001
    assert types(engine) == {"a": "VARCHAR", "b": "DATE", "c": "VARCHAR"}
    assert engine.rows("select max(b)::varchar, min(b)::varchar from raw.data") == [
        ("2023-12-25", "2023-02-01")
    ]


def test_names_are_made_unique_and_recorded(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text("Id,id,,it's\n1,2,3,4\n")
    loaded = load(engine, path)
    assert loaded.columns == ("Id", "id_2", "column_3", "it's")
    assert engine.rows("from raw.data") == [(1, 2, 3, 4)]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_delimiter_is_found(engine: DuckEngine, tmp_path: Path, sign: str) -> None:
    path = tmp_path / "d.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter=sign)
        writer.writerows(
            [["name", "x", "note"]] + [[f"n{i}", i, "a, b; c"] for i in range(9)]
        )
    loaded = load(engine, path)
    assert loaded.decisions["delimiter"] == sign
    assert engine.rows("select sum(x), any_value(note) from raw.data") == [
        (36, "a, b; c")
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"]
)
def test_encoding_is_found(engine: DuckEngine, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "e.csv"
    path.write_bytes("id,name\n1,Straße\n2,café\n".encode(encoding))
    load(engine, path)
    assert engine.rows("select name from raw.data") == [("Straße",), ("café",)]
    assert types(engine)["id"] == "BIGINT"


def test_foreign_bytes_past_the_sample(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_bytes(b"id,name\n" + b"1,abcdefghij\n" * 120_000 + b"2,caf\xe9\n")
    loaded = load(engine, path)
    assert (loaded.n_rows, loaded.n_rejected) == (120_001, 0)
    assert engine.rows("select name from raw.data where id = 2") == [("café",)]


def test_hive_folders_become_columns(engine: DuckEngine, tmp_path: Path) -> None:
    for region, day in (("West", "01"), ("East", "02")):
        folder = tmp_path / "sales" / f"region={region}" / f"day={day}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"n": [1, 2]}), folder / "part.parquet")
        (folder / "_SUCCESS").touch()
    loaded = load(engine, tmp_path / "sales")
    assert loaded.n_rows == 4
    found = engine.rows(
        "select region, day, sum(n) from raw.data group by all order by 1"
    )
    assert found == [("East", "02", 3), ("West", "01", 3)]


def test_hive_folders_of_csv(engine: DuckEngine, tmp_path: Path) -> None:
    for year in (2023, 2024):
        folder = tmp_path / f"year={year}"
        folder.mkdir()
        (folder / "a.csv").write_text("n\n1\n2\n")
    load(engine, tmp_path)
    found = engine.rows("select year, sum(n) from raw.data group by all order by 1")
    assert found == [(2023, 3), (2024, 3)]


def test_files_are_united_by_name(engine: DuckEngine, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("y;z\n3;4\n")
    load(engine, str(tmp_path / "*.csv"))
    assert engine.rows("select x, y, z from raw.data order by y") == [
        (1, 2, None),
        (None, 3, 4),
    ]


def test_large_parquet_stays_a_view(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "p-1.parquet"
    pq.write_table(pa.table({"a": range(10)}), path)
    reader = DataReader()
    loaded = reader.load(reader.locate(path), engine, materialize="never")
    assert not loaded.is_materialized
    assert loaded.allowed_paths == (str(path),)
    engine.lock(loaded.allowed_paths)
    assert engine.rows("select sum(a) from raw.data") == [(45,)]


@pytest.mark.parametrize("size", [1, 100, 5_000])
def test_sample_is_exact_and_repeats(tmp_path: Path, size: int) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"a": range(1_000)}), path)
    reader, found = DataReader(), []
    for threads, seed in ((1, 3), (2, 3), (2, 4)):
        engine = DuckEngine(threads=threads)
        reader.load(reader.locate(path), engine, sample_size=size, seed=seed)
        found.append(engine.rows("select a from raw.data"))
        engine.close()
    assert len(found[0]) == min(size, 1_000)
    assert found[0] == found[1]
    assert found[0] == sorted(found[0])
    assert size >= 1_000 or found[1] != found[2]


def test_sqlite_types_come_from_the_values(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    con = sqlite3.connect(path)
    con.execute("create table t (i integer, f, mixed, day text, raw blob)")
    rows = [
        (2**53 + 1, 1, 1, "2024-01-01", b"\x00"),
        (None, 2.5, "x", "2024-12-31", None),
    ]
    con.executemany("insert into t values (?, ?, ?, ?, ?)", rows)
    con.commit()
    con.close()
    load(engine, path)
    assert list(types(engine).values()) == ["BIGINT", "DOUBLE", "VARCHAR", "DATE", "BLOB"]
    assert engine.rows("select i, mixed from raw.data")[0] == (2**53 + 1, "1")


def test_database_table_is_named(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "d.duckdb"
    other = DuckEngine(path)
    other.execute("create table one as select 1 as a")
    other.execute("create table two as select 2 as a")
    other.execute("create view leak as select * from read_text('/etc/hostname')")
    other.close()
    with pytest.raises(SourceError, match="holds 2 tables"):
        load(engine, path)
    load(engine, f"{path}::two")
    assert engine.rows("from raw.data") == [(2,)]
    with pytest.raises(SourceError, match='no table named "leak"'):
        load(engine, f"{path}::leak")


def test_excel_sheet_is_typed(engine: DuckEngine, tmp_path: Path) -> None:
    import datetime as dt

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sales"
    sheet.append(["day", "n", "x", "ok", "who"])
    sheet.append([dt.date(2024, 1, 1), 1, 1.5, True, "00501"])
    sheet.append([dt.date(2024, 1, 2), 2, None, False, None])
    book.create_sheet("Other").append(["a"])
    path = tmp_path / "b.xlsx"
    book.save(path)
    load(engine, path)
    assert list(types(engine).values()) == [
        "DATE",
        "BIGINT",
        "DOUBLE",
        "BOOLEAN",
        "VARCHAR",
    ]
    assert engine.rows("select who, x from raw.data") == [("00501", 1.5), (None, None)]
    with pytest.raises(SourceError, match='no sheet named "Sale"'):
        load(engine, path, sheet="Sale")


def test_json_shapes(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "j.json"
    path.write_text(
        '[{"a": 1, "d": "Jun 12 1998", "s": {"x": [1, 2]}}, {"a": null, "m": 5}]'
    )
    load(engine, path)
    assert types(engine) == {
        "a": "BIGINT",
        "d": "DATE",
        "s": "STRUCT(x BIGINT[])",
        "m": "BIGINT",
    }
    lines = tmp_path / "l.ndjson"
    lines.write_text('{"a": 1}\n' * 30_000 + '{"a": 1, "late": "x"}\n')
    load(engine, lines)
    assert engine.rows("select count(*), max(late) from raw.data") == [(30_001, "x")]


@pytest.mark.parametrize("text", ["[]", "[{}]", "5", '"x"'])
def test_json_without_records_is_an_error(
    engine: DuckEngine, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "j.json"
    path.write_text(text)
    with pytest.raises(SourceError, match=r"j\.json: is JSON without records"):
        load(engine, path)


@pytest.mark.parametrize("kind", ["pandas", "polars", "lazy", "arrow", "reader", "ibis"])
def test_tables_in_memory(engine: DuckEngine, kind: str) -> None:
    import ibis
    import pandas as pd
    import polars as pl

    data = {"a": [1, 2, 3], "b": ["x", None, "z"]}
    table = pa.table(data)
    made = {
        "pandas": pd.DataFrame(data),
        "polars": pl.DataFrame(data),
        "lazy": pl.LazyFrame(data),
        "arrow": table,
        "reader": table.to_reader(),
        "ibis": ibis.memtable(table),
    }[kind]
    loaded = load(engine, made)
    assert loaded.columns == ("a", "b")
    assert engine.rows("select a, b from raw.data") == [(1, "x"), (2, None), (3, "z")]


def test_read_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1;2\n")
    assert DataReader().read(path)["b"].sum().to_pyarrow().as_py() == 2


def test_sqlite_log_is_read_and_left_alone(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    con = sqlite3.connect(path)
    con.execute("pragma journal_mode = wal")
    con.execute("create table t (a integer)")
    con.execute("insert into t values (1), (2), (3)")
    con.commit()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    load(engine, path)
    assert engine.rows("select count(*) from raw.data") == [(3,)]
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    con.close()


def test_cancel_comes_through_the_engine(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    con = sqlite3.connect(path)
    con.execute("create table t (a integer)")
    con.executemany("insert into t values (?)", [(i,) for i in range(50_000)])
    con.commit()
    con.close()

    def tick(done: float, *_: Any, **__: Any) -> None:
        if done >= 20_000:
            raise CancelledError("cancelled by the user")

    with pytest.raises(CancelledError, match="by the user"):
        DataReader().load(DataReader().locate(path), engine, tick=tick)


@pytest.mark.parametrize("blank", ["", "\n", "\n\n"])
def test_no_row_is_lost_below_a_name_with_a_line_break(
    engine: DuckEngine, tmp_path: Path, blank: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'title\n\na,"new\nline"\n{blank}1,2\n3,4\n5,6\n')
    loaded = load(engine, path)
    assert (loaded.n_rows, loaded.n_rejected) == (3, 0)


HOSTILE = [
    "it's",
    'say "hi"',
    "select",
    "</script><script>alert(1)</script>",
    "💥 emoji",
    "{input}",
    "{value} %s $x",
    "a.b;c--",
    "x" * 300,
    "שלום",
]


def test_hostile_names_come_through_excel(engine: DuckEngine, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(HOSTILE)
    book.active.append(list(range(len(HOSTILE))))
    book.save(tmp_path / "h.xlsx")
    assert load(engine, tmp_path / "h.xlsx").columns == tuple(HOSTILE)
    assert engine.rows("from raw.data") == [tuple(range(len(HOSTILE)))]


@pytest.mark.parametrize("form", ["array", "lines"])
def test_hostile_names_come_through_json(
    engine: DuckEngine, tmp_path: Path, form: str
) -> None:
    import json

    rows = [{name: i + k for i, name in enumerate(HOSTILE)} for k in (0, 1)]
    text = json.dumps(rows) if form == "array" else "\n".join(map(json.dumps, rows))
    (tmp_path / "h.json").write_text(text, encoding="utf-8")
    assert load(engine, tmp_path / "h.json").columns == tuple(HOSTILE)
    found = engine.rows("from raw.data order by 1")
    assert found == [tuple(row.values()) for row in rows]


NUL = "\0"


def test_a_nul_byte_in_csv_stays_in_its_value(engine: DuckEngine, tmp_path: Path) -> None:
    lines = [f"{i},t{NUL if i == 7 else ''}{i},{i}.5" for i in range(200)]
    lines[9] = f"9{NUL},t9,9.5"
    (tmp_path / "a.csv").write_text("\n".join(["a,b,c", *lines]) + "\n")
    loaded = load(engine, tmp_path / "a.csv")
    assert (loaded.n_rows, loaded.n_rejected) == (200, 0)
    assert list(types(engine).values()) == ["VARCHAR", "VARCHAR", "DOUBLE"]
    assert engine.rows("select b from raw.data where a = '7'") == [(f"t{NUL}7",)]


def test_a_nul_byte_in_a_name_is_replaced_and_recorded(
    engine: DuckEngine, tmp_path: Path
) -> None:
    pq.write_table(pa.table({f"a{NUL}": [1], "b": [2]}), tmp_path / "a.parquet")
    loaded = load(engine, tmp_path / "a.parquet")
    assert loaded.columns == ("a\ufffd", "b")
    assert loaded.decisions["renamed"] == {"a\ufffd": f"a{NUL}"}
    (tmp_path / "a.csv").write_text(f"a{NUL},b\n" + "1,2\n" * 99)
    assert load(engine, tmp_path / "a.csv").columns == ("a\ufffd", "b")


def test_mostly_nul_bytes_are_no_table(engine: DuckEngine, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n" + b"1\0,2\n" * 50)
    with pytest.raises(SourceError, match="binary data"):
        load(engine, tmp_path / "a.csv")
