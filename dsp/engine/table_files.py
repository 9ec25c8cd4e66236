"""Writes the rows of a query to a file of any format, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from dsp.engine.duckdb_engine import DuckEngine, literal
from dsp.errors import SettingError

FORMATS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".arrow": "arrow",
    ".feather": "arrow",
}
"""Format by suffix."""

COPY = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv",
    "tsv": "format csv, delimiter '\t'",
    "json": "format json, array true",
    "ndjson": "format json",
}


def format_of(output: Path) -> str:
    """Return the format that the suffix of a file says.

    Raises
    ------
    SettingError
        No format has the suffix.
    """
    kind = FORMATS.get(output.suffix.lower())
    if kind is None:
        raise SettingError(
            f'no format for the suffix "{output.suffix}"',
            hint=f"suffixes: {' '.join(FORMATS)}",
        )
    return kind


@contextmanager
def written(output: Path) -> Iterator[Path]:
    """Yield a path beside `output` that takes its name when all went well."""
    if not output.absolute().parent.is_dir():
        raise SettingError(
            f"no folder {output.absolute().parent}", hint="make it first, or name another"
        )
    folder = Path(mkdtemp(prefix=".dsp-", dir=output.absolute().parent))
    try:
        path = folder / output.name
        yield path
        os.replace(path, output)  # noqa: PTH105
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_rows(
    engine: DuckEngine, query: str, path: Path, kind: str, *, has_header: bool = True
) -> None:
    """Write the rows of a query, in their order, to a file of a kind of `FORMATS`."""
    if kind != "arrow":
        told = COPY[kind]
        if kind in ("csv", "tsv"):
            told += f", header {str(has_header).lower()}"
        engine.execute(f"copy ({query}) to {literal(str(path))} ({told})")
        return
    import pyarrow as pa

    schema = engine.sql(f"select * from ({query}) limit 0").schema
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in engine.ordered_batches(query):
            writer.write_batch(batch)
