"""Parquet files: large ones stay where they are, behind a view."""

from __future__ import annotations

from pathlib import Path

from dsp.engine.duckdb_engine import literal
from dsp.errors import QueryError
from dsp.sources.base import Job, Scan, failed, literals, pattern

MAX_CHECKED_BYTES = 64 << 20


class ParquetFormat:
    """Parquet, one file or many, with hive folders as columns."""

    name = "parquet"
    suffixes = (".parquet", ".parq", ".pq")
    options = ()

    def matches(self, head: bytes) -> bool:
        """Say whether a file starts as Parquet does."""
        return head.startswith((b"PAR1", b"PARE"))

    def scan(self, job: Job) -> Scan:
        """Read the footers only."""
        files = job.located.files
        for path in files:
            _check_ends(path)
            if (job.located.n_bytes or 0) <= MAX_CHECKED_BYTES and _has_checksums(path):
                _check_pages(path)
        paths = literals(pattern(path) for path in files)
        partitions = job.located.options.get("partitions", {})
        options = ", union_by_name = true" if len(files) > 1 else ""
        if partitions:
            options += ", hive_partitioning = true" + _codes(partitions)
        else:
            options += ", hive_partitioning = false"
        select = f"select * from read_parquet({paths}{options})"
        try:
            n_rows = job.engine.rows(f"select count(*) from ({select})")[0][0]
            found = [name for name, _ in job.describe(select)]
        except QueryError as error:
            cause = error.message.splitlines()[0]
            raise failed(
                next((path for path in files if path in cause), files[0]),
                f"cannot be read as Parquet: {cause}",
                "the file is damaged or cut off; write or fetch it again",
            ) from error
        return Scan(
            select=select,
            names=tuple(_written(files[0], found) if len(files) == 1 else found),
            decisions={"files": len(files)} if len(files) > 1 else {},
            n_rows=n_rows,
            # A locked connection compares paths as they are written, escapes and all.
            can_be_view=not any(pattern(path) != path for path in files),
        )


def _check_ends(path: str) -> None:
    with Path(path).open("rb") as file:
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - 4))
        tail = file.read(4)
    if tail == b"PARE":
        raise failed(path, "is encrypted Parquet", "decrypt it first")
    if size < 12 or tail != b"PAR1":
        raise failed(
            path, "is Parquet without its end: cut off", "write or fetch the file again"
        )


def _has_checksums(path: str) -> bool:
    """Say whether the first page's header carries a checksum.

    The header is Thrift's compact form: three whole numbers, each a field mark (0x15) and
    a variable-length value, then the checksum's mark where there is one.
    """
    with Path(path).open("rb") as file:
        file.seek(4)
        header = file.read(32)
    at = 0
    for _ in range(3):
        if header[at : at + 1] != b"\x15":
            return False
        at += 1
        while at < len(header) and header[at] & 0x80:
            at += 1
        at += 1
    return header[at : at + 1] == b"\x15"


def _check_pages(path: str) -> None:
    """Read every page against its checksum, which DuckDB does not look at."""
    from pyarrow import ArrowException, parquet

    try:
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            for _ in file.iter_batches():
                pass
    except (ArrowException, OSError) as error:
        raise failed(
            path, f"is damaged: {error}", "write or fetch the file again"
        ) from error


def _codes(partitions: dict[str, dict[str, str]]) -> str:
    """Return the option that keeps partition values with leading zeros as text."""
    keys = {
        key
        for values in partitions.values()
        for key, value in values.items()
        if value[:1] == "0" and value[1:2].isdigit()
    }
    if not keys:
        return ""
    listed = ", ".join(f"{literal(key)}: VARCHAR" for key in sorted(keys))
    return f", hive_types = {{{listed}}}"


def _written(path: str, found: list[str]) -> list[str]:
    """Return the names as written, where DuckDB renamed repeated ones."""
    if not any(name[-1:].isdigit() and "_" in name for name in found):
        return found
    from pyarrow import ArrowException, parquet

    try:
        names = [str(name) for name in parquet.read_schema(path).names]
    except (ArrowException, OSError):
        return found
    return names if len(names) == len(found) else found


plugin = ParquetFormat()
