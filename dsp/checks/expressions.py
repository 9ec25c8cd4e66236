"""Ibis expressions of the user as SQL, so that they are counted with everything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dsp.checks.base import Subject
from dsp.engine import StoredTable
from dsp.errors import CancelledError, RuleError

SIMPLE = {"kind", "expressions", "from_", "from"}
"""Parts of a select that reads one table and nothing more."""


@dataclass(frozen=True, slots=True)
class Expression:
    """What a function of the table gave.

    Attributes
    ----------
    is_figure
        Whether it is one value for the table.
    inline
        SQL on the columns of the table; empty when it needs a query of its own.
    query
        That query: `dsp_holds`, with all columns and `dsp_row_number` unless it is one
        value.
    """

    is_figure: bool
    inline: str
    query: str = ""


def read_expression(
    function: Callable[[Any], Any], subject: Subject, where: str | None
) -> Expression:
    """Return what a function gives for the table under check.

    Raises
    ------
    RuleError
        The function raises, or gives nothing that is true or false.
    """
    from ibis.expr import types

    relation = subject.relation
    table = _table(subject)
    found = _call(function, table)
    if isinstance(found, types.BooleanScalar):
        if where is None:
            inline = _inline(subject, table.aggregate(dsp_holds=found))
            if inline:
                return Expression(is_figure=True, inline=inline)
        else:
            text = f"select * from {relation.sql} as t where {where}"
            table = relation.engine.backend.sql(text)
            found = _call(function, table)
        query = relation.engine.compile(found.name("dsp_holds").as_table())
        return Expression(is_figure=True, inline="", query=query)
    if not isinstance(found, types.BooleanColumn):
        raise RuleError(
            f"the expression gives {_kind(found)}, not true or false",
            hint="compare columns, such as lambda t: t.revenue >= t.cost",
        )
    inline = _inline(subject, table.select(dsp_holds=found))
    if inline:
        return Expression(is_figure=False, inline=inline)
    numbered = relation.engine.backend.sql(f"select * from {relation.numbered} as t")
    query = relation.engine.compile(numbered.mutate(dsp_holds=_call(function, numbered)))
    return Expression(is_figure=False, inline="", query=query)


def _table(subject: Subject) -> Any:
    """Return the table as Ibis sees it, whose columns are those of the relation."""
    if isinstance(subject.table, StoredTable):
        return subject.table.to_ibis()
    import ibis.expr.operations as ops

    if isinstance(subject.table.op(), ops.DatabaseTable):
        return subject.table
    engine = subject.relation.engine
    return engine.backend.sql(f"select * from {subject.relation.sql} as t")


def _call(function: Callable[[Any], Any], table: Any) -> Any:
    try:
        return function(table)
    except CancelledError:
        raise
    except Exception as error:  # the user's own function may raise anything
        raise RuleError(
            f"the expression raises {type(error).__name__}: {_line(error)}"
        ) from error


def _inline(subject: Subject, selection: Any) -> str:
    """Return the one column of a selection as SQL, where it looks at nothing else."""
    from sqlglot import exp

    engine = subject.relation.engine
    engine.compile(selection)
    tree = engine.backend.compiler.to_sqlglot(selection.unbind())
    names = {column.name for column in subject.columns}
    parts = {name for name, part in tree.args.items() if part}
    if not isinstance(tree, exp.Select) or parts - SIMPLE:
        return ""
    projection = tree.expressions[0].unalias()
    if projection.find(exp.Query, exp.Window) is not None:
        return ""
    for column in projection.find_all(exp.Column):
        if column.name not in names:
            return ""
        column.set("table", None)
    return str(projection.sql(dialect="duckdb"))


def _kind(found: Any) -> str:
    kind = getattr(found, "type", None)
    return f"a value of type {kind()}" if callable(kind) else f"a {type(found).__name__}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
