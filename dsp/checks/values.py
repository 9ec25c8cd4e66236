"""Values of rules as SQL, in the type of the column that they are compared with."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from dsp.checks.base import Field, label
from dsp.engine.relation import literal
from dsp.errors import RuleError


def bound_sql(column: Field, value: Any, *, kind: str, side: str = "") -> str:
    """Return a value as SQL that a column can be compared with and that never raises.

    Parameters
    ----------
    column
        The column; its type decides how the value is read.
    value
        A number, a date, or text that holds one.
    kind
        Name of the rule's kind, for messages.
    side
        "low" or "high" for an end of a range on whole numbers: 0.5 becomes 1 or 0.

    Raises
    ------
    RuleError
        The value does not fit the type of the column.
    """
    if column.is_numeric:
        return _number_sql(column, value, kind, side)
    if column.is_temporal:
        return _moment_sql(column, value, kind)
    if column.family == "time":
        found = value if isinstance(value, time) else _parsed(time, value)
        if isinstance(found, time):
            return f"time {literal(found.isoformat())}"
    elif column.family == "boolean":
        if isinstance(value, bool):
            return "true" if value else "false"
    elif column.family in ("text", "enum") and isinstance(value, str):
        return literal(value)
    raise _unfit(column, value, kind)


def list_sql(column: Field, values: Any, *, kind: str) -> str:
    """Return values as an SQL list in the type of the column.

    Raises
    ------
    RuleError
        A value does not fit the type of the column.
    """
    items = ", ".join(bound_sql(column, value, kind=kind) for value in values)
    return f"[{items}]"


def number_of(value: Any) -> int | float | Decimal | None:
    """Return a number, or the number that a text holds, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, str):
        try:
            return Decimal(value.strip())
        except InvalidOperation:
            return None
    return None


def plain_number(value: float | Decimal) -> str:
    """Return a number as SQL: exact where it has few digits, else a double.

    Examples
    --------
    >>> plain_number(0.1), plain_number(10**40), plain_number(float("inf"))
    ('0.1', "cast('1e+40' as double)", "cast('inf' as double)")
    """
    if isinstance(value, int) and abs(value) < 10**18:
        return str(value)
    if isinstance(value, int) and abs(value) < 10**38:
        return f"cast('{value}' as hugeint)"
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if exact.is_finite():
        text = format(exact, "f")
        if len(text.lstrip("-").replace(".", "")) <= 18:
            return text
    return f"cast('{float(value)!r}' as double)"


def _number_sql(column: Field, value: Any, kind: str, side: str) -> str:
    number = number_of(value)
    if number is None:
        raise _unfit(column, value, kind)
    is_finite = math.isfinite(number)
    if column.family == "float":
        return f"cast('{float(number)!r}' as double)"
    if column.family == "integer" and is_finite and number != int(number):
        if side == "low":
            return plain_number(math.ceil(number))
        if side == "high":
            return plain_number(math.floor(number))
        return f"cast('{float(number)!r}' as double)"
    if column.family == "integer" and is_finite:
        return plain_number(int(number))
    return plain_number(number)


def _moment_sql(column: Field, value: Any, kind: str) -> str:
    moment = value
    if isinstance(value, str):
        moment = _parsed(datetime, value)
    if isinstance(moment, date) and not isinstance(moment, datetime):
        return f"date {literal(moment.isoformat())}"
    if not isinstance(moment, datetime):
        raise _unfit(column, value, kind)
    has_zone = "TIME ZONE" in column.data_type
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    text = literal(moment.replace(tzinfo=None).isoformat(sep=" "))
    if column.family == "date" and moment.time() == time(0):
        return f"date {literal(moment.date().isoformat())}"
    return f"timestamptz {text[:-1]}+00'" if has_zone else f"timestamp {text}"


def _parsed(kind: Any, text: Any) -> Any:
    try:
        return kind.fromisoformat(text.strip())
    except (ValueError, AttributeError):
        return None


def _unfit(column: Field, value: Any, kind: str) -> RuleError:
    return RuleError(
        f"{value!r} cannot be compared with {label(column.name)}, which holds "
        f"{column.data_type}",
        hint=f"give {kind} values of the type of the column",
    )
