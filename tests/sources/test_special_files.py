"""Files that are no files, links, holes, hostile names, files that change."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from dsp.errors import SourceError
from dsp.sources import DataReader

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.sources import Loaded

HEADS = {
    "a.csv": b"",
    "b.csv": b"a,b\n1,2\n",
    "c.json": b'[{"a": 1},',
    "d.parquet": b"PAR1",
    "e.sqlite": b"SQLite format 3\0",
    "f.duckdb": b"\0" * 8 + b"DUCK",
    "g.arrow": b"ARROW1\0\0",
    "h.csv.gz": b"\x1f\x8b\x08" + b"\0" * 7,
}
NAMES = [
    b"not utf-8 \xff\xfe",
    b"new\nline",
    b"esc\x1b[31m",
    b"q'uo\"ted",
    b"[brackets]",
    b"star*?",
    b"-dash",
    b"n" * 240,
    b"$(id) `id` ;--",
    b"a::b",
    "日本 🦆".encode(),
]


def load(engine: DuckEngine, source: Any, **options: Any) -> Loaded:
    return DataReader().load(DataReader().locate(source, options=options), engine)


@pytest.mark.parametrize("name", HEADS)
def test_huge_files_of_holes_are_refused_at_once(
    engine: DuckEngine, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(HEADS[name])
        file.truncate(1 << 40)
    start = time.monotonic()
    with pytest.raises(SourceError, match="is a sparse file: of 1,099,511,627,776 bytes"):
        load(engine, path)
    assert time.monotonic() - start < 1


def test_sockets_and_devices(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
        for source in (path, "/dev/zero", "/dev/null"):
            with pytest.raises(SourceError, match="is not a regular file"):
                DataReader().locate(source)
    os.mkfifo(tmp_path / "folder.csv")
    with pytest.raises(SourceError, match=r"folder\.csv: is not a regular file"):
        DataReader().locate(tmp_path)


def test_links_in_a_circle_do_not_double_rows(engine: DuckEngine, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "latest.csv").symlink_to("a.csv")
    (tmp_path / "sub" / "b.csv").write_text("x\n2\n")
    (tmp_path / "sub" / "loop").symlink_to("..")
    for source in (tmp_path, f"{tmp_path}/**/*.csv"):
        load(engine, source)
        assert engine.rows("from raw.data") == [(1,), (2,)]
    load(engine, tmp_path / "latest.csv")
    assert engine.rows("from raw.data") == [(1,)]
    loop = tmp_path / "one"
    loop.symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(SourceError, match="is a link that leads nowhere"):
        DataReader().locate(loop)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files_are_names(
    engine: DuckEngine, tmp_path: Path, name: bytes
) -> None:
    table = pa.table({"x": [1, 2]})
    folder = os.fsencode(tmp_path)
    pq.write_table(table, tmp_path / "t.parquet")
    feather.write_feather(table, tmp_path / "t.arrow")
    (tmp_path / "t.csv").write_text("x\n1\n2\n")
    (tmp_path / "t.json").write_text('[{"x": 1}, {"x": 2}]')
    for suffix in (b".parquet", b".arrow", b".csv", b".json"):
        path = folder + b"/" + name + suffix
        Path(os.fsdecode(folder + b"/t" + suffix)).rename(os.fsdecode(path))
        loaded = load(engine, os.fsdecode(path))
        assert (loaded.n_rows, loaded.columns) == (2, ("x",))
        located = DataReader().locate(os.fsdecode(path))
        assert located.source.encode().decode() == located.source
    bad = folder + b"/" + name + b".parquet"
    Path(os.fsdecode(bad)).write_bytes(b"PAR1")
    with pytest.raises(SourceError, match="cut off") as caught:
        load(engine, os.fsdecode(bad))
    assert not any(c in caught.value.message for c in "\n\x1b")


def test_a_file_that_shrinks_is_one_line(engine: DuckEngine, tmp_path: Path) -> None:
    table = pa.table({"x": range(100_000)})
    for suffix, write in (
        (".parquet", pq.write_table),
        (".arrow", feather.write_feather),
    ):
        path = tmp_path / f"t{suffix}"
        write(table, path)
        located = DataReader().locate(path)
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size // 2)
        with pytest.raises(SourceError, match=rf"t\{suffix}: ") as caught:
            DataReader().load(located, engine)
        assert "\n" not in caught.value.message
        path.unlink()
        with pytest.raises(SourceError, match=rf"t\{suffix}: .*[Nn]o such file"):
            DataReader().load(located, engine)
