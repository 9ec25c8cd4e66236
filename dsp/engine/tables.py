"""Tables as rooms receive them: a stored table by its name, or an Ibis expression.

The pipeline hands out stored tables: most rooms write SQL, and loading Ibis to name a
table costs half a second of every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine, known_engine, literal, quote
from dsp.errors import DspError, QueryError


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table or view in a database of an engine.

    Attributes
    ----------
    engine
        The database.
    name, schema, catalog
        As they are; quoted where they reach SQL. No catalog is the current one.

    Examples
    --------
    >>> engine = DuckEngine()
    >>> engine.execute("create table numbers as select 1 as a")
    >>> StoredTable(engine, "numbers").columns
    ('a',)
    """

    engine: DuckEngine
    name: str
    schema: str = "main"
    catalog: str = ""

    @property
    def sql(self) -> str:
        """The name as SQL."""
        parts = (self.catalog, self.schema, self.name)
        return ".".join(quote(part) for part in parts if part)

    @property
    def exists(self) -> bool:
        """Whether there is a table or view of the name."""
        try:
            self.engine.described(self.sql)
        except QueryError:
            return False
        return True

    @property
    def is_view(self) -> bool:
        """Whether it is a view, whose rows have no ``rowid``."""
        catalog = literal(self.catalog) if self.catalog else "current_catalog()"
        found = self.engine.rows(
            f"select 1 from duckdb_tables() where database_name = {catalog} and "
            f"schema_name = {literal(self.schema)} and table_name = {literal(self.name)}"
        )
        return not found

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns, in order."""
        return tuple(row[0] for row in self.engine.rows(f"describe from {self.sql}"))

    def to_ibis(self) -> Any:
        """Return the table as an `ibis.Table`."""
        where = (self.catalog, self.schema) if self.catalog else self.schema
        return self.engine.backend.table(self.name, database=where)


def engine_for(table: Any) -> DuckEngine:
    """Return the engine behind a stored or an Ibis table.

    Raises
    ------
    DspError
        The table lives on a backend that has no engine here.
    """
    if isinstance(table, StoredTable):
        return table.engine
    backend = table.get_backend()
    known = known_engine(backend)
    if known is not None:
        return known
    if backend.name != "duckdb":
        raise DspError(
            f"a table of the {backend.name} backend has no engine yet",
            hint="pass table.to_pyarrow(), or use a DuckDB table",
        )
    engine = DuckEngine(connection=backend.con, backend=backend)
    # The backend carries its engine, so that the weak registry keeps it alive with it.
    backend.dsp_engine = engine
    return engine


def stored_table(engine: DuckEngine, table: Any) -> StoredTable | None:
    """Return the stored table that is meant, or None for an expression."""
    if isinstance(table, StoredTable):
        return table
    import ibis.expr.operations as ops

    operation = table.op()
    if not isinstance(operation, ops.DatabaseTable):
        return None
    catalog = operation.namespace.catalog or ""
    if catalog == engine.rows("select current_catalog()")[0][0]:
        catalog = ""
    schema = operation.namespace.database or "main"
    return StoredTable(engine, operation.name, schema, catalog)


def source_of(engine: DuckEngine, table: Any) -> str:
    """Return SQL that can stand after ``from``: a quoted name, or a query with an alias.

    Examples
    --------
    >>> engine = DuckEngine()
    >>> engine.execute("create table numbers as select 1 as a")
    >>> source_of(engine, StoredTable(engine, "numbers"))
    '"main"."numbers"'
    >>> source_of(engine, engine.table("numbers"))
    '"main"."numbers"'
    """
    stored = stored_table(engine, table)
    return stored.sql if stored else f"(\n{engine.compile(table).strip()}\n) as data"
