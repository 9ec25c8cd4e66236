"""A table as SQL text with its columns, for rooms that batch aggregates in raw SQL.

Ibis needs seconds to compile what these rooms ask of a table with 2,000 columns; the
text here names columns only through `quote` and values only through `literal`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine, literal, quote
from dsp.engine.tables import stored_table
from dsp.errors import ColumnNotFoundError, QueryError

CHUNK = 200
HEAD_ROWS = 1_000
HEAD_CHARACTERS = 100

_STATS = re.compile(r"\[Min: (-?\d+), Max: (-?\d+)\]")

INTEGERS = frozenset(
    f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")
) | {"INTEGER", "UINTEGER"}


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a relation: name, DuckDB type, and the family of the type."""

    name: str
    data_type: str
    position: int

    @property
    def sql(self) -> str:
        """The name as a SQL identifier."""
        return quote(self.name)

    @property
    def family(self) -> str:
        """The family of the type: see `family_of`."""
        return family_of(self.data_type)

    @property
    def is_numeric(self) -> bool:
        """Whether values are numbers."""
        return self.family in ("integer", "decimal", "float")

    @property
    def is_temporal(self) -> bool:
        """Whether values are dates or moments."""
        return self.family in ("date", "timestamp")


@cache
def family_of(data_type: str) -> str:
    """Return the family of a DuckDB type.

    Examples
    --------
    >>> family_of("DECIMAL(18,3)"), family_of("INTEGER[]"), family_of("UBIGINT")
    ('decimal', 'nested', 'integer')
    """
    if data_type.endswith("]") or data_type.startswith(("STRUCT", "MAP", "UNION")):
        return "nested"
    if data_type in INTEGERS:
        return "integer"
    if data_type.startswith("DECIMAL"):
        return "decimal"
    if data_type.startswith("TIMESTAMP"):
        return "timestamp"
    if data_type.startswith("ENUM"):
        return "enum"
    if data_type.startswith("TIME"):
        return "time"
    known = {
        "DOUBLE": "float",
        "FLOAT": "float",
        "VARCHAR": "text",
        "BOOLEAN": "boolean",
        "DATE": "date",
        "JSON": "json",
        "BLOB": "binary",
    }
    return known.get(data_type, "other")


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or expression that SQL text can read from.

    Attributes
    ----------
    engine
        The database that holds it.
    sql
        What follows ``from``: a quoted name, or a query in parentheses.
    columns
        Its columns in order.
    is_table
        Whether it is a stored table, whose rows have a ``rowid``.
    """

    engine: DuckEngine
    sql: str
    columns: tuple[Field, ...]
    is_table: bool

    @classmethod
    def of(cls, table: Any, engine: DuckEngine) -> Relation:
        """Describe a stored table or an `ibis.Table` of the engine.

        Examples
        --------
        >>> import pyarrow as pa
        >>> engine = DuckEngine()
        >>> relation = Relation.of(engine.put(pa.table({"a": [1]}), "data"), engine)
        >>> relation.sql, relation.columns[0].family
        ('"main"."data"', 'integer')
        """
        stored = stored_table(engine, table)
        source = stored.sql if stored else f"({engine.compile(table)})"
        columns = tuple(
            Field(name, data_type, position)
            for position, (name, data_type) in enumerate(engine.described(source))
        )
        return cls(engine, source, columns, stored is not None and not stored.is_view)

    def __getitem__(self, name: str) -> Field:
        """Return a column by its name."""
        return self.find(name)

    def find(self, name: str) -> Field:
        """Return a column by its name.

        Raises
        ------
        ColumnNotFoundError
            There is none; it is a `LookupError` too.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise ColumnNotFoundError.of(name, [c.name for c in self.columns])

    def whole_range(self, column: Field) -> tuple[int, int] | None:
        """Return numbers that no value of a column of whole numbers lies outside of.

        They come from what DuckDB keeps of a stored table, without reading it; None when
        it keeps nothing.
        """
        if not (self.is_table and column.family == "integer"):
            return None
        query = f"select stats({column.sql}) from {self.sql} as t limit 1"
        for (text,) in self.engine.rows(query, is_scan=False):
            found = _STATS.match(text or "")
            if found:
                return int(found[1]), int(found[2])
        return None

    @property
    def numbered(self) -> str:
        """The relation with a column `dsp_row_number` (from 1) before its own."""
        number = "rowid + 1" if self.is_table else "row_number() over ()"
        return f"(select {number} as dsp_row_number, * from {self.sql} as t)"

    def head_of(self, n_rows: int | None) -> str:
        """Return the numbered relation, or its first rows, as SQL after ``from``."""
        if n_rows is None:
            return f"{self.numbered} as t"
        return f"(select * from {self.numbered} as t limit {n_rows:d}) as t"

    def head(self) -> dict[str, list[str]]:
        """Return distinct texts of the first rows, by text column, in order of meeting.

        Texts are cut after `HEAD_CHARACTERS`. They may refute a guess, never prove it.
        """
        found: dict[str, list[str]] = {}
        texts = [c for c in self.columns if c.family == "text"]
        for start in range(0, len(texts), CHUNK):
            part = texts[start : start + CHUNK]
            items = ", ".join(f"left({c.sql}, {HEAD_CHARACTERS})" for c in part)
            query = f"select {items} from {self.sql} as t limit {HEAD_ROWS}"
            rows = self.engine.sql(query)
            for position, column in enumerate(part):
                values = rows.column(position).unique().drop_null().to_pylist()
                found[column.name] = values
        return found


@dataclass(slots=True)
class Figures:
    """Aggregates of a relation, computed together and remembered by their SQL.

    An aggregate that the engine refuses is absent from the answers; its error is kept
    in `refused`.
    """

    relation: Relation
    known: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    tick: Callable[..., None] | None = None

    def ask(self, aggregates: Iterable[str]) -> Mapping[str, Any]:
        """Compute what is not known yet, `CHUNK` aggregates a scan, and return all."""
        wanted = [
            sql
            for sql in dict.fromkeys(aggregates)
            if sql not in self.known and sql not in self.refused
        ]
        for start in range(0, len(wanted), CHUNK):
            self._run(wanted[start : start + CHUNK])
            if self.tick is not None:
                done = min(start + CHUNK, len(wanted))
                self.tick(done, len(wanted), unit="figures")
        return self.known

    def get(self, aggregate: str) -> Any:
        """Return an aggregate, or None when it is unknown, refused or null."""
        return self.known.get(aggregate)

    def _run(self, wanted: list[str]) -> None:
        if not wanted:
            return
        items = ", ".join(f"{sql} as a{i}" for i, sql in enumerate(wanted))
        query = f"select {items} from {self.relation.sql} as t"
        try:
            row = self.relation.engine.rows(query)[0]
        except QueryError as error:
            if len(wanted) == 1:
                self.refused[wanted[0]] = error.message
                return
            bound = [sql for sql in wanted if self._is_bound(sql)]
            if len(bound) < len(wanted):
                # What cannot be bound is refused before anything is read.
                self._run(bound)
                return
            middle = len(wanted) // 2
            self._run(wanted[:middle])
            self._run(wanted[middle:])
            return
        self.known.update(zip(wanted, row, strict=True))

    def _is_bound(self, sql: str) -> bool:
        """Return whether the engine knows the names and types of an aggregate."""
        relation = self.relation
        try:
            relation.engine.described(f"(select {sql} from {relation.sql} as t)")
        except QueryError as error:
            self.refused[sql] = error.message
            return False
        return True


def count_if(predicate: str) -> str:
    """Return the aggregate that counts the rows where a predicate is true."""
    return f"count(*) filter (where {predicate})"


def let(name: str, value: str, body: str) -> str:
    """Return SQL of `body` in which `name` stands for a value that is computed once.

    DuckDB shares equal parts of an expression, but not inside of `case`.
    """
    return f"list_transform([{value}], lambda {name}: {body})[1]"


__all__ = [
    "Field",
    "Figures",
    "Relation",
    "count_if",
    "family_of",
    "let",
    "literal",
    "quote",
]
