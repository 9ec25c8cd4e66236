"""What formats and reader share: frozen records, unique names, scratch space."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from unicodedata import category

from dsp.engine import DuckEngine
from dsp.engine.duckdb_engine import literal, quote
from dsp.errors import CancelledError, SourceError
from dsp.events import Tick, no_tick

# Control characters and line separators.
_UNSEEN = ("Cc", "Zl", "Zp")
# A cause is one line for people, however much an engine has to say.
MAX_CAUSE = 400


@dataclass(frozen=True, slots=True)
class Located:
    """A source that was found and is readable.

    Attributes
    ----------
    source
        What the user named.
    name
        Short name for the run folder.
    format
        Name of the format plug-in.
    files
        Absolute paths, sorted; empty for a table in memory.
    n_bytes
        Size of the files, or of the table in memory.
    fingerprint
        Hash of names, sizes, times and both ends of the files; the same as long as the
        source is untouched.
    options
        Reader options, with what the source itself says (table, partitions).
    payload
        The table, when the source is in memory.
    """

    source: str
    name: str
    format: str
    files: tuple[str, ...]
    n_bytes: int | None
    fingerprint: str
    options: dict[str, Any] = field(default_factory=dict)
    payload: Any = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read: ``raw.data`` has `n_rows` rows, ``raw.rejects`` `n_rejected`."""

    n_rows: int
    columns: tuple[str, ...]
    n_rejected: int
    decisions: dict[str, Any]
    is_materialized: bool
    allowed_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """How to read a source: a select statement and what was decided on the way.

    Attributes
    ----------
    select
        SQL with one column for each of `names`, in that order.
    names
        Column names as the source has them; may repeat or be empty.
    decisions
        What was chosen, for people.
    rejects
        SQL giving line_number, byte_position, text, reason; None when the format cannot
        have records that fail.
    n_rows
        Rows, where the source's metadata says so.
    can_be_view
        The select reads its files again each time, and fast.
    table
        Quoted name of a table of `Job.store` that is the data already, its columns in
        the order of `names`; the select says the same.
    lines
        SQL giving row_number, file, line_number for formats that have lines: rows from
        `row_number` (1-based) on stand on lines of their own from `line_number` on.
    """

    select: str
    names: tuple[str, ...]
    decisions: dict[str, Any] = field(default_factory=dict)
    rejects: str | None = None
    n_rows: int | None = None
    can_be_view: bool = False
    lines: str | None = None
    table: str | None = None


class Job:
    """One reading: the engine, the files, and space that is given back at the end."""

    def __init__(
        self,
        located: Located,
        engine: DuckEngine,
        stack: ExitStack,
        tick: Tick = no_tick,
        *,
        schema: str | None = None,
    ) -> None:
        self.schema = schema
        self.located = located
        self.engine = engine
        self.stack = stack
        self.cancelled: CancelledError | None = None
        self._tick = tick
        self._folder: Path | None = None
        self._n = 0
        self._staged: list[str] = []
        self.notes: dict[str, Any] = {}
        self.warnings: list[str] = []

    def note(self, name: str, value: Any) -> None:
        """Keep what was assumed while a file was opened, for the decisions."""
        self.notes[name] = value

    def warn(self, path: str, text: str) -> None:
        """Keep a sentence for people; it names the file where there are several."""
        is_one = len(self.located.files) < 2
        self.warnings.append(text if is_one else f"{Path(path).name}: {text}")

    def tick(
        self, done: float, total: float | None, *, unit: str, message: str = ""
    ) -> None:
        """Report progress; keep a cancel, since the engine hides what readers raise."""
        try:
            self._tick(done, total, unit=unit, message=message)
        except CancelledError as error:
            self.cancelled = error
            raise

    def scratch(self, suffix: str) -> Path:
        """Return a new path in a folder that is deleted after the reading."""
        if self._folder is None:
            made = TemporaryDirectory(prefix="dsp-")
            self._folder = Path(self.stack.enter_context(made))
        self._n += 1
        return self._folder / f"{self._n}{suffix}"

    def stage(self, select: str) -> str:
        """Store a select as a temporary table and return its quoted name."""
        self._n += 1
        name = quote(f"dsp_staged_{self._n}")
        self.engine.execute(f"create or replace temp table {name} as {select}")
        self._staged.append(name)
        return name

    def store(self, select: str) -> str:
        """Store a select where the data belongs, to be renamed and not copied.

        It is a temporary table where only a part of the rows is wanted.
        """
        if self.schema is None:
            return self.stage(select)
        self._n += 1
        name = f"{quote(self.schema)}.{quote(f'dsp_stored_{self._n}')}"
        self.engine.execute(f"create schema if not exists {quote(self.schema)}")
        self.engine.execute(f"create or replace table {name} as {select}")
        self._staged.append(name)
        return name

    def keep(self, name: str) -> None:
        """Let a table outlive this reading."""
        self._staged.remove(name)

    def drop(self, name: str) -> None:
        """Drop one table of this reading."""
        self.engine.execute(f"drop table {name}")
        self._staged.remove(name)

    def drop_staged(self) -> None:
        """Drop every temporary table of this reading."""
        while self._staged:
            self.engine.execute(f"drop table {self._staged.pop()}")

    def lend(self, table: Any) -> str:
        """Lend an Arrow table or reader to SQL until the reading ends."""
        return str(self.stack.enter_context(self.engine.registered(table)))

    def describe(self, select: str) -> list[tuple[str, str]]:
        """Return names and types of a select's columns."""
        return [(row[0], row[1]) for row in self.engine.rows(f"describe {select}")]


class Format(Protocol):
    """A format plug-in."""

    name: str
    suffixes: tuple[str, ...]
    options: tuple[str, ...]

    def matches(self, head: bytes) -> bool:
        """Say whether the first bytes of a file are of this format beyond doubt."""
        ...

    def scan(self, job: Job) -> Scan:
        """Prepare reading the files of a job."""
        ...


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return names that differ even when case is ignored; empty ones are numbered.

    NUL characters, which end a statement of SQL, become replacement characters.

    Examples
    --------
    >>> unique_names(["Id", "id", "", "x"])
    ('Id', 'id_2', 'column_3', 'x')
    """
    wanted = [
        name.replace("\0", "\N{REPLACEMENT CHARACTER}") if name.strip() else f"column_{i}"
        for i, name in enumerate(names, 1)
    ]
    folded = {name.lower() for name in wanted}
    taken: set[str] = set()
    result: list[str] = []
    for name in wanted:
        unique, n = name, 2
        while unique.lower() in taken or (n > 2 and unique.lower() in folded):
            unique = f"{name}_{n}"
            n += 1
        taken.add(unique.lower())
        result.append(unique)
    return tuple(result)


def literals(texts: Iterable[str]) -> str:
    """Return a SQL list of strings."""
    return "[" + ", ".join(literal(text) for text in texts) + "]"


def pattern(path: str) -> str:
    """Return a path so that DuckDB takes it literally, not as a glob.

    Examples
    --------
    >>> pattern("a[1].csv")
    'a[[]1].csv'
    """
    return "".join(f"[{c}]" if c in "[*?" else c for c in path)


def failed(path: str, cause: str, hint: str = "") -> SourceError:
    """Build the error for a file that cannot be read; it names the file once."""
    quoted = (f" {mark}{path}{mark}" for mark in "\"'")
    for again in quoted:
        cause = cause.replace(again, "")
    # What Arrow and DuckDB say to each other is no news to the user.
    cause = re.sub(
        r"(Invalid Input Error: )?arrow_scan: get_next failed\(\): ", "", cause
    )
    cause = re.sub(r"\.* Detail: Python exception:.*", "", cause, flags=re.S)
    cause = re.sub(r"\b(\w+: )(\1)+", r"\1", " ".join(cause.split()))
    if len(cause) > MAX_CAUSE:
        cause = cause[: MAX_CAUSE - 1] + "…"
    return SourceError(f"{shown(path)}: {cause}", hint=hint, path=path)


@contextmanager
def named_as_typed(source: Any) -> Iterator[None]:
    """Let errors name files as the user did: relative when the source is."""
    try:
        yield
    except SourceError as error:
        path, typed = error.facts.get("path"), str(source)
        if not isinstance(path, str) or not isinstance(source, str | os.PathLike):
            raise
        here = Path.cwd()
        if path == str(Path(typed).expanduser().absolute()):
            name = typed
        elif not Path(typed).is_absolute() and Path(path).is_relative_to(here):
            name = str(Path(path).relative_to(here))
        else:
            raise
        error.message = error.message.replace(shown(path), shown(name), 1)
        error.args = (error.message,)
        raise


def shown(path: str) -> str:
    """Return a path as one line of text that can be printed and stored."""
    text = path.encode(errors="surrogateescape").decode(errors="backslashreplace")
    return "".join(
        c.encode("unicode_escape").decode() if category(c) in _UNSEEN else c for c in text
    )
