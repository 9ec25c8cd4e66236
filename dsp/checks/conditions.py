"""SQL conditions of the user: read as one expression on a row, made safe to run."""

from __future__ import annotations

from typing import Any

from dsp.engine.relation import Relation
from dsp.errors import QueryError, RuleError

OUTSIDE = frozenset(
    ["getenv", "current_setting", "nextval", "currval", "set_config", "getvariable"]
)
"""Functions that look at something else than the row."""
UNSTABLE = frozenset(
    ["random", "setseed", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "rand"]
)
"""Functions that say something else each time."""


def condition_sql(text: str) -> str:
    """Return a condition as SQL, rebuilt from what it was understood to be.

    Raises
    ------
    RuleError
        It is not one expression on the columns of a row.

    Examples
    --------
    >>> condition_sql("status = 'paid' -- of course")
    "status = 'paid'"
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        statements = sqlglot.parse(f"select {text}\n", dialect="duckdb")
    except SqlglotError as error:
        raise RuleError(
            f"{_short(text)} is not SQL: {_first_line(error)}",
            hint="write one condition on a row, such as price > 0",
        ) from error
    select = statements[0] if len(statements) == 1 else None
    given = {name for name, part in (select.args.items() if select else ()) if part}
    if not isinstance(select, exp.Select) or given - {"kind", "expressions"}:
        raise RuleError(
            f"{_short(text)} is more than one expression",
            hint="write one condition on a row, such as price > 0",
        )
    if len(select.expressions) != 1 or isinstance(select.expressions[0], exp.Alias):
        raise RuleError(
            f"{_short(text)} is more than one expression",
            hint="write one condition on a row, such as price > 0",
        )
    _refuse_what_is_not_of_the_row(select.expressions[0], text)
    return str(select.expressions[0].sql(dialect="duckdb", comments=False))


def safe_condition(text: str, relation: Relation) -> str:
    """Return a condition that never raises: where it cannot be computed it is null.

    Raises
    ------
    RuleError
        It is no condition on the columns of the table.
    """
    return f"try({bound(condition_sql(text), relation, _short(text))})"


def broken_condition(text: str, relation: Relation) -> str:
    """Return the predicate of rows that break a condition.

    Raises
    ------
    RuleError
        It is no condition on the columns of the table.
    """
    return broken(bound(condition_sql(text), relation, _short(text)))


def broken(sql: str) -> str:
    """Return the predicate of rows where an expression is false or cannot be computed.

    Unknown (null) is not broken.
    """
    return f"try(coalesce({sql}, true)) is distinct from true"


def bound(sql: str, relation: Relation, what: str) -> str:
    """Return an expression after the engine has agreed to its names and types.

    Raises
    ------
    RuleError
        It names what is not there, or is not true or false.
    """
    try:
        described = relation.engine.described(
            f"(select try(({sql})) as dsp_holds from {relation.sql} as t)"
        )
    except QueryError as error:
        raise RuleError(f"{what} cannot be used: {_first_line(error)}") from error
    data_type = described[0][1]
    if data_type != "BOOLEAN":
        raise RuleError(
            f"{what} gives {data_type}, not true or false",
            hint="compare it with something, such as price > 0",
        )
    return f"({sql})"


def _refuse_what_is_not_of_the_row(expression: Any, text: str) -> None:
    from sqlglot import exp

    for kind, words in (
        (exp.Query, "holds a query"),
        (exp.Window, "looks at other rows"),
        (exp.AggFunc, "is a figure of many rows"),
        (exp.Star, "holds a star"),
        (exp.Placeholder, "holds a placeholder"),
        (exp.Parameter, "holds a parameter"),
    ):
        if expression.find(kind) is not None:
            raise RuleError(
                f"{_short(text)} {words}",
                hint="a condition looks at the columns of one row",
            )
    for function in expression.find_all(exp.Func):
        name = function.name if isinstance(function, exp.Anonymous) else ""
        names = {name.casefold(), *(n.casefold() for n in function.sql_names())}
        if names & OUTSIDE:
            raise RuleError(f"{_short(text)} looks outside the table")
        if names & UNSTABLE:
            raise RuleError(f"{_short(text)} is random")


def _short(text: str) -> str:
    shown = " ".join(text.split())
    return f'the condition "{shown if len(shown) <= 80 else shown[:77] + "…"}"'


def _first_line(error: Exception) -> str:
    text = getattr(error, "message", "") or str(error)
    return " ".join(str(text).split("\n\nLINE")[0].split())[:200]
