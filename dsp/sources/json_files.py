"""JSON: an array of objects, or one object a line."""

from __future__ import annotations

from dsp.engine.duckdb_engine import literal, quote
from dsp.errors import QueryError
from dsp.sources.base import Job, Scan, failed, literals, pattern
from dsp.sources.kinds import choose
from dsp.sources.scratch import head_of, plain_utf8

MAX_OBJECT_BYTES = 1 << 28
TIMES = ("DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "UUID")


class JsonFormat:
    """JSON files; nested values stay STRUCT and LIST."""

    name = "json"
    suffixes = (".json", ".ndjson", ".jsonl")
    options = ("encoding",)

    def matches(self, head: bytes) -> bool:
        """Say whether text starts with an object or an array."""
        return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")

    def scan(self, job: Job) -> Scan:
        """Read with types that hold for every record."""
        encoding = job.located.options.get("encoding")
        paths = []
        for path in job.located.files:
            _refuse_scalars(path)
            paths.append(plain_utf8(path, job, suffix=".json", encoding=encoding)[0])
        read = (
            f"read_json({literals(map(pattern, paths))}, sample_size = -1, "
            f"union_by_name = true, maximum_object_size = {MAX_OBJECT_BYTES}, "
            "records = true, maximum_depth = 24, compression = 'uncompressed'"
        )
        try:
            found = job.describe(f"select * from {read})")
            table = job.stage(_select(read, found))
        except QueryError as error:
            raise failed(
                job.located.files[0],
                f"is not JSON that holds a table: {error.message.splitlines()[0]}",
                "dsp reads an array of objects, or one object a line",
            ) from error
        names = [name for name, _ in found]
        return _typed(job, table, names, [kind for _, kind in found])


def _select(read: str, found: list[tuple[str, str]]) -> str:
    columns = ", ".join(
        # JSON is DuckDB's type for values that disagree: text says what was there.
        f"{quote(name)} ->> '$' as c{i}" if kind == "JSON" else f"{quote(name)} as c{i}"
        for i, (name, kind) in enumerate(found)
    )
    told = ""
    if any(kind in TIMES for _, kind in found):
        # Dates are proved over every row like those of CSV files, so they stay text here.
        kinds = ((name, "VARCHAR" if kind in TIMES else kind) for name, kind in found)
        listed = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in kinds)
        told = f", columns = {{{listed}}}"
    return f"select {columns} from {read}{told})"


def _typed(job: Job, table: str, names: list[str], kinds: list[str]) -> Scan:
    found = job.describe(f"select * from {table}")
    texts = [column for column, kind in found if kind == "VARCHAR"]
    chosen = choose(job.engine, table, texts, numbers=False)
    choices = dict(zip(texts, chosen, strict=True))
    listed = ", ".join(
        choices[column].sql if column in choices else column for column, _ in found
    )
    notes = {
        name: choices[column].note
        for name, (column, _) in zip(names, found, strict=True)
        if column in choices and choices[column].note
    }
    mixed = [n for n, kind in zip(names, kinds, strict=True) if kind == "JSON"]
    notes |= dict.fromkeys(mixed, "text; values of several types")
    return Scan(
        select=f"select {listed} from {table}",
        names=tuple(names),
        decisions={"types": notes} if notes else {},
    )


def _refuse_scalars(path: str) -> None:
    head = head_of(path, 4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    inner = head[1:].lstrip()
    is_array_of_scalars = head[:1] == b"[" and inner[:1] not in (b"{", b"]", b"")
    if (head[:1] not in (b"{", b"[") and b"\x00" not in head[:64]) or is_array_of_scalars:
        raise failed(
            path,
            "is JSON without records",
            "dsp reads an array of objects, or one object a line",
        )


plugin = JsonFormat()
