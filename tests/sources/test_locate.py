"""Finding sources: formats from content, literal names, clear errors."""

from __future__ import annotations

import gzip
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from dsp.engine import DuckEngine
from dsp.errors import SourceError
from dsp.sources import DataReader

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = pa.table({"a": [1, 2], "b": ["x", "y"]})


def test_content_wins_over_the_suffix(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "p.csv")
    feather.write_feather(TABLE, tmp_path / "f.parquet")
    (tmp_path / "j").write_text('  [{"a": 1}]')
    (tmp_path / "c.gz").write_text("a,b\n1,2\n")
    found = [DataReader().locate(f).format for f in sorted(tmp_path.iterdir())]
    assert found == ["csv", "arrow", "json", "parquet"]


@pytest.mark.parametrize(
    "name", ["a[1].csv", "a*.csv", "a?b.csv", "it's; drop.csv", "日本.csv"]
)
def test_names_are_literal(engine: DuckEngine, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x\n1\n")
    (tmp_path / "a1.csv").write_text("x\n99\n")
    located = DataReader().locate(str(tmp_path / name))
    DataReader().load(located, engine)
    assert engine.rows("from raw.data") == [(1,)]


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("empty.csv", b"", "is empty"),
        ("page.csv", b"<!DOCTYPE html><html></html>", "web page"),
        ("x.parquet", b"PAR1 and then nothing of it", "cut off"),
        ("y.parquet", b"hello, world", "is no parquet file"),
        ("d.sqlite", b"not a database", "is no database file"),
        ("z.zip", b"PK\x03\x04 broken", "damaged zip"),
        ("i.csv", b"\x89PNG\r\n\x1a\n", "binary"),
    ],
)
def test_wrong_files_are_named(
    tmp_path: Path, engine: DuckEngine, name: str, content: bytes, cause: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=cause) as caught:
        DataReader().load(DataReader().locate(tmp_path / name), engine)
    assert name in str(caught.value)
    assert "\n" not in caught.value.message


def test_pipes_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(SourceError, match="not a regular file"):
        DataReader().locate(tmp_path / "pipe.csv")


def test_wrong_checksum_is_an_error(tmp_path: Path, engine: DuckEngine) -> None:
    packed = bytearray(gzip.compress(b"a,b\n" + b"1,2\n" * 1000))
    packed[-8] ^= 0xFF
    (tmp_path / "c.csv.gz").write_bytes(packed)
    with pytest.raises(SourceError, match="gzip data is damaged"):
        DataReader().load(DataReader().locate(tmp_path / "c.csv.gz"), engine)


def test_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("a\n1\n")
    with pytest.raises(SourceError, match=r"did you mean .*sales\.csv"):
        DataReader().locate(tmp_path / "sale.csv")
    with pytest.raises(SourceError, match="no file fits"):
        DataReader().locate(f"{tmp_path}/*.parquet")


def test_unknown_names_get_a_hint(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    with pytest.raises(SourceError, match='did you mean "parquet"'):
        DataReader().locate(tmp_path / "a.csv", format="parket")
    with pytest.raises(SourceError, match='no option "delimeter"') as caught:
        DataReader().locate(tmp_path / "a.csv", options={"delimeter": ";"})
    assert caught.value.hint.startswith('did you mean "delimiter"? options of csv: ')
    with pytest.raises(SourceError, match='option "delimiter" is empty'):
        DataReader().locate(tmp_path / "a.csv", options={"delimiter": ""})
    with pytest.raises(SourceError, match="int is not a source"):
        DataReader().locate(5)


def test_fingerprint_follows_the_content(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    first = DataReader().locate(path).fingerprint
    assert DataReader().locate(path).fingerprint == first
    path.write_text("a\n2\n")
    assert DataReader().locate(path).fingerprint != first
    chunked = pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)])
    one, two = DataReader().locate(TABLE), DataReader().locate(chunked)
    assert one.fingerprint == two.fingerprint


def test_run_names_are_short(tmp_path: Path) -> None:
    (tmp_path / "my sales.csv.gz").write_bytes(gzip.compress(b"a\n1\n"))
    assert DataReader().locate(tmp_path / "my sales.csv.gz").name == "my_sales"
    assert DataReader().locate(TABLE).name == "data"


def test_flipped_bit_under_a_checksum_is_an_error(
    tmp_path: Path, engine: DuckEngine
) -> None:
    path = tmp_path / "p.parquet"
    options = {"compression": "none", "use_dictionary": False}
    pq.write_table(pa.table({"a": range(999)}), path, write_page_checksum=True, **options)
    DataReader().load(DataReader().locate(path), engine)
    damaged = bytearray(path.read_bytes())
    damaged[3_000] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(SourceError, match=r"p\.parquet: is damaged"):
        DataReader().load(DataReader().locate(path), engine)


@pytest.mark.parametrize(
    "text",
    ['a, b\n1, "x, y"\n2, z\n', 'a,b\r\n1,"x, y"\n2,z\r\n', 'a,b\r1,"x, y"\r2,z\r'],
)
def test_spaces_and_line_ends(engine: DuckEngine, tmp_path: Path, text: str) -> None:
    (tmp_path / "m.csv").write_bytes(text.encode())
    DataReader().load(DataReader().locate(tmp_path / "m.csv"), engine)
    assert engine.rows("select a, b from raw.data") == [(1, "x, y"), (2, "z")]


def test_a_link_to_itself_is_no_missing_file(tmp_path: Path) -> None:
    link = tmp_path / "loop.csv"
    link.symlink_to(link)
    with pytest.raises(SourceError, match="link that leads nowhere"):
        DataReader().locate(link)


@pytest.mark.parametrize("source", ["d/bad.parquet", "d/*.parquet", "d", "ABSOLUTE"])
def test_errors_name_the_file_as_it_was_typed_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: DuckEngine, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    bad = tmp_path / "d" / "bad.parquet"
    bad.parent.mkdir()
    bad.write_bytes(b"PAR1" + b"x" * 40 + (20).to_bytes(4, "little") + b"PAR1")
    typed = str(bad) if source == "ABSOLUTE" else source
    with pytest.raises(SourceError, match="cannot be read as Parquet") as caught:
        DataReader().load(DataReader().locate(typed), engine)
    named = str(bad) if source == "ABSOLUTE" else "d/bad.parquet"
    assert str(caught.value).startswith(f"{named}: cannot be read")
    assert str(caught.value).count("bad.parquet") == 1


@pytest.mark.parametrize("path", ["/proc/1/mem", "/proc/cpuinfo", "/dev/null"])
def test_special_files_are_not_called_empty(path: str) -> None:
    with pytest.raises(SourceError, match=r"not a regular file|permission denied"):
        DataReader().locate(path)


def test_a_folder_in_place_of_a_file(tmp_path: Path, engine: DuckEngine) -> None:
    (tmp_path / "a.csv").mkdir()
    (tmp_path / "b.csv").write_text("x\n1\n")
    with pytest.raises(SourceError, match=r"a\.csv: is a folder without data files"):
        DataReader().locate(tmp_path / "a.csv")
    with pytest.raises(SourceError, match="no such file or folder"):
        DataReader().locate(tmp_path / "b.csv" / "c.csv")
    located = DataReader().locate(str(tmp_path / "*.csv"))
    assert DataReader().load(located, engine).n_rows == 1


@contextmanager
def without_privileges() -> Iterator[None]:
    """Act as a user whom file permissions bind: root reads every file."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.seteuid(65_534)
    except PermissionError:
        pytest.skip("this root may not act as another user")
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_without_rights() -> None:
    # Not below pytest's own folder, which others may not enter.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        path = folder / "a.csv"
        path.write_text("x\n1\n")
        path.chmod(0)
        expected = r"a\.csv: cannot be read: permission denied"
        with without_privileges(), pytest.raises(SourceError, match=expected):
            DataReader().locate(path)


def test_a_file_that_vanishes_is_one_line(tmp_path: Path, engine: DuckEngine) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    located = DataReader().locate(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(SourceError, match=r"a\.csv: cannot be read: .*[Dd]irectory"):
        DataReader().load(located, engine)
