"""Arrow IPC files and streams (Feather), one batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dsp.engine.duckdb_engine import literal, quote
from dsp.errors import QueryError
from dsp.sources.arrow_tables import reader
from dsp.sources.base import Job, Scan, failed


class ArrowFormat:
    """Arrow IPC, as a file (Feather) or a stream."""

    name = "arrow"
    suffixes = (".arrow", ".feather", ".ipc", ".arrows")
    options = ()

    def matches(self, head: bytes) -> bool:
        """Say whether a file starts as an Arrow file, or a stream, or Feather 1."""
        return head.startswith((b"ARROW1", b"FEA1", b"\xff\xff\xff\xff"))

    def scan(self, job: Job) -> Scan:
        """Copy the batches into temporary tables."""
        files = job.located.files
        partitions = job.located.options.get("partitions", {})
        staged: list[str] = []
        names: list[str] = []
        for i, path in enumerate(files):
            table, found = _stage(path, partitions.get(path, {}), job)
            staged.append(table)
            names += found if not i else [n for n in found if n not in names]
            job.tick(i + 1, len(files), unit="files")
        union = " union all by name ".join(f"select * from {table}" for table in staged)
        return Scan(select=union, names=tuple(names))


def _stage(path: str, partitions: dict[str, str], job: Job) -> tuple[str, list[str]]:
    from pyarrow import ArrowException

    extra = "".join(f", {literal(v)} as {quote(k)}" for k, v in partitions.items())
    try:
        batches, schema = _open(path, job)
        incoming = job.lend(reader(batches, schema))
        table = job.stage(f"select *{extra} from {incoming}")
    except (ArrowException, OSError, QueryError) as error:
        raise failed(
            path,
            f"cannot be read as Arrow: {str(error).splitlines()[0]}",
            "the file is damaged or cut off; write or fetch it again",
        ) from error
    names = [*map(str, schema.names), *partitions]
    return table, names if len(names) == len(set(names)) else _found(job, table)


def _found(job: Job, table: str) -> list[str]:
    return [name for name, _ in job.describe(f"select * from {table}")]


def _open(path: str, job: Job) -> tuple[Iterator[Any], Any]:
    import pyarrow as pa
    from pyarrow import feather, ipc

    source = job.stack.enter_context(pa.memory_map(path))
    head = source.read(6)
    source.seek(0)
    if head == b"ARROW1":
        opened = ipc.open_file(source)
        n = opened.num_record_batches

        def batches() -> Iterator[Any]:
            for i in range(n):
                yield opened.get_batch(i)

        return batches(), opened.schema
    if head.startswith(b"FEA1"):
        table = feather.read_table(path)
        return iter(table.to_batches()), table.schema
    stream = ipc.open_stream(source)
    return iter(stream), stream.schema


plugin = ArrowFormat()
