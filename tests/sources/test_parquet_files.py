"""Parquet: exact types, pages against checksums, schemas that drift, hive folders."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsp.errors import SourceError
from dsp.events import no_tick
from dsp.sources import DataReader
from dsp.sources.parquet_pages import DamagedPageError, check_pages, has_checksums

if TYPE_CHECKING:
    from pathlib import Path

    from dsp.engine import DuckEngine
    from dsp.sources import Loaded


def load(engine: DuckEngine, path: Path) -> Loaded:
    return DataReader().load(DataReader().locate(path), engine)


def folder(tmp_path: Path, *columns: Any) -> Path:
    made = tmp_path / "parts"
    made.mkdir()
    for i, values in enumerate(columns):
        pq.write_table(pa.table({"x": values}), made / f"{i}.parquet")
    return made


NOON = dt.datetime(2024, 1, 2, 12)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("parts", "kind", "values"),
    [
        (([1, 2], [1.5]), "DOUBLE", ["1.0", "2.0", "1.5"]),
        (([1, 2**53 + 1], [1.5]), "VARCHAR", ["1", "9007199254740993", "1.5"]),
        (([1], ["x"]), "VARCHAR", ["1", "x"]),
        (([True], [5]), "VARCHAR", ["true", "5"]),
        (([[1]], [5]), "VARCHAR", ["[1]", "5"]),
        ((pa.array([2**64 - 1], pa.uint64()), [-1]), "HUGEINT", [str(2**64 - 1), "-1"]),
        (
            ([Decimal("1.25")], [Decimal("9.12345")]),
            "DECIMAL(6,5)",
            ["1.25000", "9.12345"],
        ),
        (
            ([dt.date(2024, 1, 2)], pa.array([NOON], pa.timestamp("us"))),
            "TIMESTAMP",
            ["2024-01-02 00:00:00", "2024-01-02 12:00:00"],
        ),
        (([{"a": 1}], [{"b": "q"}]), "STRUCT(a BIGINT, b VARCHAR)", None),
    ],
)
def test_types_that_differ_are_widened_without_loss_and_said(
    engine: DuckEngine,
    tmp_path: Path,
    parts: tuple[Any, Any],
    kind: str,
    values: list[str] | None,
) -> None:
    loaded = load(engine, folder(tmp_path, *parts))
    assert engine.rows("select column_type from (describe raw.data)") == [(kind,)]
    if values:
        found = engine.rows("select x::varchar from raw.data")
        assert [row[0] for row in found] == values
    assert loaded.decisions["widened"] == {"x": kind}
    assert 'column "x" differs in type' in loaded.decisions["warnings"][0]


def test_columns_that_some_files_lack_are_said(
    engine: DuckEngine, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"a": [1], "B": [2]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"b": [3]}), tmp_path / "2.parquet")
    loaded = load(engine, tmp_path)
    assert engine.rows("select a, b from raw.data") == [(1, 2), (None, 3)]
    assert loaded.decisions["warnings"] == ['column "a" is missing in 1 of 2 files']
    assert loaded.decisions["missing_in_files"] == {"a": 1}


def test_wide_decimals_keep_every_digit(engine: DuckEngine, tmp_path: Path) -> None:
    value = Decimal("1" * 45 + ".25")
    pq.write_table(
        pa.table({"d": pa.array([value, None], pa.decimal256(60, 2)), "n": [1, 2]}),
        tmp_path / "t.parquet",
    )
    loaded = load(engine, tmp_path / "t.parquet")
    assert engine.rows("from raw.data") == [(str(value), 1), (None, 2)]
    assert "decimals of more than 38 digits" in loaded.decisions["warnings"][0]


def test_names_repeat_or_are_empty(engine: DuckEngine, tmp_path: Path) -> None:
    table = pa.table([[1], [2], [3], [4]], names=["x", "x", "", 'a"b\n'])
    pq.write_table(table, tmp_path / "t.parquet")
    loaded = load(engine, tmp_path / "t.parquet")
    assert loaded.columns == ("x", "x_2", "column_3", 'a"b\n')
    assert engine.rows("from raw.data") == [(1, 2, 3, 4)]
    nested = pa.table({"s": [{"x": 1, "y": [1, 2]}], "s_1": [1]})
    pq.write_table(nested, tmp_path / "n.parquet")
    assert load(engine, tmp_path / "n.parquet").columns == ("s", "s_1")


def test_hive_values_with_signs_of_their_own(engine: DuckEngine, tmp_path: Path) -> None:
    for value in ("a=b", "x%2Fy", "plain"):
        part = tmp_path / f"k={value}" / "day=01"
        part.mkdir(parents=True)
        pq.write_table(pa.table({"n": [1, 2]}), part / "p.parquet")
        (part / "p.parquet.crc").write_text("x")
        (part / "_SUCCESS").touch()
    load(engine, tmp_path)
    found = engine.rows("select k, day, sum(n) from raw.data group by all order by 1")
    assert found == [("a=b", "01", 3), ("plain", "01", 3), ("x/y", "01", 3)]


def test_every_page_is_held_against_its_checksum(
    engine: DuckEngine, tmp_path: Path
) -> None:
    path = tmp_path / "t.parquet"
    table = pa.table({"a": range(5_000), "s": [f"v{i % 7}" for i in range(5_000)]})
    options = {"row_group_size": 1_000, "data_page_size": 2_000}
    for version in ("1.0", "2.0"):
        pq.write_table(
            table, path, write_page_checksum=True, data_page_version=version, **options
        )
        load(engine, path)
        whole = path.read_bytes()
        column = pq.ParquetFile(path).metadata.row_group(4).column(1)
        damaged = bytearray(whole)
        start = column.dictionary_page_offset or column.data_page_offset
        damaged[start + column.total_compressed_size - 5] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(SourceError, match=r"damaged: a page does not fit"):
            load(engine, path)


def test_pages_are_counted_and_bounds_kept() -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": range(999)}), sink, write_page_checksum=True)
    column = pq.ParquetFile(sink).metadata.row_group(0).column(0)
    start, length = column.dictionary_page_offset, column.total_compressed_size
    size = sink.getbuffer().nbytes
    assert has_checksums(sink)
    # A page of the dictionary, and one of the values.
    assert check_pages(sink, [(start, length)], size, no_tick) == 2
    with pytest.raises(DamagedPageError, match="outside of the file"):
        check_pages(sink, [(start, size)], size, no_tick)
    with pytest.raises(DamagedPageError, match="header cannot be read"):
        check_pages(sink, [(start + 7, length - 7)], size, no_tick)
    plain = io.BytesIO()
    pq.write_table(pa.table({"a": range(999)}), plain)
    assert has_checksums(plain) is False


def test_no_columns_and_no_rows(engine: DuckEngine, tmp_path: Path) -> None:
    pq.write_table(pa.table({}), tmp_path / "c.parquet")
    with pytest.raises(SourceError, match="holds no columns"):
        load(engine, tmp_path / "c.parquet")
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "r.parquet")
    assert load(engine, tmp_path / "r.parquet").n_rows == 0


def test_encrypted_columns_under_a_plain_footer(
    engine: DuckEngine, tmp_path: Path
) -> None:
    import pyarrow.parquet.encryption as pe

    class Keys(pe.KmsClient):
        def __init__(self, config: Any) -> None:
            super().__init__()

        def wrap_key(self, key: bytes, _name: str) -> str:
            return key.hex()

        def unwrap_key(self, wrapped: str, _name: str) -> bytes:
            return bytes.fromhex(wrapped)

    table = pa.table({"a": [1, 2]})
    for has_plain_footer, cause in (
        (True, "encrypted columns"),
        (False, "encrypted Parq"),
    ):
        config = pe.EncryptionConfiguration(
            footer_key="f", column_keys={"c": ["a"]}, plaintext_footer=has_plain_footer
        )
        made = pe.CryptoFactory(Keys).file_encryption_properties(
            pe.KmsConnectionConfig(), config
        )
        path = tmp_path / "t.parquet"
        with pq.ParquetWriter(path, table.schema, encryption_properties=made) as writer:
            writer.write_table(table)
        with pytest.raises(SourceError, match=cause):
            load(engine, path)
