"""Profile states: small tables that say everything about a part, and add up.

A column of at most `MOST_VALUES` distinct values keeps each value with its count, so all
its figures are exact. One with more keeps the values of the smallest `SAMPLED` hashes (a
uniform sample of distinct values), and, for numbers, exact power sums in bins of leading
bits (`state_bins`). Every entry is a function of the rows alone, never of how they were
divided: states of parts merge to the state of the whole, in any order, to the last digit.

References
----------
Z. Bar-Yossef et al., Counting distinct elements in a data stream, 2002 (bottom-k hashes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsp.engine.duckdb_engine import DuckEngine, literal, quote
from dsp.statistics.base import DATED, NUMERIC, Column
from dsp.statistics.moments import float_sql
from dsp.statistics.state_bins import BINS, bins_sql

MOST_VALUES = 10_000
"""Up to here every distinct value of a column is kept with its count."""
SAMPLED = 4_096
"""Values that a column with more keeps: those of the smallest hashes."""
SHOWN = 200
"""Characters of a value that are kept."""
BLANKS = literal(" \t\n\r\f\v\u00a0")

COLUMNS = {
    "column_name": "varchar",
    "position": "bigint",
    "data_type": "varchar",
    "n_rows": "bigint",
    "n_null": "bigint",
    "n_nan": "bigint",
    "n_infinite": "bigint",
    "n_empty": "bigint",
    "n_zero": "bigint",
    "n_negative": "bigint",
    "n_whole": "bigint",
    "min_value": "varchar",
    "max_value": "varchar",
    "min_number": "double",
    "max_number": "double",
    "length_min": "bigint",
    "length_sum": "hugeint",
    "length_max": "bigint",
    "is_complete": "boolean",
}
VALUES = {
    "column_name": "varchar",
    "hash": "ubigint",
    "value": "varchar",
    "number": "double",
    "n_rows": "bigint",
}
TABLES = {"state_columns": COLUMNS, "state_values": VALUES, "state_bins": BINS}
"""Tables of a state, with the types of their columns."""

_ADDED = (
    *("n_rows", "n_null", "n_nan", "n_infinite", "n_empty", "n_zero", "n_negative"),
    *("n_whole", "length_sum"),
)


@dataclass(frozen=True, slots=True)
class State:
    """The tables of a state in a schema of a database.

    Attributes
    ----------
    engine
        The database.
    schema
        Schema of the tables, as SQL: quoted, with the catalog before it where needed.
    """

    engine: DuckEngine
    schema: str

    def table(self, name: str) -> str:
        """Return SQL that names a table of the state."""
        return f"{self.schema}.{name}"

    def create(self) -> None:
        """Create the tables, empty."""
        self.engine.execute(f"create schema if not exists {self.schema}")
        for name, columns in TABLES.items():
            listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            self.engine.execute(f"create or replace table {self.table(name)} ({listed})")

    def columns(self) -> tuple[Column, ...]:
        """Return the columns that the state describes, in order."""
        rows = self.engine.rows(
            f"select column_name, data_type, position from {self.table('state_columns')} "
            "order by position"
        )
        return tuple(Column(*row) for row in rows)

    @property
    def n_rows(self) -> int:
        """Rows that the state describes."""
        found = self.engine.rows(f"select max(n_rows) from {self.table('state_columns')}")
        return int(found[0][0] or 0)


def fingerprint(engine: DuckEngine) -> str:
    """Return what tells whether an engine hashes as the one that made a state."""
    return str(
        engine.rows(
            "select hash(7::hugeint) || ' ' || hash(0.5::double) || ' ' || hash('dsp')"
        )[0][0]
    )


def add_rows(state: State, source: str, columns: Sequence[Column]) -> None:
    """Describe the rows of a table in a state that is empty.

    Each column is grouped by value once; everything else reads the groups.

    Parameters
    ----------
    state
        Receives one row a column, its values and its bins.
    source
        SQL that can stand after ``from``.
    columns
        Columns of the table, with the types that the state gives them.
    """
    n_rows = int(state.engine.rows(f"select count(*) from {source}")[0][0])
    for column in columns:
        describe(
            state,
            column,
            f"select {_value(column)} as v, count(*) as n from {source} group by 1",
            n_rows,
        )


def describe(state: State, column: Column, groups_sql: str, n_rows: int) -> None:
    """Describe one column in a state that does not have it yet.

    Parameters
    ----------
    state, column
        As for `add_rows`.
    groups_sql
        SQL giving each value (or null) as ``v``, and its rows as ``n``.
    n_rows
        Rows of the table.
    """
    engine, groups, name = state.engine, quote("dsp_groups"), literal(column.name)
    engine.execute(f"create or replace temp table {groups} as {groups_sql}")
    kept = _kept(column, groups)
    n_distinct = int(engine.rows(f"select count(distinct hash) from ({kept})")[0][0])
    is_complete = n_distinct <= MOST_VALUES
    engine.execute(
        f"insert into {state.table('state_columns')} "
        f"{_row(column, groups, n_rows, is_complete=is_complete)}"
    )
    limit = "" if is_complete else f"order by hash limit {SAMPLED}"
    engine.execute(
        f"insert into {state.table('state_values')} select {name}, hash, "
        f"any_value(value), any_value(number), sum(n_rows) from ({kept}) "
        f"group by hash {limit}"
    )
    if not is_complete:
        numbers = f"select {name} as column_name, number, n_rows"
        bins = bins_sql(f"({numbers} from ({kept}) where number is not null)")
        engine.execute(f"insert into {state.table('state_bins')} {bins}")
    engine.execute(f"drop table {groups}")


def merge(into: State, other: State) -> None:
    """Add a state to another; both describe the same columns, with the same types.

    The result is the state of the rows of both: exact sums, and the same choice of
    values, as if all rows had been described at once.
    """
    engine = into.engine
    both = {
        name: f"(from {into.table(name)} union all from {other.table(name)})"
        for name in TABLES
    }
    over = quote("dsp_over")
    engine.execute(
        f"create or replace temp table {over} as select column_name from "
        f"{both['state_columns']} group by 1 having not bool_and(is_complete) "
        f"union select column_name from {both['state_values']} group by 1 "
        f"having count(distinct hash) > {MOST_VALUES}"
    )
    # Columns that a side still has in full give their values to the bins.
    full = " union all ".join(
        f"select column_name, number, n_rows from {side.table('state_values')} "
        f"semi join {over} using (column_name) semi join (from "
        f"{side.table('state_columns')} where is_complete) using (column_name) "
        "where number is not null"
        for side in (into, other)
    )
    sums = ", ".join(f"sum({name})" for name in list(BINS)[2:])
    merged = {
        "state_bins": f"select column_name, bin, {sums} from "
        f"({bins_sql(f'({full})')} union all from {both['state_bins']}) group by 1, 2",
        "state_columns": _merged_columns(both["state_columns"], over),
        "state_values": "select column_name, hash, any_value(value), any_value(number), "
        f"sum(n_rows) from {both['state_values']} group by 1, 2 "
        f"qualify column_name not in (from {over}) or row_number() over "
        f"(partition by column_name order by hash) <= {SAMPLED}",
    }
    for name, select in merged.items():
        listed = ", ".join(TABLES[name])
        types = ", ".join(
            f"cast({c} as {kind}) as {c}" for c, kind in TABLES[name].items()
        )
        engine.execute(
            f"create or replace temp table dsp_merged_{name} as "
            f"select {types} from ({select}) as merged({listed})"
        )
    for name in merged:
        engine.execute(
            f"create or replace table {into.table(name)} as from dsp_merged_{name}"
        )
        engine.execute(f"drop table dsp_merged_{name}")
    engine.execute(f"drop table {over}")


def _merged_columns(both: str, over: str) -> str:
    """Return SQL that adds up the rows of columns, in the order of `COLUMNS`."""
    # Numbers decide; where doubles are too coarse, whole numbers; texts decide alone.
    order = "{{a: {0}_number, b: try_cast({0}_value as hugeint), c: {0}_value}}"
    terms = {
        "position": "min(position)",
        "data_type": "any_value(data_type)",
        "min_value": f"arg_min(min_value, {order.format('min')})",
        "max_value": f"arg_max(max_value, {order.format('max')})",
        "min_number": "min(min_number)",
        "max_number": "max(max_number)",
        "length_min": "min(length_min)",
        "length_max": "max(length_max)",
        "is_complete": f"column_name not in (from {over})",
    }
    terms |= {name: f"sum({name})" for name in _ADDED}
    listed = ", ".join(terms.get(name, name) for name in COLUMNS)
    return f"select {listed} from {both} group by column_name"


def _value(column: Column) -> str:
    """Return SQL of the value by which rows are grouped."""
    if column.family == "float":
        # Adding zero makes one of -0 and 0.
        return f"cast({column.sql} as double) + {float_sql(0.0)}"
    if column.family in (*NUMERIC, *DATED, "boolean"):
        return column.sql
    return column.text


def _kept(column: Column, groups: str) -> str:
    """Return SQL of hash, shown text, number and count of every value but NaN."""
    family = column.family
    hashed = {"integer": "cast(v as hugeint)", "float": "v"}.get(
        family, "cast(v as varchar)"
    )
    number = "null::double"
    if family in (*NUMERIC, *DATED, "boolean"):
        number = column.as_double("v")
        if family in ("float", *DATED):
            number = f"case when isfinite(v) then {number} end"
    real = " and not isnan(v)" if family == "float" else ""
    return (
        f"select hash({hashed}) as hash, left(cast(v as varchar), {SHOWN}) as value, "
        f"{number} as number, n as n_rows from {groups} where v is not null{real}"
    )


def _row(column: Column, groups: str, n_rows: int, *, is_complete: bool) -> str:
    """Return SQL of the row of a column, from its values with their counts."""
    family = column.family

    def rows_where(condition: str) -> str:
        return f"coalesce(sum(n) filter (where {condition}), 0)"

    terms = {
        "column_name": literal(column.name),
        "position": str(column.position),
        "data_type": literal(column.data_type),
        "n_rows": str(n_rows),
        "n_null": rows_where("v is null"),
        "is_complete": str(is_complete).lower(),
    }
    finite = " filter (where isfinite(v))" if family in (*DATED, "float") else ""
    if family in (*NUMERIC, *DATED, "boolean"):
        low, high = f"min(v){finite}", f"max(v){finite}"
        terms |= {
            "min_value": f"cast({low} as varchar)",
            "max_value": f"cast({high} as varchar)",
            "min_number": column.as_double(low),
            "max_number": column.as_double(high),
        }
    elif family not in ("nested", "binary"):
        terms |= {"min_value": "min(v)", "max_value": "max(v)"}
    if family in NUMERIC:
        whole = "true" if family == "integer" else "v = trunc(v)"
        real = f"isfinite(v) and {whole}" if family == "float" else whole
        terms |= {
            "n_zero": rows_where("v = 0"),
            "n_negative": rows_where("v < 0"),
            "n_whole": rows_where(f"v is not null and {real}"),
        }
    if family == "float":
        terms |= {"n_nan": rows_where("isnan(v)"), "n_infinite": rows_where("isinf(v)")}
    elif family in DATED:
        terms["n_infinite"] = rows_where("isinf(v)")
    elif family == "text":
        terms |= {
            "n_empty": rows_where(f"trim(v, {BLANKS}) = ''"),
            "length_min": "min(length(v))",
            "length_sum": "sum(cast(length(v) as hugeint) * n)",
            "length_max": "max(length(v))",
        }
    zeros = ("n_nan", "n_infinite", "n_empty", "n_zero", "n_negative", "n_whole")
    listed = ", ".join(
        terms.get(name, "0" if name in zeros else "null") for name in COLUMNS
    )
    return f"select {listed} from {groups}"
