"""Fits the columns of a new part to those of a state: new, missing, widened ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dsp.engine.duckdb_engine import literal
from dsp.errors import DspError
from dsp.statistics.base import DATED, NUMERIC, Column
from dsp.statistics.states import State, describe

WAY_OUT = "leave the file out, or begin another state"


@dataclass(frozen=True, slots=True)
class Fit:
    """How a part is read so that it fits a state.

    Attributes
    ----------
    source
        SQL of its rows, with the columns of the state.
    columns
        Those columns.
    """

    source: str
    columns: tuple[Column, ...]


def fit(state: State, source: str, columns: Sequence[Column], name: str) -> Fit:
    """Return how to read a part, after giving the state the part's new columns.

    A column that one side lacks is null there. A wider type is taken over where that
    changes no value; a column without values has any type.

    Parameters
    ----------
    state
        The state; its columns get wider and more where the part asks for it.
    source
        SQL that can stand after ``from``.
    columns
        Columns of the part.
    name
        What the part is called in errors.

    Raises
    ------
    DspError
        A column has a type that does not go with that of the state.
    """
    known = {column.name: column for column in state.columns()}
    if not known:
        made = tuple(replace(column, data_type=_plain(column)) for column in columns)
        return Fit(_select(source, made, {c.name for c in columns}), made)
    n_rows = state.n_rows
    fitted = dict(known)
    for column in columns:
        if column.name not in known:
            added = replace(column, data_type=_plain(column), position=len(fitted) + 1)
            empty = f"select cast(null as {added.data_type}) as v, {n_rows} as n"
            describe(state, added, empty, n_rows)
            fitted[column.name] = added
            continue
        old = known[column.name]
        data_type = _common(state, source, old, column, name)
        if data_type != old.data_type:
            fitted[column.name] = replace(old, data_type=data_type)
            _retype(state, old, fitted[column.name], name)
    chosen = tuple(fitted.values())
    return Fit(_select(source, chosen, {c.name for c in columns}), chosen)


def _plain(column: Column) -> str:
    """Return the type that a state gives a column: families of types share one."""
    if column.family == "float":
        return "DOUBLE"
    if column.family in (*NUMERIC, *DATED, "boolean", "time"):
        return column.data_type
    # A value of any other type is kept as text: the type only says what it was.
    return "VARCHAR" if column.family == "text" else column.data_type


def _select(source: str, columns: Sequence[Column], there: set[str]) -> str:
    listed = ", ".join(
        f"cast({column.sql if column.name in there else 'null'} as {column.data_type}) "
        f"as {column.sql}"
        for column in columns
    )
    return f"(select {listed} from {source}) as part"


def _common(state: State, source: str, old: Column, new: Column, name: str) -> str:
    """Return the type that holds the values of both sides."""
    engine = state.engine
    wanted = _plain(new)
    if wanted == old.data_type:
        return wanted
    if not engine.rows(f"select count({new.sql}) from {source}")[0][0]:
        return old.data_type
    n_values = engine.rows(
        f"select n_rows - n_null from {state.table('state_columns')} "
        f"where column_name = {literal(old.name)}"
    )[0][0]
    if not n_values:
        return wanted
    for group in (NUMERIC, DATED):
        if old.family in group and new.family in group:
            both = f"select null::{old.data_type} as v union all select null::{wanted}"
            return str(engine.rows(f"select typeof(v) from ({both}) limit 1")[0][0])
    raise DspError(
        f'{name}: column "{old.name}" is {wanted}, but {old.data_type} in the state',
        hint=WAY_OUT,
    )


def _retype(state: State, old: Column, new: Column, name: str) -> None:
    """Give a column of the state another type; its values stay what they are."""
    engine, where = state.engine, f"where column_name = {literal(old.name)}"
    n_rows, n_null, n_nan, is_complete = engine.rows(
        "select n_rows, n_null, n_nan, is_complete from "
        f"{state.table('state_columns')} {where}"
    )[0]
    if old.family == new.family == "integer":
        # Whole numbers of every width have the same text and hash.
        engine.execute(
            f"update {state.table('state_columns')} set data_type = "
            f"{literal(new.data_type)} {where}"
        )
        return
    values = state.table("state_values")
    n_before = engine.rows(f"select count(*) from {values} {where}")[0][0]
    if not is_complete:
        raise DspError(
            f'{name}: column "{old.name}" would become {new.data_type}, but has too many '
            f"distinct values in the state to change from {old.data_type}",
            hint=WAY_OUT,
        )
    groups = f"select cast(null as {new.data_type}) as v, {n_null} as n"
    if n_nan:
        groups += f" union all select cast('nan' as {new.data_type}), {n_nan}"
    groups += (
        f" union all select cast(cast(value as {old.data_type}) as {new.data_type}), "
        f"n_rows from {values} {where}"
    )
    engine.execute(f"create or replace temp table dsp_retyped as {groups}")
    for table in ("state_columns", "state_values"):
        engine.execute(f"delete from {state.table(table)} {where}")
    grouped = "select v, sum(n) as n from dsp_retyped group by v"
    describe(state, new, grouped, n_rows)
    engine.execute("drop table dsp_retyped")
    n_after = engine.rows(f"select count(*) from {values} {where}")[0][0]
    if n_after != n_before:
        raise DspError(
            f'{name}: column "{old.name}" cannot become {new.data_type}: values of the '
            "state would fall together",
            hint=WAY_OUT,
        )
