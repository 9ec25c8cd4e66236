"""One pass with types gives what the long way gives, wherever an odd value stands."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from dsp.engine import DuckEngine
from dsp.sources import DataReader, typed_read

N_ROWS = 2_500


def plain(draw: random.Random, kind: str) -> str:
    """Return the text of a random value."""
    if kind == "integer":
        return str(draw.randint(-(10**12), 10**12))
    if kind == "float":
        return repr(round(draw.uniform(-1000, 1000), draw.randint(1, 12)))
    if kind == "date":
        return str(date(2000, 1, 1) + timedelta(days=draw.randint(0, 9999)))
    if kind == "timestamp":
        return str(
            datetime.fromisoformat("2000-01-01")
            + timedelta(seconds=draw.randint(0, 10**9))
        )
    if kind == "boolean":
        return draw.choice(["true", "false"])
    return draw.choice(["north", "south", "00501"])


KINDS = ("integer", "float", "date", "timestamp", "boolean", "text")
SCHEMA = ["BIGINT", "DOUBLE", "DATE", "TIMESTAMP", "BOOLEAN", "VARCHAR"]


def written(
    path: Path, planted: dict[tuple[int, int], str], seed: int = 1
) -> list[list[str]]:
    """Write a table with odd texts at some places; return its rows."""
    draw = random.Random(seed)
    rows = [[plain(draw, kind) for kind in KINDS] for _ in range(N_ROWS)]
    for (row, column), text in planted.items():
        rows[row][column] = text
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(KINDS)
        writer.writerows(rows)
    return rows


def load(path: Path, engine: DuckEngine) -> list[str]:
    """Load a file; return the types of its columns."""
    reader = DataReader()
    reader.load(reader.locate(path), engine)
    return [row[1] for row in engine.rows("describe raw.data")]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Return a switch: every file in one pass, or none."""

    def switch(is_quick: bool) -> None:
        monkeypatch.setattr(typed_read, "MIN_BYTES", 0 if is_quick else 1 << 60)
        # A few rows only, so that most odd values lie beyond the sample.
        monkeypatch.setattr(typed_read, "N_BLOCKS", 3)
        monkeypatch.setattr(typed_read, "BLOCK", 4096)

    return switch


def test_every_value_is_what_python_reads(
    engine: DuckEngine, tmp_path: Path, quick: Callable[[bool], None]
) -> None:
    quick(True)
    rows = written(tmp_path / "a.csv", {})
    assert load(tmp_path / "a.csv", engine) == SCHEMA
    read = (int, float, date.fromisoformat, datetime.fromisoformat, "true".__eq__, str)
    wanted = [
        tuple(make(text) for make, text in zip(read, row, strict=True)) for row in rows
    ]
    assert engine.rows("from raw.data") == wanted


ODD = [
    (0, "007", "VARCHAR"),
    (0, "+7", "VARCHAR"),
    (0, "1_000", "VARCHAR"),
    (0, "0x10", "VARCHAR"),
    (0, "12e4567", "VARCHAR"),
    (0, "abc", "VARCHAR"),
    (0, "7.5", "DOUBLE"),
    (0, "1e2", "DOUBLE"),
    (0, "NA", "BIGINT"),
    (0, "99999999999999999999", "DECIMAL(20,0)"),
    (1, "007.5", "VARCHAR"),
    (1, "00.5", "VARCHAR"),
    (1, "-01.5", "VARCHAR"),
    (1, "1_0.5", "VARCHAR"),
    (1, "0e12345", "VARCHAR"),
    (1, "12e4567", "VARCHAR"),
    (1, "1e-999", "VARCHAR"),
    (1, "NaN", "DOUBLE"),
    (1, "1.5e3", "DOUBLE"),
    (1, "0.0", "DOUBLE"),
    (1, "-", "DOUBLE"),
    (1, "1234567890.12345678901234567890", "DECIMAL(30,20)"),
    (2, "2024-02-30", "VARCHAR"),
    (2, "2024-1-5", "DATE"),
    (2, "infinity", "VARCHAR"),
    (2, "epoch", "VARCHAR"),
    (2, "2024-01-05 10:00:00", "VARCHAR"),
    (2, "2024-01-05 (BC)", "VARCHAR"),
    (2, "missing", "DATE"),
    (3, "2024-01-05T10:00:00", "TIMESTAMP"),
    (3, "2024-01-05 10:00:00.25", "TIMESTAMP"),
    (3, "2024-01-05 10:00", "TIMESTAMP"),
    (3, "2024-01-05 10:00:00Z", "VARCHAR"),
    (3, "2024-01-05T10:00:0Z", "VARCHAR"),
    (3, "2024-01-05 10:00:00+02", "VARCHAR"),
    (3, "2024-01-05", "VARCHAR"),
    (3, "infinity", "VARCHAR"),
    (4, "1", "VARCHAR"),
    (4, "yes", "VARCHAR"),
    (4, "TRUE", "BOOLEAN"),
    (4, "tRuE", "BOOLEAN"),
]


@pytest.mark.parametrize(("column", "text", "kind"), ODD)
def test_one_odd_value_anywhere_is_never_bent(
    tmp_path: Path, quick: Callable[[bool], None], column: int, text: str, kind: str
) -> None:
    """Both ways give the same table, and text that stays is the text of the file."""
    engine = DuckEngine()
    row = random.Random(text).randrange(N_ROWS)
    rows = written(tmp_path / "a.csv", {(row, column): text}, seed=column)
    quick(True)
    types = load(tmp_path / "a.csv", engine)
    assert types == [kind if i == column else t for i, t in enumerate(SCHEMA)]
    found = engine.rows(f"select {KINDS[column]}::varchar from raw.data")
    if kind == "VARCHAR":
        assert [value for (value,) in found] == [r[column] for r in rows]
    quick(False)
    engine.execute("alter table raw.data rename to quick")
    assert load(tmp_path / "a.csv", engine) == types
    difference = "(from raw.quick except all from raw.data)"
    assert engine.rows(f"select count(*) from {difference}") == [(0,)]
    engine.close()


def test_rows_keep_their_order(
    engine: DuckEngine, tmp_path: Path, quick: Callable[[bool], None]
) -> None:
    quick(True)
    n = 200_000
    lines = "".join(f"{i},{math.sqrt(i + 0.5):.6f}\n" for i in range(n))
    (tmp_path / "a.csv").write_text("i,root\n" + lines)
    assert load(tmp_path / "a.csv", engine) == ["BIGINT", "DOUBLE"]
    assert engine.rows("select count(*) from raw.data where i <> rowid") == [(0,)]


def test_names_that_are_taken_inside(
    engine: DuckEngine, tmp_path: Path, quick: Callable[[bool], None]
) -> None:
    quick(True)
    lines = "".join(f"{i},{i + 1},{i + 2}\n" for i in range(9000))
    (tmp_path / "a.csv").write_text("c1,c0,dsp_odd\n" + lines)
    load(tmp_path / "a.csv", engine)
    assert [row[0] for row in engine.rows("describe raw.data")] == ["c1", "c0", "dsp_odd"]
    assert engine.rows("from raw.data limit 1") == [(0, 1, 2)]


def test_a_clean_table_is_written_once(
    engine: DuckEngine, tmp_path: Path, quick: Callable[[bool], None]
) -> None:
    """The data is the table that was read: nothing staged is left, nothing copied."""
    quick(True)
    written(tmp_path / "a.csv", {})
    before = engine.n_scans
    load(tmp_path / "a.csv", engine)
    assert engine.rows("select table_name from duckdb_tables() order by 1") == [
        ("data",),
        ("lines",),
        ("rejects",),
    ]
    assert engine.n_scans - before < 20


@pytest.mark.parametrize(
    "odd",
    ["abc", "1.2.3", "9e999", "1e-400", "9_5.5", "12e4567", "1.5x", "9" * 30, "n/a"],
)
def test_no_odd_value_among_floats_is_lost(odd: str, tmp_path: Path) -> None:
    values = [f"{i}.25" for i in range(1, 40_000)]
    values[30_000] = odd
    path = tmp_path / "v.csv"
    path.write_text("v\n" + "\n".join(values) + "\n", encoding="utf-8")
    table = DataReader().read(path)
    found = table["v"].cast("string").to_pyarrow().to_pylist()[30_000]
    is_number = odd.isdigit()
    assert (
        found == odd
        or (odd == "n/a" and found is None)
        or (is_number and float(found) == float(odd))
    )
