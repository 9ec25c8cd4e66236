"""Parquet files: large ones stay where they are, behind a view."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dsp.engine.duckdb_engine import literal
from dsp.errors import QueryError, SourceError
from dsp.sources.arrow_tables import reader
from dsp.sources.base import Job, Scan, failed, literals, pattern
from dsp.sources.compressed import unpacked
from dsp.sources.parquet_pages import DamagedPageError, check_pages, has_checksums
from dsp.sources.parquet_schemas import (
    Schema,
    as_text,
    drift_of,
    partition_sql,
    schemas_of,
)

WAY_OUT = "the file is damaged or cut off; write or fetch it again"


class ParquetFormat:
    """Parquet, one file or many, with hive folders as columns."""

    name = "parquet"
    suffixes = (".parquet", ".parq", ".pq")
    options = ()

    def matches(self, head: bytes) -> bool:
        """Say whether a file starts as Parquet does."""
        return head.startswith((b"PAR1", b"PARE"))

    def scan(self, job: Job) -> Scan:
        """Read the footers, and the pages where they carry checksums."""
        sources: dict[str, str] = {}
        for path in job.located.files:
            plain = unpacked(path, job, suffix=".parquet")
            _check_ends(path, plain)
            sources[plain] = path
        try:
            schemas = schemas_of(list(sources), job)
            for plain, path in sources.items():
                _check_pages(path, plain, job)
            if any(schema.has_wide_decimals for schema in schemas):
                return _by_arrow(sources, job)
            return _scan(sources, schemas, job)
        except QueryError as error:
            raise _explained(sources, error) from error


def _scan(sources: dict[str, str], schemas: list[Schema], job: Job) -> Scan:
    files = list(sources)
    given = job.located.options.get("partitions", {})
    partitions = {plain: given.get(path, {}) for plain, path in sources.items()}
    select = _select(files, partitions)
    united = job.describe(select)
    facts: dict[str, Any] = {"files": len(files)} if len(files) > 1 else {}
    if len(schemas) > 1:
        keys = {key.lower() for values in partitions.values() for key in values}
        own = [(name, kind) for name, kind in united if name.lower() not in keys]
        drift = drift_of(schemas, own, job)
        facts |= drift.facts()
        if said := drift.sentences(len(files)):
            facts["warnings"] = said
        texts = [
            name
            for name, (_, taken) in drift.widened.items()
            if taken == "VARCHAR" and dict(own)[name] != "VARCHAR"
        ]
        if texts:
            extra = {path: partition_sql(values) for path, values in partitions.items()}
            select = as_text(files, schemas, texts, extra)
            united = job.describe(select)
    names = [name for name, _ in united]
    if len(schemas) == 1:
        # DuckDB renames columns whose names repeat or are empty.
        names[: len(schemas[0].names)] = schemas[0].names
    is_own = all(plain == path for plain, path in sources.items())
    return Scan(
        select=select,
        names=tuple(names),
        decisions=facts,
        n_rows=job.engine.rows(f"select count(*) from ({select})")[0][0],
        # A locked connection compares paths as they are written, escapes and all.
        can_be_view=is_own and not any(pattern(path) != path for path in files),
    )


def _select(files: list[str], partitions: dict[str, dict[str, str]]) -> str:
    paths = literals(pattern(path) for path in files)
    options = ", union_by_name = true" if len(files) > 1 else ""
    if not any(partitions.values()):
        return f"select * from read_parquet({paths}{options}, hive_partitioning = false)"
    if _is_plain(partitions):
        options += f", hive_partitioning = true{_codes(partitions)}"
        return f"select * from read_parquet({paths}{options})"
    # Folders that differ in their keys, or whose values hold signs of their own.
    groups: dict[str, list[str]] = {}
    for path, values in partitions.items():
        groups.setdefault(partition_sql(values), []).append(path)
    return " union all by name ".join(
        f"select *{extra} from read_parquet({literals(map(pattern, group))}, "
        "union_by_name = true, hive_partitioning = false)"
        for extra, group in groups.items()
    )


def _is_plain(partitions: dict[str, dict[str, str]]) -> bool:
    keys = {tuple(values) for values in partitions.values()}
    texts = (value for values in partitions.values() for value in values.values())
    return len(keys) == 1 and not any(sign in text for text in texts for sign in "=%/")


def _by_arrow(sources: dict[str, str], job: Job) -> Scan:
    """Read files by Arrow: DuckDB misreads decimals of more than 38 digits."""
    from pyarrow import ArrowException, parquet

    given = job.located.options.get("partitions", {})
    parts, names = [], []
    for plain, path in sources.items():
        try:
            file = job.stack.enter_context(parquet.ParquetFile(plain))
            incoming = job.lend(reader(file.iter_batches(), file.schema_arrow))
        except (ArrowException, OSError) as error:
            raise failed(path, f"is damaged: {error}", WAY_OUT) from error
        extra = partition_sql(given.get(path, {}))
        parts.append(job.stage(f"select *{extra} from {incoming}"))
        names = [str(name) for name in file.schema_arrow.names]
    select = " union all by name ".join(f"select * from {part}" for part in parts)
    if len(parts) > 1:
        names = [name for name, _ in job.describe(select)]
    facts = {
        "warnings": ["decimals of more than 38 digits were kept as text"],
        **({"files": len(parts)} if len(parts) > 1 else {}),
    }
    return Scan(select, tuple(names), facts)


def _check_ends(path: str, plain: str) -> None:
    with Path(plain).open("rb") as file:
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


def _check_pages(path: str, plain: str, job: Job) -> None:
    """Hold every page against its checksum, which DuckDB does not look at."""
    with Path(plain).open("rb") as file:
        found = has_checksums(file)
        if found is None and _is_encrypted(plain):
            raise failed(path, "holds encrypted columns", "decrypt it first")
        if not found:
            return
        chunks = job.engine.rows(
            "select least(coalesce(nullif(dictionary_page_offset, 0), data_page_offset), "
            "data_page_offset), total_compressed_size "
            f"from parquet_metadata({literal(pattern(plain))}) order by 1"
        )
        try:
            check_pages(file, chunks, Path(plain).stat().st_size, job.tick)
        except DamagedPageError as error:
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


def _explained(sources: dict[str, str], error: QueryError) -> SourceError:
    """Return the error of a reading that failed, naming the file as the user knows it."""
    cause = error.message.splitlines()[0]
    plain = next((plain for plain in sources if plain in cause), next(iter(sources)))
    path = sources[plain]
    cause = cause.replace(plain, path)
    if "non-root column" in cause:
        return failed(path, "holds no columns", "give a file with a table")
    if "failed to cast column" in cause:
        return failed(
            path,
            f"does not go together with the other files: {cause.partition(': ')[2]}",
            "give a glob that fits files of one kind",
        )
    return failed(path, f"cannot be read as Parquet: {cause}", WAY_OUT)


def _is_encrypted(path: str) -> bool:
    from pyarrow import ArrowException, parquet

    try:
        with parquet.ParquetFile(path) as file:
            next(file.iter_batches(batch_size=1), None)
    except (ArrowException, OSError) as error:
        return "crypt" in str(error).lower()
    return False


plugin = ParquetFormat()
