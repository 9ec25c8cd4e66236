"""Typed, documented parameters of the kinds of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from dsp.checks.durations import seconds_in
from dsp.errors import DspError, RuleError, nearest


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a kind of rule.

    Attributes
    ----------
    name
        As it is written.
    type
        A name of `TYPES`.
    description
        What it means, one sentence.
    default
        Value when it is not given.
    is_required
        Whether it must be given.
    choices
        The texts it may be, for the type ``choice``.
    short
        Keys that give it in the block of a column in a rules file.
    """

    name: str
    type: str
    description: str
    default: Any = None
    is_required: bool = False
    choices: tuple[str, ...] = ()
    short: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParameterType:
    """A type of parameters.

    Attributes
    ----------
    words
        What it wants, for messages.
    accepts
        Whether a value will do.
    schema
        The type in JSON Schema.
    """

    words: str
    accepts: Callable[[Any], bool]
    schema: Mapping[str, Any]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, int | float | Decimal | bool | str | date | time)


def _is_list(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def all_are(value: Any) -> bool:
        return isinstance(value, list | tuple) and all(map(test, value))

    return all_are


def _is_duration(value: Any) -> bool:
    try:
        return isinstance(value, str) and seconds_in(value) > 0
    except DspError:
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_SCALARS: list[str] = ["number", "string", "boolean"]
_TEXTS = {"type": "array", "items": {"type": "string"}}

TYPES: Mapping[str, ParameterType] = {
    "number": ParameterType("a number", _is_number, {"type": "number"}),
    "integer": ParameterType(
        "a whole number", lambda v: type(v) is int, {"type": "integer"}
    ),
    "boolean": ParameterType(
        "true or false", lambda v: isinstance(v, bool), {"type": "boolean"}
    ),
    "text": ParameterType("text", _is_text, {"type": "string"}),
    "texts": ParameterType("a list of texts", _is_list(_is_text), _TEXTS),
    "choice": ParameterType("a word", _is_text, {"type": "string"}),
    "bound": ParameterType(
        "a number, or a date as text",
        lambda v: _is_number(v) or isinstance(v, str | date | time),
        {"type": ["number", "string"]},
    ),
    "scalar": ParameterType("one value", _is_scalar, {"type": _SCALARS}),
    "scalars": ParameterType(
        "a list of values",
        _is_list(_is_scalar),
        {"type": "array", "items": {"type": _SCALARS}},
    ),
    "columns": ParameterType("a list of column names", _is_list(_is_text), _TEXTS),
    "duration": ParameterType(
        'a duration such as "2 days" or "6h"', _is_duration, {"type": "string"}
    ),
    "condition": ParameterType("an SQL condition on a row", _is_text, {"type": "string"}),
    "source": ParameterType(
        "a file, a glob, database.db::table, or a table in memory",
        lambda v: v is not None and not _is_number(v),
        {"type": "string"},
    ),
    "mapping": ParameterType(
        "names with values", lambda v: isinstance(v, Mapping), {"type": "object"}
    ),
}
"""Every type that a parameter may have."""


def read_parameters(
    kind: str, known: Sequence[Parameter], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the parameters of a rule, checked; what is not given is left out.

    Raises
    ------
    RuleError
        One is unknown, is lacking, or has a value that it cannot take.
    """
    by_name = {parameter.name: parameter for parameter in known}
    for name, value in given.items():
        if name not in by_name:
            raise _unknown(kind, name, by_name)
        _read(kind, by_name[name], value)
    for parameter in known:
        if parameter.is_required and parameter.name not in given:
            raise RuleError(
                f'{kind} needs the parameter "{parameter.name}"',
                hint=parameter.description,
                key=parameter.name,
            )
    return {name: _frozen(value) for name, value in given.items()}


def _unknown(kind: str, name: str, known: Iterable[str]) -> RuleError:
    names = list(known)
    options = ["severity", "tolerance", "where", "name", "optional"]
    close = nearest(name, [*names, *options], n=1)
    listed = f"it takes {', '.join(names)}" if names else "it takes no parameters"
    return RuleError(
        f'{kind} has no parameter "{name}"',
        hint=f'did you mean "{close[0]}"? {listed}' if close else listed,
        key=name,
    )


def _read(kind: str, parameter: Parameter, value: Any) -> None:
    wanted = TYPES[parameter.type]
    if not wanted.accepts(value):
        raise RuleError(
            f"{parameter.name} of {kind} must be {wanted.words}, not {_shown(value)}",
            hint=parameter.description,
            key=parameter.name,
        )
    if parameter.choices and value not in parameter.choices:
        close = nearest(value, parameter.choices, n=1)
        listed = ", ".join(parameter.choices)
        raise RuleError(
            f'{parameter.name} of {kind} cannot be "{value}"',
            hint=f'did you mean "{close[0]}"? {listed}' if close else f"use {listed}",
            key=parameter.name,
        )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return repr(value)[:60]
