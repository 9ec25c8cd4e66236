"""CSV and TSV files: the dialect is decided once, then everything is read as fixed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from dsp.engine.duckdb_engine import literal, quote
from dsp.errors import QueryError
from dsp.sources.base import Job, Scan, failed, literals, pattern, unique_names
from dsp.sources.dialect import Dialect, decide, sample_of
from dsp.sources.kinds import choose
from dsp.sources.scratch import foreign_text, plain_utf8


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    readable: str
    encoding: str
    dialect: Dialect
    partitions: tuple[tuple[str, str], ...]


class CsvFormat:
    """Text tables: comma, semicolon, tab or bar separated, plain or compressed."""

    name = "csv"
    suffixes = (".csv", ".tsv", ".tab", ".psv", ".txt", ".data")
    options = ("delimiter", "quote", "escape", "header", "encoding", "all_text")

    def matches(self, head: bytes) -> bool:
        """Text has no mark of its own."""
        del head
        return False

    def scan(self, job: Job) -> Scan:
        """Read every file as text, find the types over all rows, keep what fails."""
        files = [self._file(path, job) for path in job.located.files]
        staged, rejects = self._stage_all(files, job)
        table, names = staged[0] if len(staged) == 1 else _united(staged, job)
        columns = [f"c{i}" for i in range(len(names))]
        decisions = _facts(files)
        if job.located.options.get("all_text"):
            listed = ", ".join(columns)
        else:
            choices = choose(job.engine, table, columns, numbers=True)
            listed = ", ".join(choice.sql for choice in choices)
            notes = {n: c.note for n, c in zip(names, choices, strict=True) if c.note}
            decisions |= {"types": notes} if notes else {}
        return Scan(
            select=f"select {listed} from {table}",
            names=tuple(names),
            decisions=decisions,
            rejects=rejects,
        )

    def _file(self, path: str, job: Job) -> _File:
        options = job.located.options
        readable, encoding = plain_utf8(
            path, job, suffix=".csv", encoding=options.get("encoding")
        )
        dialect = decide(sample_of(readable), options)
        partitions = tuple(options.get("partitions", {}).get(path, {}).items())
        return _File(path, readable, encoding, dialect, partitions)

    def _stage_all(
        self, files: list[_File], job: Job
    ) -> tuple[list[tuple[str, list[str]]], str]:
        """Stage files that are written alike together; return tables and rejects."""
        groups: dict[Any, list[_File]] = {}
        for file in files:
            groups.setdefault((file.dialect, file.partitions), []).append(file)
        staged: list[tuple[str, list[str]]] = []
        rejects: list[str] = []
        for i, group in enumerate(groups.values()):
            table, names, rejected = _stage(group, job)
            if _has_foreign_text(rejected, job):
                group = [_as_foreign(file, job) for file in group]  # noqa: PLW2901
                table, names, rejected = _stage(group, job)
            staged.append((table, names))
            rejects.append(f"from {rejected}")
            job.tick(i + 1, len(groups), unit="files")
        return staged, " union all ".join(rejects)


def _stage(files: list[_File], job: Job) -> tuple[str, list[str], str]:
    dialect = files[0].dialect
    source = [f"c{i}" for i in range(len(dialect.names))]
    fixed = ", ".join(f"{literal(c)}: 'VARCHAR'" for c in source)
    paths = literals(pattern(file.readable) for file in files)
    options = {
        "delim": literal(dialect.delimiter.replace("\t", "\\t")),
        "quote": literal(dialect.quote),
        "escape": literal(dialect.escape),
        "skip": str(dialect.skip),
        "columns": f"{{{fixed}}}",
    }
    if dialect.new_line == "mixed":
        # DuckDB's strict reader gives up where line ends change.
        options["strict_mode"] = "false"
    elif dialect.new_line:
        options["new_line"] = literal(dialect.new_line)
    told = ", ".join(f"{name} = {value}" for name, value in options.items())
    read = (
        f"read_csv({paths}, auto_detect = false, header = false, {told}, "
        "compression = 'none', store_rejects = true, rejects_limit = 0, "
        "rejects_table = 'dsp_rejects', rejects_scan = 'dsp_reject_scans')"
    )
    names = [*unique_names(dialect.names)]
    listed = list(source)
    for key, value in files[0].partitions:
        if key.lower() not in {name.lower() for name in names}:
            listed.append(f"{literal(value)} as c{len(listed)}")
            names.append(key)
    try:
        table = job.stage(f"select {', '.join(listed)} from {read}")
    except QueryError as error:
        raise failed(
            files[0].path,
            f"cannot be read as CSV: {error.message.splitlines()[0]}",
            "give the options delimiter, quote or header",
        ) from error
    rejected = job.stage(
        "select line as line_number, min(line_byte_position) as byte_position, "
        "any_value(csv_line) as text, "
        "string_agg(distinct error_message, '; ' order by error_message) as reason "
        "from dsp_rejects group by scan_id, file_id, line order by file_id, line"
    )
    for name in ("dsp_rejects", "dsp_reject_scans"):
        job.engine.execute(f"drop table {name}")
    return table, names, rejected


def _united(staged: list[tuple[str, list[str]]], job: Job) -> tuple[str, list[str]]:
    """Stage the union by name of tables; columns are called c0, c1 … again."""
    names: dict[str, str] = {}
    parts: list[str] = []
    for table, found in staged:
        for name in found:
            names.setdefault(name.lower(), name)
        listed = ", ".join(f"c{i} as {quote(name)}" for i, name in enumerate(found))
        parts.append(f"select {listed} from {table}")
    listed = ", ".join(f"c{i}" for i in range(len(names)))
    union = " union all by name ".join(parts)
    table = job.stage(f"select * from ({union}) as united({listed})")
    return table, list(names.values())


def _has_foreign_text(rejected: str, job: Job) -> bool:
    found = job.engine.rows(
        f"select count(*) from {rejected} where contains(reason, 'not utf-8')"
    )
    return bool(found[0][0])


def _as_foreign(file: _File, job: Job) -> _File:
    """Read a file again whose bytes past the first MiB are not UTF-8."""
    if file.encoding != "utf-8" or job.located.options.get("encoding"):
        return file
    readable, encoding = foreign_text(file.path, file.readable, job, suffix=".csv")
    return replace(file, readable=readable, encoding=encoding)


def _facts(files: Iterable[_File]) -> dict[str, Any]:
    shown = list(files)
    facts = shown[0].dialect.facts() | {"encoding": shown[0].encoding}
    if len(shown) > 1:
        facts["files"] = len(shown)
    return facts


plugin = CsvFormat()
