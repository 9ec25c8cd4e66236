"""Read-only, locked-down connections for SQL that comes from outside.

A locked connection reads the database it was opened on (and the files it was given),
nothing else: no other file, no extension, no setting, no Python variable of the caller.
It runs one SELECT at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine
from dsp.errors import DspError, QueryError, RunNotFoundError
from dsp.numbers import article

WANTED = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "lock_configuration": "true",
}
"""What a locked connection must answer when asked for its settings."""

REFUSED_HINT = "one SELECT (or FROM, WITH, VALUES, DESCRIBE, SUMMARIZE, SHOW) at a time"


class LockedEngine(DuckEngine):
    """A DuckDB connection that answers one SELECT at a time and reaches nothing else.

    Attributes
    ----------
    sources
        Files that views of the database read.
    """

    sources: tuple[str, ...] = ()

    def lock(self, allowed_paths: Sequence[str] = ()) -> None:
        """Cut the connection off from everything but the given files, for good.

        Raises
        ------
        DspError
            A setting did not take.
        """
        super().lock(allowed_paths)
        for setting, value in WANTED.items():
            if self.setting(setting).casefold() != value:
                raise DspError(f"the database refused to set {setting}")

    def check(self, text: str) -> None:
        """Refuse what is not exactly one statement of kind SELECT.

        Raises
        ------
        QueryError
            There is no statement, more than one, or one of another kind.
        """
        import duckdb

        try:
            kinds = [s.type.name for s in self._con.extract_statements(text)]
        except duckdb.Error as error:
            raise QueryError(str(error).strip(), kind=type(error).__name__) from error
        if not kinds:
            raise QueryError("the query is empty", hint=REFUSED_HINT)
        other = next((kind for kind in kinds if kind != "SELECT"), None)
        if other is not None:
            raise QueryError(
                f"{article(other)} statement is refused: results are read-only",
                hint=REFUSED_HINT,
            )
        if len(kinds) > 1:
            raise QueryError(f"{len(kinds)} statements are refused", hint=REFUSED_HINT)

    def select(self, text: str, params: Mapping[str, Any] | None = None) -> Any:
        """Run one SELECT and return its result as a `pyarrow.Table`."""
        return self.stream(text, params).read_all()

    def stream(self, text: str, params: Mapping[str, Any] | None = None) -> Stream:
        """Run one SELECT and return its result batch by batch."""
        self.check(text)
        self.n_scans += 1
        with self.errors_as_ours(text, params):
            reader = self._run(text, params).to_arrow_reader(65_536)
        return Stream(self, reader, text, params)

    def _ours(self, error: Exception) -> QueryError:
        return _moved(self.sources, error) or super()._ours(error)


class Stream:
    """A result that is read batch by batch; engine errors on the way are ours.

    Attributes
    ----------
    schema
        The `pyarrow.Schema` of the result.
    """

    def __init__(
        self,
        engine: DuckEngine,
        reader: Any,
        text: str,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._text = text
        self._params = params
        self.schema = reader.schema

    def next_batch(self) -> Any:
        """Return the next `pyarrow.RecordBatch`, or None at the end.

        Raises
        ------
        QueryError
            The engine failed on the way.
        CancelledError
            The query was interrupted.
        """
        with self._engine.errors_as_ours(self._text, self._params):
            try:
                return self._reader.read_next_batch()
            except StopIteration:
                return None

    def read_all(self) -> Any:
        """Return what is left as one `pyarrow.Table`."""
        import pyarrow as pa

        batches = []
        while (batch := self.next_batch()) is not None:
            batches.append(batch)
        return pa.Table.from_batches(batches, schema=self.schema)


def open_locked(
    path: Path | None = None,
    allowed_paths: Sequence[str] = (),
    *,
    memory_limit: int | None = None,
    threads: int | None = None,
) -> LockedEngine:
    """Open a DuckDB file read-only and lock the connection down.

    Parameters
    ----------
    path
        Database file; an empty database in memory when None.
    allowed_paths
        Files the connection may read besides: the sources of a run whose ``raw.data`` is
        a view.
    memory_limit
        Bytes that DuckDB may use.
    threads
        Threads; all cores when None.

    Raises
    ------
    DspError
        The file is no DuckDB database, or a setting did not take.

    Examples
    --------
    >>> engine = open_locked()
    >>> engine.select("select 6 * 7 as answer").to_pylist()
    [{'answer': 42}]
    >>> engine.select("copy (select 1) to '/tmp/out.csv'")
    Traceback (most recent call last):
        ...
    dsp.errors.QueryError: a COPY statement is refused: results are read-only
    <BLANKLINE>
    Hint: one SELECT (or FROM, WITH, VALUES, DESCRIBE, SUMMARIZE, SHOW) at a time
    """
    engine = LockedEngine(
        path, read_only=path is not None, memory_limit=memory_limit, threads=threads
    )
    engine.lock(allowed_paths)
    return engine


FINISHED = ("complete", "failed_validation")
"""States of a run that is over and left results."""


def open_database(path: Path) -> DuckEngine:
    """Open a run or any DuckDB file read-only and locked, with room for temporary tables.

    Parameters
    ----------
    path
        Folder of a run, or a DuckDB file.

    Raises
    ------
    RunNotFoundError
        There is no such database.
    """
    file = path / "results.duckdb" if path.is_dir() else path
    if not file.is_file():
        raise RunNotFoundError(
            f"no database at {path}", hint="name a folder of a run, or a DuckDB file"
        )
    engine = DuckEngine(file, read_only=True)
    try:
        found = engine.rows("select source_files, is_materialized from main.runs")
    except QueryError:
        found = []  # A database that dsp has not made needs no files beside it.
    files = [name for names, is_kept in found if not is_kept for name in names or ()]
    engine.lock(files)
    return engine


def open_results(path: Path) -> LockedEngine:
    """Open the result database of a finished run, with its source when it needs it.

    Raises
    ------
    RunNotFoundError
        The database holds no finished run.
    """
    engine = LockedEngine(path, read_only=True)
    try:
        found = engine.rows("select source_files, is_materialized, status from main.runs")
    except QueryError as error:
        engine.close()
        raise RunNotFoundError(
            f"{path} holds no run of dsp", hint="name a folder that dsp analyze wrote"
        ) from error
    complete = [row for row in found if row[2] in FINISHED]
    if not complete:
        engine.close()
        raise RunNotFoundError(
            f"the run in {path} is not finished", hint="run dsp analyze again"
        )
    files, is_materialized, _ = complete[0]
    engine.sources = () if is_materialized else tuple(files or ())
    engine.lock(engine.sources)
    return engine


def _moved(sources: Sequence[str], error: Exception) -> QueryError | None:
    """Return a clear line when a query failed because a view's source is gone."""
    text = str(error)
    if not any(
        part in text for part in ("No files found", "No such file", "Cannot access")
    ):
        return None
    missing = next((path for path in sources if not Path(path).exists()), None)
    if missing is None:
        return None
    return QueryError(
        f"the source of this run has moved: {missing}",
        hint="put it back, or run dsp analyze again with --materialize always",
    )
