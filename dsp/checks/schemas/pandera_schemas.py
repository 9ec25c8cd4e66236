"""Pandera schemas as rules: objects, models, and what ``to_yaml`` and ``to_json`` write.

Pandera itself is not needed; what is read are the names its documentation gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dsp.checks.schemas.draft import Draft, well_formed
from dsp.errors import RuleError

DTYPES = (
    (r"u?int\d*", "integer"),
    (r"float\d*|double|number", "float"),
    (r"str|string.*|text|varchar", "text"),
    (r"bool|boolean", "boolean"),
    (r"datetime.*|timestamp.*", "timestamp"),
    (r"date\d*|date(\[.*)?", "date"),
    (r"decimal.*", "decimal"),
)
KNOWN = frozenset(
    (
        "dtype",
        "nullable",
        "unique",
        "required",
        "regex",
        "coerce",
        "checks",
        "title",
        "description",
        "default",
        "metadata",
        "name",
        "drop_invalid_rows",
    )
)
"""Keys of a column in what pandera writes; all others are checks."""
OPTIONS = frozenset(["raise_warning", "ignore_na", "error", "n_failure_cases", "options"])

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    dtype: str
    nullable: bool
    unique: bool
    required: bool
    regex: bool
    checks: tuple[tuple[str, Told, bool], ...]
    """Name, statistics, and whether it only warns."""


def is_pandera(content: Any) -> bool:
    """Return whether a document is a schema that pandera wrote.

    Examples
    --------
    >>> is_pandera({"schema_type": "dataframe", "columns": {}})
    True
    """
    return isinstance(content, Mapping) and "schema_type" in content


def from_pandera(schema: Any, *, severity: str = "error", origin: str = "") -> Draft:
    """Return the rules that a pandera schema means.

    Parameters
    ----------
    schema
        A ``DataFrameSchema``, a ``DataFrameModel``, or the content of what ``to_yaml`` or
        ``to_json`` wrote.
    severity, origin
        As for `Draft`.

    Raises
    ------
    RuleError
        It is none of these.
    """
    draft = Draft(severity, origin)
    with well_formed("the pandera schema"):
        _read(draft, schema.to_schema() if hasattr(schema, "to_schema") else schema)
    return draft


def _read(draft: Draft, schema: Any) -> None:
    """Add the rules of a schema, an object or what was written of one."""
    if is_pandera(schema):
        columns = [_from_text(str(n), c) for n, c in (schema["columns"] or {}).items()]
        whole: Told = schema
        checks = _names(schema.get("checks"))
    elif hasattr(schema, "columns") and hasattr(schema, "strict"):
        columns = [_from_object(str(n), c) for n, c in schema.columns.items()]
        attributes = ("strict", "ordered", "unique", "coerce", "index")
        whole = {name: getattr(schema, name, None) for name in attributes}
        checks = [str(check.name) for check in schema.checks or ()]
    else:
        raise RuleError(
            f"{type(schema).__name__} is no pandera schema",
            hint="give a DataFrameSchema, a DataFrameModel, or what to_yaml wrote",
        )
    _table(draft, whole, columns)
    for column in columns:
        _column(draft, column)
    for name in checks:
        draft.note(f"the table: the check {name} is not translated")


def _table(draft: Draft, whole: Told, columns: list[_Column]) -> None:
    plain = [column for column in columns if not column.regex]
    required = [column.name for column in plain if column.required]
    has_patterns = len(plain) < len(columns)
    is_closed = whole.get("strict") is True and not has_patterns
    if required or is_closed:
        draft.add(
            "columns",
            names=required,
            others=not is_closed,
            ordered=bool(whole.get("ordered")),
            may_be=[column.name for column in plain if not column.required],
        )
    if whole.get("ordered") and len(required) < len(plain):
        draft.note("the table: the order of columns that may lack is not translated")
    if whole.get("strict") is True and has_patterns:
        draft.note("the table: strict is not translated beside columns by pattern")
    unique = whole.get("unique")
    if unique:
        names = [unique] if isinstance(unique, str) else list(unique)
        draft.add("no_duplicate_rows", *map(str, names))
    if whole.get("index") is not None:
        draft.note("the index: tables have none; it is not translated")
    if whole.get("coerce"):
        draft.note("the table: coerce is no check; types are as they were read")


def _column(draft: Draft, column: _Column) -> None:
    name = column.name
    if column.regex:
        draft.note(f"{name}: columns by pattern are not translated")
        return
    given: dict[str, Any] = {} if column.required else {"optional": True}
    if column.dtype:
        folded = column.dtype.casefold()
        family = next((f for p, f in DTYPES if re.fullmatch(p, folded)), None)
        if family is not None:
            draft.add("column_type", name, type=family, **given)
        elif folded not in ("object", "category", "none"):
            draft.note(f"{name}: the type {column.dtype} is not translated")
    if not column.nullable:
        draft.add("not_null", name, **given)
    if column.unique:
        draft.add("unique", name, **given)
    for check, statistics, is_warning in column.checks:
        translate = CHECKS.get(check)
        more = given | ({"severity": "warning"} if is_warning else {})
        if translate is None:
            draft.note(f"{name}: the check {check} is not translated")
            continue
        for kind, parameters in translate(statistics):
            draft.add(kind, name, **parameters, **more)


Rules = Iterable[tuple[str, dict[str, Any]]]


def _in_range(s: Told) -> Rules:
    low = "min" if s.get("include_min", True) else "above"
    high = "max" if s.get("include_max", True) else "below"
    yield "in_range", {low: s["min_value"], high: s["max_value"]}


def _length(s: Told) -> Rules:
    names = {"min_value": "min", "max_value": "max", "exact_value": "exactly"}
    given = {ours: s.get(theirs) for theirs, ours in names.items()}
    yield "length", {name: value for name, value in given.items() if value is not None}


def _all_of(s: Told) -> Rules:
    values = sorted(_first(s), key=str)
    yield "one_of", {"values": values}
    yield "covers", {"values": values}


def _first(s: Told) -> Any:
    """Return the one statistic of a check."""
    return next(iter(s.values()))


CHECKS: Mapping[str, Callable[[Told], Rules]] = {
    "equal_to": lambda s: [("one_of", {"values": [_first(s)]})],
    "not_equal_to": lambda s: [("not_one_of", {"values": [_first(s)]})],
    "greater_than": lambda s: [("in_range", {"above": _first(s)})],
    "greater_than_or_equal_to": lambda s: [("in_range", {"min": _first(s)})],
    "less_than": lambda s: [("in_range", {"below": _first(s)})],
    "less_than_or_equal_to": lambda s: [("in_range", {"max": _first(s)})],
    "in_range": _in_range,
    "isin": lambda s: [("one_of", {"values": list(_first(s))})],
    "notin": lambda s: [("not_one_of", {"values": list(_first(s))})],
    # Pandera looks for a match at the start of the text.
    "str_matches": lambda s: [
        ("matches", {"pattern": f"^(?:{_pattern(s)})", "part": True})
    ],
    "str_contains": lambda s: [("matches", {"pattern": _pattern(s), "part": True})],
    "str_startswith": lambda s: [("starts_with", {"text": _first(s)})],
    "str_endswith": lambda s: [("ends_with", {"text": _first(s)})],
    "str_length": _length,
    "unique_values_eq": _all_of,
}
"""Pandera's checks by name, to kinds with their parameters."""


def _pattern(s: Told) -> str:
    found = _first(s)
    return str(getattr(found, "pattern", found))


def _from_object(name: str, column: Any) -> _Column:
    return _Column(
        name=name,
        dtype="" if column.dtype is None else str(column.dtype),
        nullable=bool(column.nullable),
        unique=bool(column.unique),
        required=bool(getattr(column, "required", True)),
        regex=bool(getattr(column, "regex", False)),
        checks=tuple(
            (str(c.name), dict(c.statistics or {}), bool(c.raise_warning))
            for c in column.checks or ()
        ),
    )


def _from_text(name: str, column: Told) -> _Column:
    inner = column.get("checks")
    found = {**(inner if isinstance(inner, Mapping) else {})}
    found |= {key: value for key, value in column.items() if key not in KNOWN}
    listed = inner if isinstance(inner, list) else ()
    return _Column(
        name=name,
        dtype=str(column.get("dtype") or ""),
        nullable=bool(column.get("nullable")),
        unique=bool(column.get("unique")),
        required=bool(column.get("required", True)),
        regex=bool(column.get("regex")),
        checks=(*_told(found.items()), *_told(map(_named, listed))),
    )


def _named(check: Told) -> tuple[str, Any]:
    """Return name and statistics of a check in a list, as older versions write it."""
    options = check.get("options") or {}
    name = options.get("check_name") or check.get("name") or "without a name"
    return str(name), {k: v for k, v in check.items() if k not in ("name", "options")}


def _told(checks: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Told, bool]]:
    for name, value in checks:
        is_told = isinstance(value, Mapping)
        options = {**value, **(value.get("options") or {})} if is_told else {}
        statistics = (
            {k: v for k, v in value.items() if k not in OPTIONS}
            if is_told
            else {"value": value}
        )
        yield str(name), statistics, bool(options.get("raise_warning"))


def _names(checks: Any) -> list[str]:
    if isinstance(checks, Mapping):
        return [str(name) for name in checks]
    return [_named(check)[0] for check in checks or ()]
