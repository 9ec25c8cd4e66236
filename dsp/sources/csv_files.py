"""CSV and TSV files: the dialect is decided once, then everything is read as fixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dsp.engine.duckdb_engine import literal, quote
from dsp.errors import QueryError
from dsp.sources.base import Job, Scan, failed, literals, pattern, unique_names
from dsp.sources.choices import said
from dsp.sources.csv_account import as_facts, as_lines, as_rejects
from dsp.sources.csv_ledger import Ledger
from dsp.sources.csv_pass import Pass
from dsp.sources.dialect import Dialect, decide, sample_of
from dsp.sources.dialect_options import OPTIONS, Asked, asked_for
from dsp.sources.scratch import foreign_text, is_all_utf8, plain_utf8
from dsp.sources.typed_read import Stored, blocks_of, store
from dsp.sources.wishes import OPTIONS as ABOUT_TYPES
from dsp.sources.wishes import Wishes

CHUNK = 1 << 18
ALWAYS_PASS = 8 << 20
LONGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class _File:
    """A file to read: where it is, how it is written, and what is known of its lines.

    `ledger` is None until the file has been gone over, or its rows counted.
    """

    path: str
    readable: str
    encoding: str
    dialect: Dialect
    partitions: tuple[tuple[str, str], ...]
    ledger: Ledger | None = None
    longest: int = 0
    decided: Dialect | None = None

    @property
    def written(self) -> Dialect:
        """Return the dialect of the file itself, not of a plain copy."""
        return self.decided or self.dialect


class CsvFormat:
    """Text tables: comma, semicolon, tab or bar separated, plain or compressed."""

    name = "csv"
    suffixes = (".csv", ".tsv", ".tab", ".psv", ".txt", ".data")
    options = (*OPTIONS, *ABOUT_TYPES)

    def matches(self, head: bytes) -> bool:
        """Text has no mark of its own."""
        del head
        return False

    def scan(self, job: Job) -> Scan:
        """Read every file, prove the types over all rows, keep what fails."""
        asked = asked_for(job.located.options)
        opened = [_open(path, asked, job) for path in job.located.files]
        wishes = Wishes.of(job.located.options, all_text=asked.all_text)
        staged, files = self._stage_all(opened, job, wishes)
        stored, names = staged[0] if len(staged) == 1 else _united(staged, job)
        table = stored.table
        if not asked.columns and _is_left_over(table, names, files, job):
            names = names[:-1]
        columns = [f"c{i}" for i in range(len(names))]
        decisions = as_facts(files, _last_cells(table, columns, job))
        wishes.refuse_unknown(names)
        choices = stored.choices(names, wishes, job)
        listed = ", ".join(choice.sql for choice in choices)
        decisions |= said(job.engine, table, names, choices)
        return Scan(
            select=f"select {listed} from {table}",
            names=tuple(names),
            decisions=decisions,
            rejects=as_rejects(files, job),
            lines=as_lines(files, job),
            table=stored.final_for(names),
        )

    def _stage_all(
        self, files: list[_File], job: Job, wishes: Wishes
    ) -> tuple[list[tuple[Stored, list[str]]], list[_File]]:
        """Stage files that are written alike together, in the order of their names."""
        groups: dict[Any, list[_File]] = {}
        for file in files:
            key = _alike(file.dialect), file.dialect.names, file.partitions
            groups.setdefault(key, []).append(file)
        staged: list[tuple[Stored, list[str]]] = []
        done: list[_File] = []
        # Files that are united have their types found after that.
        typed = wishes if len(groups) == 1 else None
        for i, group in enumerate(groups.values()):
            stored, names, read = _stage(group, job, typed)
            staged.append((stored, names))
            done += read
            job.tick(i + 1, len(groups), unit="files")
        return staged, done


def _open(path: str, asked: Asked, job: Job) -> _File:
    """Decide how a file is written; go over it when it is small or not plain."""
    options = job.located.options
    readable, encoding = plain_utf8(
        path, job, suffix=".csv", encoding=options.get("encoding")
    )
    partitions = tuple(options.get("partitions", {}).get(path, {}).items())
    dialect = decide(sample_of(readable), asked)
    file = _File(path, readable, encoding, dialect, partitions)
    size = Path(readable).stat().st_size
    if size <= ALWAYS_PASS or not dialect.is_plain or dialect.skip is None:
        return _gone_over(file, asked, job)
    n_lines = _plain_lines(file)
    if n_lines is None:
        return _gone_over(file, asked, job)
    ledger = Ledger(path, job.scratch)
    ledger.rows(n_lines - dialect.line + 1, dialect.line, n_lines - dialect.line + 1)
    return replace(file, ledger=ledger)


def _gone_over(file: _File, asked: Asked, job: Job) -> _File:
    """Go over every record of a file; what is read after that is in order."""
    checks_text = False
    if not is_all_utf8(file.readable):
        if not job.located.options.get("encoding"):
            readable, encoding = foreign_text(
                file.path, file.readable, job, suffix=".csv"
            )
            dialect = decide(sample_of(readable), asked)
            file = replace(file, readable=readable, encoding=encoding, dialect=dialect)
        checks_text = not is_all_utf8(file.readable)
    passed = Pass(file.readable, file.path, file.dialect, job).run(
        checks_text=checks_text
    )
    return replace(
        file,
        readable=passed.path,
        dialect=passed.dialect,
        decided=file.dialect,
        ledger=passed.ledger,
        longest=passed.longest,
    )


def _plain_lines(file: _File) -> int | None:
    """Return how many lines a file has, None where only a full pass can tell.

    What is held against the file must be cheap beside reading it: a line end counted, two
    searches, in pieces that stay in the cache of the processor.
    """
    import numpy as np

    new_line, header = file.dialect.new_line.encode(), file.dialect.header_line
    sign, stray = new_line[-1], b"\n" if new_line == b"\r" else b"\r"
    n, last = 0, b""
    with Path(file.readable).open("rb") as stream:
        stream.seek(file.dialect.start)
        while chunk := stream.read(CHUNK):
            if len(new_line) > 1 and chunk[-1:] == b"\r":
                chunk += stream.read(1)
            n_ends = int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == sign))
            n_stray = chunk.count(new_line) if len(new_line) > 1 else n_ends
            if (header and header in chunk) or n_stray != n_ends:
                return None
            if stray in chunk and (len(new_line) < 2 or chunk.count(stray) != n_ends):
                return None
            n += n_ends
            last = chunk[-len(new_line) :]
    return file.dialect.line - 1 + n + (last != new_line)


def _alike(dialect: Dialect) -> tuple[Any, ...]:
    """Return what files must share to be read together."""
    told = dialect.grammar, dialect.new_line, dialect.skip, dialect.null
    return (*told, len(dialect.names))


def _stage(
    files: list[_File], job: Job, wishes: Wishes | None
) -> tuple[Stored, list[str], list[_File]]:
    """Stage files that are written alike; go over them where that does not work out."""
    names = [*unique_names(files[0].dialect.names)]
    extra = []
    for key, value in files[0].partitions:
        if key.lower() not in {name.lower() for name in names}:
            extra.append(literal(value))
            names.append(key)
    blocks = blocks_of([file.readable for file in files], job) if wishes else None
    sampled = (
        _read_csv([replace(files[0], readable=blocks)], is_sample=True) if blocks else ""
    )
    wanted = sum(file.ledger.n_rows for file in files if file.ledger)
    try:
        stored = store(job, _read_csv(files), sampled, names, extra=extra, wishes=wishes)
        n_rows = job.engine.rows(f"select count(*) from {stored.table}")[0][0]
        cause = _first_reject(job)
    except QueryError as error:
        stored, n_rows, cause = Stored(""), -1, error.message.splitlines()[0]
    if n_rows == wanted and not cause:
        return stored, names, files
    if all(file.decided for file in files):
        cause = cause or f"{n_rows} records were read where {wanted} are"
        raise failed(
            files[0].path,
            f"cannot be read as CSV: {cause}",
            "give the options delimiter, quote or header",
        )
    if stored.table:
        job.drop(stored.table)
    asked = asked_for(job.located.options)
    again = [file if file.decided else _gone_over(file, asked, job) for file in files]
    if len({_alike(file.dialect) for file in again}) == 1:
        return _stage(again, job, wishes)
    parts = [_stage([file], job, None) for file in again]
    stored, names = _united([(part[0], part[1]) for part in parts], job)
    return stored, names, again


def _read_csv(files: Sequence[_File], *, is_sample: bool = False) -> str:
    """Return the call that reads files with everything fixed.

    A sample has no header, and lines that are cut are left out.
    """
    dialect = files[0].dialect
    grammar = dialect.grammar
    fixed = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(dialect.width))
    sign = grammar.delimiter + b" " * grammar.is_spaced
    longest = max(LONGEST, 2 * max(file.longest for file in files) + 1024)
    options = {
        "delim": literal(sign.decode()),
        "quote": literal(grammar.quote.decode()),
        "escape": literal(grammar.escape.decode()),
        "new_line": literal(dialect.new_line.replace("\r", "\\r").replace("\n", "\\n")),
        "skip": "0" if is_sample else str(dialect.skip or 0),
        "columns": f"{{{fixed}}}",
        "nullstr": literals(("", *dialect.null)),
        "max_line_size": str(longest),
    }
    if longest > LONGEST:
        options["buffer_size"] = str(4 * longest)
    told = ", ".join(f"{name} = {value}" for name, value in options.items())
    paths = literals(pattern(file.readable) for file in files)
    kept = (
        "store_rejects = true, rejects_limit = 1, "
        "rejects_table = 'dsp_rejects', rejects_scan = 'dsp_reject_scans'"
    )
    return (
        f"read_csv({paths}, auto_detect = false, header = false, {told}, "
        f"compression = 'none', {'ignore_errors = true' if is_sample else kept})"
    )


def _first_reject(job: Job) -> str:
    found = job.engine.rows("select error_message from dsp_rejects limit 1")
    for name in ("dsp_rejects", "dsp_reject_scans"):
        job.engine.execute(f"drop table {name}")
    return str(found[0][0]).splitlines()[0] if found else ""


def _united(staged: list[tuple[Stored, list[str]]], job: Job) -> tuple[Stored, list[str]]:
    """Stage the union by name of tables; columns are called c0, c1 … again."""
    names: dict[str, str] = {}
    parts: list[str] = []
    for stored, found in staged:
        for name in found:
            names.setdefault(name.lower(), name)
        listed = ", ".join(f"c{i} as {quote(name)}" for i, name in enumerate(found))
        parts.append(f"select {listed} from {stored.table}")
    listed = ", ".join(f"c{i}" for i in range(len(names)))
    union = " union all by name ".join(parts)
    table = job.stage(f"select * from ({union}) as united({listed})")
    return Stored(table), list(names.values())


def _is_left_over(table: str, names: list[str], files: list[_File], job: Job) -> bool:
    """Say whether the last column has no name and no value: lines end in delimiters."""
    if len(names) < 2 or any(file.dialect.names[-1] for file in files):
        return False
    if not any(file.dialect.n_header for file in files) or files[0].partitions:
        return False
    n_rows, n_filled = job.engine.rows(
        f"select count(*), count(c{len(names) - 1}) from {table}"
    )[0]
    return bool(n_rows) and not n_filled


def _last_cells(table: str, columns: list[str], job: Job) -> list[str]:
    """Return the last record: it may be a total of the others."""
    listed = ", ".join(columns)
    n_rows = job.engine.rows(f"select count(*) from {table}")[0][0]
    # Rows of an open transaction are not found by their number without a look at all.
    found = job.engine.rows(
        f"select {listed} from {table} limit 1 offset {max(0, n_rows - 1)}"
    )
    return [str(cell or "") for row in found for cell in row]


plugin = CsvFormat()
