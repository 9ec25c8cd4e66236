"""One Parquet file per table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.exports.cells import (
    appearing,
    data_batches,
    data_schema,
    read_table,
    table_names,
)

if TYPE_CHECKING:
    from dsp.engine import DuckEngine


class ParquetExport:
    """Writes ``parquet/TABLE.parquet`` for every result table, and ``data``."""

    name = "parquet"

    def write(self, engine: DuckEngine, folder: Path) -> list[Path]:
        """Write the files and return their paths."""
        import pyarrow as pa

        paths = []
        for name in table_names():
            table = read_table(engine, name)
            target = folder / "parquet" / f"{name}.parquet"
            paths.append(_write(target, table.schema, table.to_batches()))
        schema = data_schema(engine)
        batches = (
            pa.RecordBatch.from_arrays(batch.columns, schema=schema)
            for batch in data_batches(engine)
        )
        return [*paths, _write(folder / "parquet" / "data.parquet", schema, batches)]


plugin = ParquetExport()


def _write(path: Path, schema: Any, batches: Iterable[Any]) -> Path:
    from pyarrow import parquet

    with (
        appearing(path) as unfinished,
        parquet.ParquetWriter(unfinished, schema, compression="zstd") as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
    return path
