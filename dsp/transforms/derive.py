"""Columns are computed from others, by expressions of the user."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from dsp.engine.relation import Relation, quote
from dsp.errors import DspError, QueryError, SettingError
from dsp.numbers import counted
from dsp.transforms.base import AS_DERIVED, Proposal, Scene, Transform, free_name
from dsp.transforms.planned import described, result_of

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_CALL = re.compile(r"\b(\w+)\s*\(")
_CLOCK = re.compile(
    r"\b(current_date|current_time|current_timestamp|localtime\w*)\b", re.I
)
_WINDOW = re.compile(r"\bover\b", re.IGNORECASE)


class DeriveColumns(Transform):
    """Adds columns, or replaces those of the same name, one after the other.

    An expression is a function of the table as an Ibis expression, or SQL text. It is
    stored as SQL. What gives other values each time (random numbers, the clock) is
    refused. Expressions over other rows (windows, totals) leave rows in their order.
    """

    name = "derive"
    layer = AS_DERIVED
    order = 10

    def changes(self, scene: Scene) -> Iterable[Proposal]:
        """Add the columns in the order in which they were given."""
        relation = scene.relation
        for name, expression in scene.asked.derive.items():
            found = _derived(relation, name, expression)
            yield found
            relation = result_of(relation, [found])


def _derived(relation: Relation, name: str, expression: Any) -> Proposal:
    names = [column.name for column in relation.columns]
    column = next((n for n in names if n.casefold() == name.casefold()), name)
    make = _of_text if isinstance(expression, str) else _of_ibis
    try:
        select = make(relation, column, expression)
        _refuse_what_changes(relation, select)
        n = _n_values(relation, select, column)
    except DspError as error:
        raise _failed(name, error, names) from error
    verb = "replaced" if column in names else "derived"
    return Proposal(
        column,
        "",
        f"{name} {verb} by an expression, as asked: {counted(n, 'value')}",
        n,
        select=select,
        setting=f"derive.{name}={expression}" if isinstance(expression, str) else "",
    )


def _of_text(relation: Relation, column: str, text: str) -> str:
    """Return the statement for an expression in SQL."""
    value, names = f"(\n{text}\n)", [c.name for c in relation.columns]
    made = f"{value} as {quote(column)}"
    changed, added = (f" replace ({made})", "") if column in names else ("", f", {made}")
    if _WINDOW.search(text):
        row = _free_row(relation)
        select = (
            f"select * exclude ({row}){changed}{added} from "
            f"(select *, row_number() over () as {row} from input) order by {row}"
        )
    else:
        select = f"select *{changed}{added} from input"
    expected = names if column in names else [*names, column]
    if [c.name for c in _described(relation, select)] != expected:
        raise SettingError("it is not one expression")
    return select


def _of_ibis(relation: Relation, column: str, expression: Callable[[Any], Any]) -> str:
    """Return the statement for a function of the table."""
    import ibis
    import ibis.expr.operations as ops

    backend = relation.engine.backend
    schema = dict(backend.sql(f"select * from {relation.sql} as t").schema())
    row = _free_row(relation)
    plain = ibis.table(schema, name="input")
    numbered = ibis.table({**schema, row[1:-1]: "int64"}, name="input_in_order")
    value = _called(expression, plain)
    window = (ops.WindowFunction, ops.Reduction, ops.Analytic)
    is_window = bool(plain.mutate(**{column: value}).op().find(window))
    if not is_window:
        compiled = backend.compile(plain.mutate(**{column: value}), pretty=True)
        return f"select * from (\n{compiled}\n)"
    value = _called(expression, numbered)
    compiled = backend.compile(numbered.mutate(**{column: value}), pretty=True)
    return (
        f"select * exclude ({row}) from (\nwith input_in_order as "
        f"(select *, row_number() over () as {row} from input)\n"
        f"select * from (\n{compiled}\n)) order by {row}"
    )


def _called(expression: Callable[[Any], Any], table: Any) -> Any:
    """Return what the user's function makes of the table, as an Ibis value."""
    import ibis
    import ibis.expr.types as kinds

    try:
        (value,) = table.bind(expression)
        if not isinstance(value, kinds.Value):
            value = ibis.literal(value)
        table.mutate(dsp_value=value)
    except Exception as error:
        first = (str(error).strip().splitlines() or [""])[0]
        raise SettingError(f"{type(error).__name__}: {first}") from error
    return value


def _free_row(relation: Relation) -> str:
    taken = {column.name.casefold() for column in relation.columns}
    return quote(free_name("dsp_row", taken))


def _described(relation: Relation, select: str) -> Any:
    source = f"(with input as not materialized (from {relation.sql} as t) {select})"
    return described(relation.engine, source)


def _n_values(relation: Relation, select: str, column: str) -> int:
    """Compute the column on all rows and return how many of its values are there."""
    return int(
        relation.engine.rows(
            f"with input as not materialized (from {relation.sql} as t) "
            f"select count({quote(column)}) from (\n{select}\n)"
        )[0][0]
    )


def _refuse_what_changes(relation: Relation, select: str) -> None:
    """Raise when a statement calls what gives other values each time."""
    text = _QUOTED.sub("''", select)
    called = {name.lower() for name in _CALL.findall(text)}
    listed = relation.engine.rows(
        "select distinct function_name from duckdb_functions() "
        "where stability <> 'CONSISTENT'"
    )
    unsteady = called & {name for (name,) in listed}
    unsteady |= {name.lower() for name in _CLOCK.findall(text)}
    if unsteady:
        raise SettingError(f"{min(unsteady)} gives another value each time")


def _failed(name: str, error: DspError, names: list[str]) -> SettingError:
    text = (
        error.message.splitlines()[0] if isinstance(error, QueryError) else error.message
    )
    return SettingError(
        f'derive "{name}": {text}', hint=f"columns: {', '.join(names[:12])}"
    )


plugin = DeriveColumns()
