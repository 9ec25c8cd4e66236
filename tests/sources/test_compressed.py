"""Compressed files: checksums, archives, layers within layers, traps."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sqlite3
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsp.errors import SourceError
from dsp.sources import DataReader, compressed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dsp.engine import DuckEngine
    from dsp.sources import Loaded

CSV = b"a,b\n" + b"".join(b"%d,x%d\n" % (i, i) for i in range(5_000))
ZSTD_WITH_CHECKSUM = (
    "28b52ffd04587c000038612c620a312c320100f6ffe7ce084c000008310100fcff3910024c00"
    "0008310100fcff3910024500000831010080da03214d80b31f"
)
SUM = [(5_000, 12_497_500)]


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def archive(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name.replace("__", "."), data)
    return target.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
    "zip": lambda data: archive(t__csv=data),
}


def load(engine: DuckEngine, path: Path, **options: Any) -> Loaded:
    return DataReader().load(DataReader().locate(path, options=options), engine)


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("name", ["t.csv.packed", "t.csv", "t.csv.gz"])
def test_every_kind_is_unpacked_whatever_its_suffix(
    engine: DuckEngine, tmp_path: Path, kind: str, name: str
) -> None:
    (tmp_path / name).write_bytes(PACKERS[kind](CSV))
    loaded = load(engine, tmp_path / name)
    assert engine.rows("select count(*), sum(a) from raw.data") == SUM
    assert loaded.decisions["compression"] == kind


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("cut", [1, 5, 200])
def test_cut_off_data_is_an_error(
    engine: DuckEngine, tmp_path: Path, kind: str, cut: int
) -> None:
    path = tmp_path / "t.csv.z"
    path.write_bytes(PACKERS[kind](CSV)[:-cut])
    with pytest.raises(SourceError, match=r"t\.csv\.z: .*damaged"):
        load(engine, path)


@pytest.mark.parametrize("kind", ["gzip", "bz2", "xz", "zip"])
def test_a_flipped_bit_is_an_error(engine: DuckEngine, tmp_path: Path, kind: str) -> None:
    packed = bytearray(PACKERS[kind](CSV))
    packed[len(packed) // 2] ^= 4
    path = tmp_path / "t.csv.z"
    path.write_bytes(packed)
    with pytest.raises(SourceError, match=r"t\.csv\.z: .*damaged"):
        load(engine, path)


def test_the_checksum_of_zstd_is_verified(engine: DuckEngine, tmp_path: Path) -> None:
    # zstd -c of "a,b\n" and 100,000 times "1,2\n"; pyarrow writes no checksums.
    packed = bytearray.fromhex(ZSTD_WITH_CHECKSUM)
    path = tmp_path / "t.csv.zst"
    path.write_bytes(packed)
    load(engine, path)
    assert engine.rows("select count(*), sum(b) from raw.data") == [(100_000, 200_000)]
    packed[-1] ^= 1
    path.write_bytes(packed)
    with pytest.raises(SourceError, match="doesn't match checksum"):
        load(engine, path)


@pytest.mark.parametrize("kind", ["gzip", "bz2", "xz", "zstd"])
def test_several_members_are_one_file(
    engine: DuckEngine, tmp_path: Path, kind: str
) -> None:
    pack = PACKERS[kind]
    path = tmp_path / "t.csv.z"
    path.write_bytes(pack(CSV[:9_000]) + pack(CSV[9_000:20_000]) + pack(CSV[20_000:]))
    load(engine, path)
    assert engine.rows("select count(*), sum(a) from raw.data") == SUM


@pytest.mark.parametrize("kind", ["gzip", "bz2", "xz"])
def test_bytes_after_the_end_are_left_out_and_said(
    engine: DuckEngine, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "t.csv.z"
    path.write_bytes(PACKERS[kind](CSV) + b"garbage, not data\n")
    loaded = load(engine, path)
    assert engine.rows("select count(*), sum(a) from raw.data") == SUM
    assert loaded.decisions["warnings"] == [
        f"bytes after the end of the {kind} data were left out; they are none"
    ]
    path.write_bytes(PACKERS[kind](CSV) + bytes(4_000))
    assert "warnings" not in load(engine, path).decisions


def test_layers_within_layers(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    path.write_bytes(archive(t__csv__gz=gzip.compress(CSV)))
    loaded = load(engine, path)
    assert engine.rows("select count(*), sum(a) from raw.data") == SUM
    assert loaded.decisions["compression"] == "gzip in zip"
    assert loaded.decisions["member"] == "t.csv.gz"
    path.write_bytes(gzip.compress(gzip.compress(CSV)))
    load(engine, path)
    assert engine.rows("select count(*), sum(a) from raw.data") == SUM
    path.write_bytes(gzip.compress(bz2.compress(lzma.compress(zstd(CSV)))))
    with pytest.raises(SourceError, match="more than 3 times"):
        load(engine, path)
    path.write_bytes(gzip.compress(archive(t__csv=CSV)))
    with pytest.raises(SourceError, match="zip archive inside gzip"):
        load(engine, path)


def test_an_archive_of_several_tables_asks_which(
    engine: DuckEngine, tmp_path: Path
) -> None:
    path = tmp_path / "t.zip"
    path.write_bytes(archive(a__csv=b"x\n1\n", b__json=b'[{"y": 2}]', READ=b"text"))
    with pytest.raises(SourceError, match=r"archive of 2 tables") as caught:
        load(engine, path)
    assert "--read member=a.csv; members: a.csv, b.json, READ" in caught.value.hint
    load(engine, path, member="b.json")
    assert engine.rows("select y from raw.data") == [(2,)]
    with pytest.raises(SourceError, match=r'no member named "c\.csv"'):
        load(engine, path, member="c.csv")


def test_names_in_an_archive_lead_nowhere(engine: DuckEngine, tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("../../../../outside.csv", CSV)
        made.writestr("__MACOSX/._outside.csv", b"\0\1\2")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "slip.zip").write_bytes(target.getvalue())
    load(engine, folder / "slip.zip")
    assert engine.rows("select count(*), sum(a) from raw.data") == SUM
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "slip.zip"]


def test_encrypted_and_empty_archives(engine: DuckEngine, tmp_path: Path) -> None:
    packed = bytearray(archive(t__csv=CSV))
    packed[6] |= 1
    packed[packed.rindex(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "t.zip"
    path.write_bytes(packed)
    with pytest.raises(SourceError, match=r"t\.csv inside is encrypted"):
        load(engine, path)
    path.write_bytes(archive(t__csv=b""))
    with pytest.raises(SourceError, match="holds no data"):
        load(engine, path)
    (tmp_path / "e.csv.gz").write_bytes(gzip.compress(b""))
    with pytest.raises(SourceError, match="holds no data"):
        load(engine, tmp_path / "e.csv.gz")


def test_tables_of_other_formats_inside(engine: DuckEngine, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "t.parquet")
    with sqlite3.connect(tmp_path / "t.sqlite") as con:
        con.execute("create table t (a int)")
        con.execute("insert into t values (1), (2)")
    con.close()
    for name in ("t.parquet", "t.sqlite"):
        packed = tmp_path / f"{name}.gz"
        packed.write_bytes(gzip.compress((tmp_path / name).read_bytes()))
        loaded = load(engine, packed)
        assert engine.rows("from raw.data") == [(1,), (2,)]
        assert loaded.decisions["compression"] == "gzip"


def test_a_trap_is_left_alone(
    engine: DuckEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compressed, "FREE_BYTES", 1 << 20)
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 2_000_000))
    expected = r"7,809 bytes unpack to more than 2 MiB"
    with pytest.raises(SourceError, match=expected) as caught:
        load(engine, path)
    assert "--read max_unpacked=" in caught.value.hint
    load(engine, path, max_unpacked="9000000")
    assert engine.rows("select count(*) from raw.data") == [(2_000_000,)]
    with pytest.raises(SourceError, match="unpack to more than"):
        load(engine, path, max_unpacked="3000000")
    with pytest.raises(SourceError, match="max_unpacked cannot be"):
        load(engine, path, max_unpacked="many")


def test_a_wrong_length_under_a_right_checksum(
    engine: DuckEngine, tmp_path: Path
) -> None:
    packed = gzip.compress(CSV)
    wrong = packed[:-8] + struct.pack("<II", zlib.crc32(CSV), len(CSV) + 1)
    (tmp_path / "t.csv.gz").write_bytes(wrong)
    with pytest.raises(SourceError, match="length"):
        load(engine, tmp_path / "t.csv.gz")
