"""Makes mutated files of every format, and loads a run of them in one process.

Started by `test_mutations` as ``python mutated.py SEED START STOP FOLDER``; prints one
line of JSON before and after each file, so that whoever reads them knows which file
ended the process.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import resource
import shutil
import sqlite3
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dsp.engine import DuckEngine
from dsp.errors import DspError
from dsp.sources import DataReader

MAX_MESSAGE = 1_000
MEMORY_BYTES = 6 << 30
N_ROWS = 150
N_FILES_AN_ENGINE = 50


def seeds(folder: Path) -> dict[str, bytes]:
    """Return whole files of every format, by their suffixes."""
    text = "id,name,amount,day\n" + "".join(
        f'{i},"na""me, {i}",{i * 1.5},2024-01-{i % 28 + 1:02}\n' for i in range(N_ROWS)
    )
    european = "id;name;amount\n" + "".join(
        f"{i};Größe {i};{i},5\n" for i in range(N_ROWS)
    )
    rows = [
        {"id": i, "s": {"x": i / 4, "y": [i, None]}, "t": f"text {i}"}
        for i in range(N_ROWS)
    ]
    array, lines = json.dumps(rows), "\n".join(map(json.dumps, rows)) + "\n"
    japanese = "番号,都市\n" + "".join(f"{i},東京{i}\n" for i in range(N_ROWS))
    return {
        ".csv": text.encode(),
        ".tsv": european.replace(";", "\t").encode("cp1252"),
        ".txt": text.encode("utf-16"),
        ".data": japanese.encode("cp932"),
        ".csv.gz": gzip.compress(text.encode(), mtime=0),
        ".csv.bz2": bz2.compress(european.encode()),
        ".csv.xz": lzma.compress(text.encode()),
        ".csv.zst": _zstd(text.encode()),
        ".zip": _zip({"t.csv": text.encode(), "notes": b"none"}),
        ".json": array.encode(),
        ".ndjson": lines.encode(),
        ".geojson": f'{{"ok": true, "features": {array}}}'.encode(),
        **_columnar(rows, text),
        **_databases(folder),
        ".xlsx": _workbook(),
    }


def _columnar(rows: list[dict[str, Any]], text: str) -> dict[str, bytes]:
    table = pa.Table.from_pylist(rows)
    del text
    made = {}
    for suffix, options in (
        (".parquet", {"compression": "snappy", "row_group_size": 100}),
        (".parq", {"compression": "none", "write_page_checksum": True}),
        (".pq", {"compression": "zstd", "use_dictionary": False, "version": "2.6"}),
    ):
        sink = io.BytesIO()
        pq.write_table(table, sink, **options)
        made[suffix] = sink.getvalue()
    for suffix, writer in ((".arrow", pa.ipc.new_file), (".arrows", pa.ipc.new_stream)):
        sink = io.BytesIO()
        with writer(sink, table.schema) as out:
            out.write_table(table, max_chunksize=100)
        made[suffix] = sink.getvalue()
    return made


def _databases(folder: Path) -> dict[str, bytes]:
    path = folder / "seed.sqlite"
    with closing(sqlite3.connect(path)) as con:
        con.execute("create table t (id integer primary key, name text, x)")
        con.executemany(
            "insert into t values (?, ?, ?)",
            [(i, f"name {i}", (i, i / 3, None, b"\0\1")[i % 4]) for i in range(N_ROWS)],
        )
        con.execute("create index i on t (name)")
        con.commit()
    other = folder / "seed.duckdb"
    engine = DuckEngine(other, threads=1)
    engine.execute(
        "create table t as select range as id, 'name ' || range as name, "
        "{'x': range / 3} as s from range(150)"
    )
    engine.close()
    return {".sqlite": path.read_bytes(), ".duckdb": other.read_bytes()}


def _workbook() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["id", "name", "amount"])
    for i in range(N_ROWS // 10):
        book.active.append([i, f"name {i}", i / 2])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue())


def _zip(members: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return sink.getvalue()


def mutated(data: bytes, others: list[bytes], rng: np.random.Generator) -> bytes:
    """Return a file with one to three faults."""
    made = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        made = _fault(made, others, rng) or bytearray(b"\0")
    return bytes(made)


def _fault(data: bytearray, others: list[bytes], rng: np.random.Generator) -> bytearray:
    at, n = _place(len(data), rng), int(rng.integers(1, 200))
    kind = int(rng.integers(0, 10))
    if kind <= 2:
        for _ in range(int(rng.integers(1, 20))):
            data[_place(len(data), rng)] ^= 1 << int(rng.integers(0, 8))
        return data
    if kind == 3:
        return data[: int(rng.integers(0, len(data)))]
    if kind == 4:
        return data[:at] + data[at : at + n] * int(rng.integers(2, 9)) + data[at + n :]
    if kind == 5:
        return data[:at] + data[at + n :]
    if kind == 6:
        return data[:at] + bytearray(rng.bytes(n)) + data[at:]
    if kind == 7:
        other = others[int(rng.integers(0, len(others)))]
        start = int(rng.integers(0, len(other)))
        return data[:at] + other[start : start + n * 10] + data[at:]
    if kind == 8:
        fill = (b"\0", b"\xff", b"\n", b'"', b",")[int(rng.integers(0, 5))]
        return data[:at] + fill * n + data[at + n :]
    numbers = (b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x80")
    return data[:at] + numbers[int(rng.integers(0, 4))] + data[at + 4 :]


def _place(size: int, rng: np.random.Generator) -> int:
    """Return a place in a file; its beginning and its end matter most."""
    edge = int(rng.integers(0, 4))
    if edge == 0:
        return int(rng.integers(0, min(size, 128)))
    if edge == 1:
        return size - 1 - int(rng.integers(0, min(size, 256)))
    return int(rng.integers(0, size))


def write(i: int, seed: int, whole: dict[str, bytes], folder: Path) -> Path:
    """Write the mutated file of a number and return its path."""
    rng = np.random.default_rng((seed, i))
    suffixes = list(whole)
    suffix = suffixes[int(rng.integers(0, len(suffixes)))]
    if suffix == ".xlsx" and rng.random() < 0.5:
        # Each of these starts a process: fewer will do.
        suffix = ".csv"
    data = whole[suffix]
    others = list(whole.values())
    if suffix == ".zip" and rng.random() < 0.5:
        made = _zip({"t.csv": mutated(whole[".csv"], others, rng)})
    elif suffix == ".csv.gz" and rng.random() < 0.5:
        made = gzip.compress(mutated(whole[".tsv"], others, rng), mtime=0)
    else:
        made = mutated(data, others, rng)
    path = folder / f"m{i}{suffix}"
    path.write_bytes(made)
    return path


def outcome(path: Path, engine: DuckEngine) -> dict[str, Any]:
    """Load a file and return what came of it; a fault of ours is under ``bad``."""
    try:
        loaded = DataReader().load(DataReader().locate(path), engine)
        found = engine.rows(
            "select (select count(*) from raw.data), (select count(*) from raw.rejects)"
        )
        if found != [(loaded.n_rows, loaded.n_rejected)]:
            return {"bad": f"{found} is not {loaded.n_rows}, {loaded.n_rejected}"}
    except DspError as error:
        return _judged(error, path)
    return {"rows": loaded.n_rows}


def _judged(error: DspError, path: Path) -> dict[str, Any]:
    message = error.message
    if "\n" in message or len(message) > MAX_MESSAGE or "Traceback" in str(error):
        return {"bad": f"not one clear line: {message[:300]!r}"}
    if path.name not in message:
        return {"bad": f"the file is not named: {message[:300]!r}"}
    if message.count(path.name) > 1:
        return {"bad": f"the file is named twice: {message[:300]!r}"}
    return {"error": message}


def tell(**what: Any) -> None:
    """Write a line to the parent."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Load the files of a range of numbers, telling of each."""
    import traceback

    seed, start, stop = map(int, sys.argv[1:4])
    folder = Path(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    home = folder / f"from-{start}"
    home.mkdir()
    whole = seeds(home)
    engine = None
    for i in range(start, stop):
        if engine is None or not i % N_FILES_AN_ENGINE:
            engine = DuckEngine(threads=1, memory_limit=1 << 30)
        path = write(i, seed, whole, home)
        tell(start=i, name=path.name)
        try:
            found = outcome(path, engine)
        except BaseException:  # noqa: BLE001 - whatever it is, it is what we look for
            found = {"bad": traceback.format_exc()[-1_500:]}
        tell(end=i, **found)
        if "bad" not in found:
            path.unlink()
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
