"""JSON: records in an array, one a line, or wrapped in an object."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from dsp.engine.duckdb_engine import literal, quote
from dsp.errors import QueryError, SourceError
from dsp.sources.base import Job, Scan, failed, literals, pattern
from dsp.sources.choices import choose
from dsp.sources.json_shapes import NoRecordsError, is_one_value, records_of
from dsp.sources.scratch import foreign_text, is_all_utf8, plain_utf8

MAX_OBJECT_BYTES = 1 << 28
# Texts up to this size are looked through in memory, for their shape or for a mistake.
MAX_WHOLE_BYTES = 128 << 20
HEAD_BYTES = 1 << 16
HINT = "dsp reads records: an array of objects, or one object a line"
TIMES = ("DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "UUID")
_LONG = "[0-9]{17}|[0-9.][eE][+]?[0-9]{3}"


@dataclass(frozen=True, slots=True)
class _Readable:
    """A file of records that DuckDB reads, and the lines that are none."""

    source: str
    path: str
    is_lines: bool


class JsonFormat:
    """JSON files; nested values stay STRUCT and LIST."""

    name = "json"
    suffixes = (".json", ".ndjson", ".jsonl", ".geojson")
    options = ("encoding", "records")

    def matches(self, head: bytes) -> bool:
        """Say whether text starts with an object or an array."""
        return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")

    def scan(self, job: Job) -> Scan:
        """Read with types that hold for every record."""
        files = [_readable(path, job) for path in job.located.files]
        rejects = None
        try:
            scan = _scan(files, job)
        except QueryError as error:
            if len(files) > 1 or not files[0].is_lines:
                raise _explained(files, error) from error
            kept, rejects = _sorted_lines(files[0], error, job)
            try:
                scan = _scan([kept], job)
            except QueryError as again:
                raise _explained([kept], again) from again
        return Scan(scan.select, scan.names, scan.decisions, rejects)


def _readable(path: str, job: Job) -> _Readable:
    """Return a file that holds records and nothing else, in UTF-8."""
    encoding = job.located.options.get("encoding")
    plain, _ = plain_utf8(path, job, suffix=".json", encoding=encoding, is_marked=False)
    if not is_all_utf8(plain):
        plain, _ = foreign_text(path, plain, job, suffix=".json")
    if _starts_a_line(plain):
        return _Readable(path, plain, is_lines=True)
    wanted = job.located.options.get("records")
    is_plain = wanted is None and _starts_an_array(plain)
    if is_plain or Path(plain).stat().st_size > MAX_WHOLE_BYTES:
        return _Readable(path, plain, is_lines=False)
    text = Path(plain).read_text(encoding="utf-8")
    try:
        if not is_one_value(text):
            return _Readable(path, plain, is_lines=False)
        found = records_of(text, wanted)
    except json.JSONDecodeError as error:
        raise failed(path, f"is not JSON: {_place(error)}", HINT) from error
    except NoRecordsError as error:
        raise failed(path, str(error), HINT) from error
    except RecursionError as error:
        raise failed(path, "is nested too deeply", HINT) from error
    except SourceError as error:
        raise failed(path, error.message, error.hint) from error
    if found.text is None:
        return _Readable(path, plain, is_lines=False)
    job.note("shape", found.shape)
    for name, value in found.facts.items():
        job.note(name, value)
    for warning in found.warnings:
        job.warn(path, warning)
    target = job.scratch(".json")
    target.write_text(found.text, encoding="utf-8")
    return _Readable(path, str(target), is_lines=False)


def _starts_a_line(path: str) -> bool:
    """Say whether a file's first line is an object, and another line follows."""
    with Path(path).open("rb") as file:
        head = file.read(HEAD_BYTES).lstrip()
        first, end, rest = head.partition(b"\n")
        if not end and len(head) == HEAD_BYTES:
            # A line longer than that is looked at as a whole.
            first += file.readline(MAX_OBJECT_BYTES)
            rest = file.read(HEAD_BYTES)
    if not first.startswith(b"{") or not rest.strip():
        return False
    try:
        json.loads(first, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _starts_an_array(path: str) -> bool:
    """Say whether a file starts as an array of objects: the common shape."""
    with Path(path).open("rb") as file:
        return b"".join(file.read(HEAD_BYTES).split())[:2] == b"[{"


def _scan(files: list[_Readable], job: Job) -> Scan:
    paths = literals(pattern(file.path) for file in files)
    read = (
        f"read_json({paths}, sample_size = -1, "
        f"union_by_name = true, maximum_object_size = {MAX_OBJECT_BYTES}, "
        "records = true, maximum_depth = 24, compression = 'uncompressed'"
    )
    try:
        found = job.describe(f"select * from {read})")
    except QueryError as error:
        if "non-record" not in error.message:
            raise
        # Objects of many different keys are taken for one map.
        read += ", map_inference_threshold = -1"
        found = job.describe(f"select * from {read})")
    long = _long_numbers(read, found, job)
    kinds = [(name, "JSON" if name in long else kind) for name, kind in found]
    table = job.stage(_select(read, kinds, is_told=bool(long)))
    return _typed(job, table, kinds, long)


def _long_numbers(read: str, found: list[tuple[str, str]], job: Job) -> set[str]:
    """Return nested columns with numbers of more digits than a double holds."""
    nested = [name for name, kind in found if "DOUBLE" in kind and kind != "DOUBLE"]
    if not nested:
        return set()
    told = ", ".join(
        f"{literal(name)}: {literal('JSON' if name in nested else kind)}"
        for name, kind in found
    )
    tests = ", ".join(
        f"bool_or(regexp_matches({quote(name)}::varchar, '{_LONG}'))" for name in nested
    )
    row = job.engine.rows(f"select {tests} from {read}, columns = {{{told}}})")[0]
    return {name for name, is_long in zip(nested, row, strict=True) if is_long}


def _select(read: str, found: list[tuple[str, str]], *, is_told: bool) -> str:
    columns = ", ".join(
        # JSON is DuckDB's type for values that disagree: text says what was there.
        f"{quote(name)} ->> '$' as c{i}" if kind == "JSON" else f"{quote(name)} as c{i}"
        for i, (name, kind) in enumerate(found)
    )
    told = ""
    if is_told or any(_as_text(kind) != kind for _, kind in found):
        listed = ", ".join(f"{literal(n)}: {literal(_as_text(k))}" for n, k in found)
        told = f", columns = {{{listed}}}"
    return f"select {columns} from {read}{told})"


def _as_text(kind: str) -> str:
    """Return the type that a column is read as, so that nothing is lost on the way.

    Dates are proved over every row like those of CSV files; numbers beyond what a double
    holds exactly keep their digits only as text.
    """
    return "VARCHAR" if kind in TIMES or kind == "DOUBLE" else kind


def _typed(job: Job, table: str, kinds: list[tuple[str, str]], long: set[str]) -> Scan:
    columns = {f"c{i}": pair for i, pair in enumerate(kinds)}
    found = dict(job.describe(f"select * from {table}"))
    numbers = [c for c, (_, kind) in columns.items() if kind == "DOUBLE"]
    texts = [c for c in columns if found[c] == "VARCHAR" and c not in numbers]
    chosen = dict(
        zip(texts, choose(job.engine, table, texts, numbers=False), strict=True)
    )
    chosen |= zip(numbers, choose(job.engine, table, numbers, numbers=True), strict=True)
    listed, notes = [], {}
    for column, (name, kind) in columns.items():
        sql, note = column, None
        if column in chosen:
            sql, note = chosen[column].sql, chosen[column].note
        if kind == "JSON":
            note = "text; values of several types"
        if name in long:
            note = "text; it holds numbers of more digits than a double"
        listed.append(sql)
        if note:
            notes[name] = note
    return Scan(
        select=f"select {', '.join(listed)} from {table}",
        names=tuple(name for name, _ in kinds),
        decisions={"types": notes} if notes else {},
    )


def _sorted_lines(file: _Readable, error: QueryError, job: Job) -> tuple[_Readable, str]:
    """Put lines that are no JSON objects aside; return the others, and SQL of those."""
    import pyarrow as pa

    kept = job.scratch(".json")
    rejects: list[tuple[int, int, str, str]] = []
    n_kept = at = 0
    with Path(file.path).open("rb") as lines, kept.open("wb") as out:
        for number, line in enumerate(lines, 1):
            if line.strip():
                if (reason := _fault(line)) is None:
                    out.write(line if line.endswith(b"\n") else line + b"\n")
                    n_kept += 1
                else:
                    text = line.rstrip(b"\r\n").decode("utf-8", errors="replace")
                    rejects.append((number, at, text, reason))
            at += len(line)
    if not rejects or len(rejects) > n_kept:
        raise _explained([file], error) from error
    names = ("line_number", "byte_position", "text", "reason")
    columns = dict(zip(names, map(list, zip(*rejects, strict=True)), strict=True))
    staged = job.stage(f"select * from {job.lend(pa.table(columns))}")
    return _Readable(file.source, str(kept), is_lines=True), f"from {staged}"


def _fault(line: bytes) -> str | None:
    """Return why a line is no record, or None when it is one."""
    repeated: list[str] = []

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(items)
        if len(made) < len(items):
            repeated.append("repeats a name in one object")
        return made

    try:
        value = json.loads(line, object_pairs_hook=pairs)
        # Half a character of a pair cannot be stored as text.
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        return f"not JSON: column {error.colno}: {error.msg}"
    except UnicodeError:
        return "not JSON: half of a surrogate pair"
    except RecursionError:
        return "nested too deeply"
    if not isinstance(value, dict):
        return "not an object"
    return repeated[0] if repeated else None


def _explained(files: list[_Readable], error: QueryError) -> SourceError:
    """Return the error of a reading that failed, with the line where it is known."""
    cause = error.message.splitlines()[0]
    file = next((file for file in files if f'"{file.path}"' in cause), files[0])
    cause = cause.replace(f' "{file.path}"', "")
    if Path(file.path).stat().st_size <= MAX_WHOLE_BYTES:
        text = Path(file.path).read_text(encoding="utf-8")
        try:
            if is_one_value(text):
                records_of(text, None)
            json.loads(text)
        except NoRecordsError as found:
            return failed(file.source, str(found), HINT)
        except json.JSONDecodeError as found:
            if not found.msg.startswith("Extra data"):
                return failed(file.source, f"is not JSON: {_place(found)}", HINT)
        except RecursionError:
            cause = "it is nested too deeply"
    return failed(file.source, f"is not JSON that holds a table: {cause}", HINT)


def _place(error: json.JSONDecodeError) -> str:
    return f"line {error.lineno}, column {error.colno}: {error.msg}"


plugin = JsonFormat()
