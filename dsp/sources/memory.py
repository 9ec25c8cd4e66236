"""Tables in memory: Arrow, pandas, polars, and Ibis tables of any backend."""

from __future__ import annotations

import hashlib
from typing import Any

from dsp.errors import SourceError
from dsp.sources.arrow_tables import reader
from dsp.sources.base import Job, Scan, unique_names


class MemoryFormat:
    """Tables that live in this process."""

    name = "memory"
    suffixes = ()
    options = ()

    def matches(self, head: bytes) -> bool:
        """No file is in memory."""
        del head
        return False

    def scan(self, job: Job) -> Scan:
        """Lend the table to SQL."""
        table = job.located.payload
        incoming = job.lend(reader(iter(table.to_batches()), table.schema))
        return Scan(
            select=f"select * from {incoming}",
            names=tuple(str(name) for name in table.schema.names),
            n_rows=table.num_rows,
        )


def as_arrow(source: Any) -> Any:
    """Return an in-memory table as a `pyarrow.Table`.

    Raises
    ------
    SourceError
        It is not a table that dsp knows.
    """
    import pyarrow as pa

    room = type(source).__module__.partition(".")[0]
    if isinstance(source, pa.Table):
        return source
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    if isinstance(source, pa.RecordBatchReader):
        return source.read_all()
    if room == "pandas" and hasattr(source, "columns"):
        return _from_pandas(source)
    if room == "polars":
        frame = source.collect() if hasattr(source, "collect") else source
        if hasattr(frame, "get_columns"):
            return frame.to_arrow()
    if room == "ibis" and hasattr(source, "to_pyarrow") and hasattr(source, "schema"):
        return source.to_pyarrow()
    if room == "duckdb" and hasattr(source, "to_arrow_table"):
        return source.to_arrow_table()
    if isinstance(source, dict | list):
        return _from_python(source)
    raise SourceError(
        f"a {type(source).__name__} is not a source",
        hint="give a path, or a pandas, polars, Arrow or Ibis table",
    )


def fingerprint(table: Any) -> str:
    """Return the hash of a table's content, whatever its chunks."""
    from pyarrow import ipc

    digest = hashlib.sha256()

    class Sink:
        closed = False

        def write(self, data: Any) -> int:
            digest.update(data)
            return len(data)

        def flush(self) -> None:
            pass

        def close(self) -> None:
            self.closed = True

    with ipc.new_stream(Sink(), table.schema) as writer:
        writer.write_table(table.combine_chunks(), max_chunksize=65_536)
    return digest.hexdigest()


def _from_pandas(frame: Any) -> Any:
    import pyarrow as pa

    names = unique_names([str(name) for name in frame.columns])
    arrays = []
    for i in range(len(names)):
        column = frame.iloc[:, i]
        try:
            arrays.append(pa.Array.from_pandas(column))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            texts = [None if value is None else str(value) for value in column]
            arrays.append(pa.array(texts, pa.string()))
    return pa.table(dict(zip(names, arrays, strict=True)))


def _from_python(source: Any) -> Any:
    import pyarrow as pa

    try:
        made = (
            pa.Table.from_pylist(source) if isinstance(source, list) else pa.table(source)
        )
    except (pa.ArrowException, TypeError, AttributeError, ValueError) as error:
        raise SourceError(
            f"a {type(source).__name__} is not a table: {error}",
            hint="give a list of dicts, or a dict of lists of one length",
        ) from error
    return made


plugin = MemoryFormat()
