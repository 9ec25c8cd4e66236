"""DuckDB as an engine: one connection, counted scans, a lock against the outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from dsp.errors import CancelledError, DspError, QueryError

_ENGINES: WeakValueDictionary[int, DuckEngine] = WeakValueDictionary()


class DuckEngine:
    """A DuckDB database with its Ibis backend.

    Parameters
    ----------
    path
        Database file; in memory when None.
    read_only
        Open the file without writing to it.
    memory_limit
        Bytes that DuckDB may use.
    threads
        Threads; all cores when None.
    temp_dir
        Folder for data that does not fit in memory; beside the file when None.
    row_group_size
        Rows of a group in new tables of a file that is written, a multiple of 2,048;
        DuckDB's 122,880 when None. Threads share a scan group by group, so a table of
        100,000 rows keeps all but one thread idle without smaller groups.
    connection
        A DuckDB connection of the caller's, used as it is and never closed.
    backend
        The Ibis backend on `connection`, where the caller has one.

    Raises
    ------
    DspError
        The file cannot be opened as a DuckDB database.
    """

    name = "duckdb"

    def __init__(
        self,
        path: Path | None = None,
        *,
        read_only: bool = False,
        memory_limit: int | None = None,
        threads: int | None = None,
        temp_dir: Path | None = None,
        row_group_size: int | None = None,
        connection: Any = None,
        backend: Any = None,
    ) -> None:
        self.n_scans = 0
        self.bytes_fetched = 0
        self.path = path
        self._owned = connection is None
        # A cursor is a connection of its own, with its own interrupt.
        self._streaming: set[Any] = set()
        self._n_interrupts = 0
        self._backend = backend
        if backend is not None:
            _ENGINES[id(backend)] = self
        if connection is not None:
            self._con = connection
            return
        config: dict[str, Any] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
        }
        if memory_limit:
            config["memory_limit"] = f"{memory_limit}B"
        if threads:
            config["threads"] = threads
        if temp_dir is None and path is not None:
            # Else an attached file would spill into the current folder.
            temp_dir = path.with_name(f"{path.name}.tmp")
        if temp_dir is not None:
            config["temp_directory"] = str(temp_dir)
        self._con = _connect(
            path, read_only=read_only, config=config, row_group_size=row_group_size
        )
        # A cursor starts in the first database, not in the one that is in use.
        self._use = f"use {_alias(path)}" if path else ""
        _count_progress(self._con)
        self._con.execute("set timezone = 'UTC'")

    @property
    def backend(self) -> Any:
        """The Ibis backend on this connection (made when first asked for)."""
        if self._backend is None:
            from dsp.engine.attached import attach

            self._backend = attach(self._con)
            _ENGINES[id(self._backend)] = self
        return self._backend

    def table(self, name: str, *, schema: str = "main") -> Any:
        """Return a table or view as an `ibis.Table`."""
        return self.backend.table(name, database=schema)

    def fetch(self, expr: Any) -> Any:
        """Run an Ibis expression and return its result as a `pyarrow.Table`."""
        import ibis

        if not isinstance(expr, ibis.Table):
            expr = expr.as_table()
        result = self.sql(self.compile(expr))
        return result.cast(expr.schema().to_pyarrow())

    def fetch_batches(self, expr: Any, *, n_rows: int = 65_536) -> Iterator[Any]:
        """Run an Ibis expression and yield `pyarrow.RecordBatch`es."""
        return self.batches(self.compile(expr), n_rows=n_rows)

    def batches(self, text: str, *, n_rows: int = 65_536) -> Iterator[Any]:
        """Run SQL text and yield `pyarrow.RecordBatch`es.

        On a connection of its own, which sees what is committed; other queries may run
        meanwhile.
        """
        self.n_scans += 1
        cursor = self._con.cursor()
        if self._use:
            cursor.execute(self._use)
        self._streaming.add(cursor)
        try:
            with self.errors_as_ours(text):
                for batch in cursor.execute(text).to_arrow_reader(n_rows):
                    self.bytes_fetched += batch.nbytes
                    yield batch
        finally:
            self._streaming.discard(cursor)
            cursor.close()

    def ordered_batches(self, text: str, *, n_rows: int = 65_536) -> Iterator[Any]:
        """Run SQL text and yield `pyarrow.RecordBatch`es, in the order of the rows.

        On this connection, so that it sees temporary tables and what is not committed
        yet; no other query may run before the last batch.
        """
        self.n_scans += 1
        with self.errors_as_ours(text):
            for batch in self._run(text, None).to_arrow_reader(n_rows):
                self.bytes_fetched += batch.nbytes
                yield batch

    def sql(self, text: str, params: Mapping[str, Any] | None = None) -> Any:
        """Run SQL text with bound parameters and return a `pyarrow.Table`."""
        self.n_scans += 1
        with self.errors_as_ours(text, params):
            result = self._run(text, params).to_arrow_table()
        self.bytes_fetched += result.nbytes
        return result

    def rows(
        self, text: str, params: Mapping[str, Any] | None = None, *, is_scan: bool = True
    ) -> list[Any]:
        """Run SQL text and return its rows as tuples of Python values.

        Parameters
        ----------
        is_scan
            Whether it counts as a scan; not where it reads a row or two, or none.
        """
        self.n_scans += is_scan
        with self.errors_as_ours(text, params):
            return list(self._run(text, params).fetchall())

    def described(self, source: str) -> list[tuple[str, str]]:
        """Return names and types of what follows ``from`` in SQL; reads no rows."""
        text = f"describe from {source} as t"
        with self.errors_as_ours(text):
            return [(row[0], row[1]) for row in self._run(text, None).fetchall()]

    def execute(self, text: str, params: Mapping[str, Any] | None = None) -> None:
        """Run a statement for its effect."""
        with self.errors_as_ours(text, params):
            self._run(text, params).fetchall()

    def _run(self, text: str, params: Mapping[str, Any] | None) -> Any:
        # Bound values, even none of them, make DuckDB load pandas: .4 s.
        return self._con.execute(text, params) if params else self._con.execute(text)

    def compile(self, expr: Any) -> str:
        """Return the SQL text of an Ibis expression, as it can be run again."""
        # Registers the in-memory tables of the expression; Ibis has no public door.
        self.backend._run_pre_execute_hooks(expr)  # noqa: SLF001
        return str(self.backend.compile(expr, pretty=True))

    def put(self, table: Any, name: str, *, schema: str = "main") -> Any:
        """Store a `pyarrow.Table` or record batch reader as a table."""
        with self.registered(table) as incoming:
            self.create(name, f"from {incoming}", schema=schema)
        return self.table(name, schema=schema)

    @contextmanager
    def registered(self, table: Any) -> Iterator[str]:
        """Lend an Arrow table or reader to SQL under the name that is yielded."""
        name = f"dsp_incoming_{id(table)}"
        with self.errors_as_ours(""):
            self._con.register(name, table)
        try:
            yield name
        finally:
            self._con.unregister(name)

    def create(
        self, name: str, select: str, *, schema: str = "main", kind: str = "table"
    ) -> None:
        """Create a table or view (`kind`) from a select statement.

        Parameters
        ----------
        name, schema
            Quoted here; any text will do.
        select
            SQL from `compile`, from ``sql/`` or from sqlglot.
        """
        if kind not in ("table", "view"):
            raise DspError(f"cannot create a {kind}")
        target = f"{quote(schema)}.{quote(name)}"
        self.execute(f"create schema if not exists {quote(schema)}")
        self.execute(f"create or replace {kind} {target} as {select}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside, or nothing of it."""
        self.execute("begin transaction")
        try:
            yield
        except BaseException:
            # The first error matters; a transaction that DuckDB has already given up
            # refuses the rollback.
            with suppress(QueryError, CancelledError):
                self.execute("rollback")
            raise
        self.execute("commit")

    def lock(self, allowed_paths: Sequence[str] = ()) -> None:
        """Cut the connection off from everything but the given files, for good.

        Raises
        ------
        DspError
            A setting did not take.
        """
        listed = ", ".join(literal(path) for path in allowed_paths)
        self.execute(f"set allowed_paths = [{listed}]")
        self.execute("set enable_external_access = false")
        self.execute("set lock_configuration = true")
        wanted = {"enable_external_access": "false", "lock_configuration": "true"}
        for setting, value in wanted.items():
            if self.setting(setting).casefold() != value:
                raise DspError(f"the database refused to set {setting}")

    def setting(self, name: str) -> str:
        """Return a DuckDB setting as text."""
        return str(self.rows(f"select current_setting({literal(name)})")[0][0])

    def checkpoint(self) -> None:
        """Write the log into the database file."""
        self.execute("checkpoint")

    def progress(self) -> float | None:
        """Return the share (0-1) of the running query that is done, from any thread."""
        percent = self._con.query_progress()
        return None if percent is None or percent < 0 else min(1.0, percent / 100)

    def interrupt(self) -> None:
        """Stop the running query, from any thread; it raises `CancelledError`."""
        self._n_interrupts += 1
        for connection in (self._con, *tuple(self._streaming)):
            connection.interrupt()

    @contextmanager
    def errors_as_ours(
        self, text: str, params: Mapping[str, Any] | None = None
    ) -> Iterator[None]:
        """Turn what the engine raises while it runs `text` into our errors.

        While a result streams, the engine now and then says "Interrupted" in place of
        the error it stopped at (and pyarrow wraps both); who asked for an interrupt is
        therefore counted here, and the real error is looked for when nobody did.
        """
        import duckdb

        n_before = self._n_interrupts
        try:
            yield
        except (duckdb.Error, OSError, ValueError) as error:
            if not str(error).startswith("INTERRUPT"):
                raise self._ours(error) from error
            if self._n_interrupts > n_before or not self._owned:
                raise CancelledError("cancelled inside a query") from error
            raise self._ours(self._cause(text, params) or error) from error

    def _ours(self, error: Exception) -> QueryError:
        return QueryError(str(error).strip(), kind=type(error).__name__)

    def _cause(self, text: str, params: Mapping[str, Any] | None) -> Exception | None:
        """Run a SELECT once more, without streaming, and return what it raises."""
        import duckdb

        try:
            kinds = [s.type.name for s in self._con.extract_statements(text)]
            if kinds == ["SELECT"]:
                self._con.sql(text, params=params or None).execute()
        except duckdb.Error as error:
            return error
        return None

    def close(self) -> None:
        """Close the connection, unless it is the caller's."""
        if self._owned:
            self._con.close()


def known_engine(backend: Any) -> DuckEngine | None:
    """Return the engine that an Ibis backend was made from, if one was."""
    return _ENGINES.get(id(backend))


def quote(name: str) -> str:
    """Return a name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return text as a SQL string, for statements that cannot bind parameters."""
    quoted = "'" + text.replace("'", "''") + "'"
    if "\0" not in text:
        return quoted
    # NUL ends a statement, so it cannot stand in one.
    return "(" + quoted.replace("\0", "' || chr(0) || '") + ")"


def _count_progress(con: Any) -> None:
    """Let a connection tell how far its query is, without printing a bar."""
    import duckdb

    try:
        con.execute("set enable_progress_bar_print = false")
        # query_progress() answers only while the bar is on.
        con.execute("set enable_progress_bar = true")
    except duckdb.InvalidInputException as error:
        # In a Jupyter kernel DuckDB refuses where ipywidgets, which its own bar needs,
        # is not installed. Queries run all the same; `progress` is None then.
        if "ipywidgets" not in str(error):
            raise


def _connect(
    path: Path | None,
    *,
    read_only: bool,
    config: dict[str, Any],
    row_group_size: int | None,
) -> Any:
    import duckdb

    try:
        connection = duckdb.connect(config=config)
        if path is None:
            return connection
        # Only attaching takes the size of row groups. And connections that name one file
        # share one database, with its locks and, when the file was replaced, its past.
        options = ["read_only"] if read_only else ["read_write"]
        if row_group_size:
            options.append(f"row_group_size {row_group_size:d}")
        connection.execute(
            f"attach {literal(str(path))} as {_alias(path)} ({', '.join(options)})"
        )
        connection.execute(f"use {_alias(path)}")
    except duckdb.Error as error:
        raise DspError(
            f"{path} cannot be opened as a DuckDB database: {_first_line(error)}",
            hint="another process may hold it, or it is not a DuckDB file",
        ) from error
    return connection


def _alias(path: Path) -> str:
    """Return the name of a database file in SQL: its stem, as DuckDB would name it."""
    stem = path.stem if path.suffix else path.name
    return quote("results" if stem in ("memory", "system", "temp", "main") else stem)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
