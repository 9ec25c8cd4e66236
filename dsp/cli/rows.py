"""How rows of a query are written: CSV, JSON, Markdown, Parquet, Arrow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

Writer = Callable[[Any, Iterator[Any], Any], int]
"""Takes an Arrow schema, record batches and a binary file; returns the rows written."""


def write_csv(schema: Any, batches: Iterator[Any], sink: Any) -> int:
    """Write CSV: text quoted, missing values as empty fields, nested values as JSON."""
    from pyarrow import csv

    from dsp.exports.cells import csv_ready

    head = csv_ready(schema.empty_table(), guard=False)
    n_rows = 0
    with csv.CSVWriter(
        sink, head.schema, write_options=csv.WriteOptions(quoting_style="needed")
    ) as writer:
        for batch in batches:
            writer.write_table(csv_ready(batch, guard=False).cast(head.schema))
            n_rows += batch.num_rows
    return n_rows


def write_json(schema: Any, batches: Iterator[Any], sink: Any) -> int:
    """Write one JSON array of objects, one object a line."""
    n_rows = 0
    sink.write(b"[")
    for line in _lines(schema, batches):
        sink.write((",\n " if n_rows else "\n ").encode() + line)
        n_rows += 1
    sink.write(b"\n]\n" if n_rows else b"]\n")
    return n_rows


def write_jsonl(schema: Any, batches: Iterator[Any], sink: Any) -> int:
    """Write one JSON object a line."""
    n_rows = 0
    for line in _lines(schema, batches):
        sink.write(line + b"\n")
        n_rows += 1
    return n_rows


def write_markdown(schema: Any, batches: Iterator[Any], sink: Any) -> int:
    """Write a Markdown table with escaped cells."""
    from dsp.exports.cells import as_text
    from dsp.exports.marks import inline

    names = [inline(name) for name in schema.names]
    sink.write(("| " + " | ".join(names) + " |\n").encode())
    sink.write(("|" + " --- |" * len(names) + "\n").encode())
    n_rows = 0
    for batch in batches:
        for row in _rows(batch):
            cells = (inline(as_text(value) or "") for value in row)
            sink.write(("| " + " | ".join(cells) + " |\n").encode())
            n_rows += 1
    return n_rows


def write_parquet(schema: Any, batches: Iterator[Any], sink: Any) -> int:
    """Write a Parquet file."""
    from pyarrow import parquet

    n_rows = 0
    with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            n_rows += batch.num_rows
    return n_rows


def write_arrow(schema: Any, batches: Iterator[Any], sink: Any) -> int:
    """Write an Arrow stream."""
    import pyarrow as pa

    n_rows = 0
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            n_rows += batch.num_rows
    return n_rows


WRITERS: dict[str, Writer] = {
    "csv": write_csv,
    "json": write_json,
    "jsonl": write_jsonl,
    "markdown": write_markdown,
    "parquet": write_parquet,
    "arrow": write_arrow,
}


def _lines(schema: Any, batches: Iterator[Any]) -> Iterator[bytes]:
    from dsp.exports.cells import plain

    # Two columns may have one name; the later gets a number, so that none is lost.
    names: list[str] = []
    for name in schema.names:
        count = sum(1 for known in schema.names[: len(names)] if known == name)
        names.append(f"{name}_{count}" if count else name)
    for batch in batches:
        for row in _rows(batch):
            document = dict(zip(names, map(plain, row), strict=True))
            yield json.dumps(document, ensure_ascii=False).encode()


def _rows(batch: Any) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)
