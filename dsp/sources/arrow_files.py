"""Arrow IPC files and streams (Feather), one batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dsp.engine.duckdb_engine import literal, quote
from dsp.errors import QueryError
from dsp.sources.arrow_tables import reader, what_is_lost
from dsp.sources.base import Job, Scan, failed
from dsp.sources.compressed import unpacked


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
        if len(staged) > 1:
            # Names that differ in their case alone are one column.
            names = _found(job, f"({union})")
        return Scan(select=union, names=tuple(names))


def _stage(path: str, partitions: dict[str, str], job: Job) -> tuple[str, list[str]]:
    from pyarrow import ArrowException

    extra = "".join(f", {literal(v)} as {quote(k)}" for k, v in partitions.items())
    plain = unpacked(path, job, suffix=".arrow")
    try:
        batches, schema = _open(plain, job)
        incoming = job.lend(reader(_checked(batches), schema))
        table = job.stage(f"select *{extra} from {incoming}")
    except (ArrowException, OSError, QueryError, UnicodeDecodeError) as error:
        cause = (str(error).splitlines() or [type(error).__name__])[0]
        raise failed(
            path,
            f"cannot be read as Arrow: {cause}",
            "the file is damaged or cut off; write or fetch it again",
        ) from error
    for warning in what_is_lost(schema):
        job.warn(path, warning)
    names = [*map(str, schema.names), *partitions]
    return table, names if len(names) == len(set(names)) else _found(job, table)


def _found(job: Job, table: str) -> list[str]:
    return [name for name, _ in job.describe(f"select * from {table}")]


def _checked(batches: Iterator[Any]) -> Iterator[Any]:
    """Check each batch: offsets that lead astray would end the process."""
    for batch in batches:
        batch.validate(full=True)
        yield batch


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
