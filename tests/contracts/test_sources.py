"""Every file format carries every nasty table there and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from dsp.engine import DuckEngine
from dsp.errors import SourceError
from dsp.registry import plugins
from dsp.sources import DataReader

if TYPE_CHECKING:
    from pathlib import Path


def _same(engine: DuckEngine, table: pa.Table, n_rows: int) -> None:
    got = engine.sql("from raw.data")
    assert got.num_rows == n_rows
    assert [n.lower() for n in got.column_names] == [
        n.lower() for n in table.column_names
    ]


@pytest.mark.parametrize(
    "kind", ["memory", "parquet", "arrow", "database", "json", "csv"]
)
def test_nasty_tables_come_through(
    engine: DuckEngine, tmp_path: Path, nasty: tuple[str, Any], kind: str
) -> None:
    name, table = nasty
    source: Any = table
    if kind == "parquet":
        source = tmp_path / "t.parquet"
        pq.write_table(table, source)
    elif kind == "arrow":
        source = tmp_path / "t.arrow"
        feather.write_feather(table, source)
    elif kind == "database":
        source = tmp_path / "t.duckdb"
        other = DuckEngine(source)
        other.put(table, "t")
        other.close()
    elif kind in ("json", "csv"):
        source = tmp_path / f"t.{kind}"
        other = DuckEngine()
        other.put(table, "t")
        form = "json, array true" if kind == "json" else "csv, header true"
        other.execute(f"copy t to '{source}' (format {form})")
        other.close()
    reader = DataReader()
    if (kind, name) == ("json", "no_rows"):
        with pytest.raises(SourceError, match="JSON"):
            reader.load(reader.locate(source), engine)
        return
    loaded = reader.load(reader.locate(source), engine)
    _same(engine, table, table.num_rows)
    assert loaded.n_rows == table.num_rows
    assert engine.rows("select count(*) from raw.rejects") == [(0,)]
    left = engine.rows("select table_name from duckdb_tables() where temporary")
    assert left == []


def test_plugins_say_what_they_read() -> None:
    found = plugins("sources")
    assert sorted(found) == [
        "arrow",
        "csv",
        "database",
        "excel",
        "json",
        "memory",
        "parquet",
    ]
    suffixes = [suffix for plugin in found.values() for suffix in plugin.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert not any(plugin.matches(b"a,b\n1,2\n") for plugin in found.values())
