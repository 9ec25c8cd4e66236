"""Finds the records in a JSON text, whatever shape they are kept in.

Spans of the text itself are cut out and put together anew, so that no number and no
string passes through Python's types and loses something on the way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsp.errors import SourceError, nearest

_SPACE = re.compile(r"[ \t\r\n]*")
_READ = json.JSONDecoder(strict=False).raw_decode
MAX_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Span:
    """A value, and where its text starts and ends."""

    key: str
    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Records:
    """Records that were found: JSON text of them, and what was assumed.

    `text` is None where the file can be read as it stands.
    """

    text: str | None
    shape: str = "records"
    warnings: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


class NoRecordsError(ValueError):
    """The text is JSON, but not of records."""


def members(text: str, at: int) -> Iterator[Span]:
    """Yield the members of the object or array that starts at a place.

    Raises
    ------
    json.JSONDecodeError
        The text is not JSON there.
    """
    is_object = text[at] == "{"
    end = "}" if is_object else "]"
    at = _skip(text, at + 1)
    if text[at : at + 1] == end:
        return
    while True:
        key = ""
        if is_object:
            if text[at : at + 1] != '"':
                raise json.JSONDecodeError("Expecting a name in double quotes", text, at)
            key, at = _READ(text, at)
            at = _skip(text, at)
            if text[at : at + 1] != ":":
                raise json.JSONDecodeError("Expecting ':'", text, at)
            at = _skip(text, at + 1)
        value, stop = _READ(text, at)
        yield Span(key, value, at, stop)
        at = _skip(text, stop)
        sign = text[at : at + 1]
        if sign == end:
            return
        if sign != ",":
            raise json.JSONDecodeError(f"Expecting ',' or '{end}'", text, at)
        at = _skip(text, at + 1)


def is_one_value(text: str) -> bool:
    """Say whether a text is a single JSON value, not one a line."""
    _, end = _READ(text, _skip(text, 0))
    return _skip(text, end) == len(text)


def records_of(text: str, wanted: str | None) -> Records:
    """Return the records of a JSON text that is one value.

    Parameters
    ----------
    wanted
        Name of the member that holds the records, with dots between levels; a dot for
        the object itself.

    Raises
    ------
    NoRecordsError
        There are none.
    SourceError
        No member has the name that was asked for.
    """
    at = _skip(text, 0)
    if wanted not in (None, "."):
        at = _wanted(text, at, str(wanted))
    if text[at] == "[":
        return _of_array(text, at, wanted)
    if text[at] != "{":
        raise NoRecordsError("is JSON without records: a single value")
    if wanted is not None:
        return Records(_cut(text, at), "one record")
    return _of_object(text, at)


def _of_array(text: str, at: int, wanted: str | None) -> Records:
    spans = list(members(text, at))
    kinds = {type(span.value) for span in spans} - {type(None)}
    facts = {"records": wanted} if wanted else {}
    if not spans:
        raise NoRecordsError("is JSON without records: an empty list")
    if kinds == {dict}:
        if not any(span.value for span in spans):
            raise NoRecordsError("is JSON without records: no object has a field")
        return Records(_cut(text, at) if wanted else None, facts=facts)
    if kinds == {list}:
        return _of_rows(text, spans, None)
    if dict in kinds or list in kinds or not kinds:
        bad = next(i for i, span in enumerate(spans, 1) if type(span.value) is not dict)
        raise NoRecordsError(f"mixes records with other values (element {bad})")
    lines = [f'{{"value": {text[span.start : span.end]}}}' for span in spans]
    warning = 'a list of plain values was read as one column, "value"'
    return Records("\n".join(lines), "values", (warning,))


def _of_object(text: str, at: int) -> Records:
    spans = list(members(text, at))
    by_name = {span.key: span for span in spans}
    if len(by_name) < len(spans):
        raise NoRecordsError("repeats a name in one object")
    if not spans:
        raise NoRecordsError("is JSON without records: no object has a field")
    if set(by_name) >= {"columns", "data"} and _is_split(by_name):
        names = by_name["columns"].value
        return _of_rows(text, list(members(text, by_name["data"].start)), names)
    if all(type(span.value) is list for span in spans) and _is_columns(spans):
        return _of_columns(text, spans)
    if all(type(span.value) is dict and span.value for span in spans):
        return _of_nested(text, at, spans)
    return _of_envelope(text, at, spans)


def _of_envelope(text: str, at: int, spans: Sequence[Span]) -> Records:
    """Return the records that an answer of a service wraps."""
    found = {span.key: span for span in spans if _holds_records(span.value)}
    if not found:
        for span in spans:
            if type(span.value) is dict:
                inner = members(text, span.start)
                found |= {
                    f"{span.key}.{part.key}": part
                    for part in inner
                    if _holds_records(part.value)
                }
    if len(found) != 1:
        warnings: tuple[str, ...] = ()
        if found:
            names = ", ".join(list(found)[:MAX_SHOWN])
            warnings = (f"read as one record; --read records=… takes one of: {names}",)
        return Records(_cut(text, at), "one record", warnings)
    (name, span), *_ = found.items()
    outer = name.partition(".")[0]
    left = [other.key for other in spans if other.key != outer]
    said = f'the records were found in "{name}"'
    if left:
        shown = ", ".join(left[:MAX_SHOWN]) + (", …" if len(left) > MAX_SHOWN else "")
        said += f", and left out: {shown} (--read records=. reads all as one record)"
    return Records(
        text[span.start : span.end], "envelope", (said,), facts={"records": name}
    )


def _of_columns(text: str, spans: Sequence[Span]) -> Records:
    columns = [
        (span.key, [text[cell.start : cell.end] for cell in members(text, span.start)])
        for span in spans
    ]
    rows = zip(*(cells for _, cells in columns), strict=True)
    keys = [json.dumps(name) for name, _ in columns]
    return Records(_lines(keys, rows), "columns", ("read column by column",))


def _of_nested(text: str, at: int, spans: Sequence[Span]) -> Records:
    """Return records of an object of objects: by column, or by the name of the row."""
    inner = [set(span.value) for span in spans]
    names = {name for part in inner for name in part}
    if all(name.isdigit() for name in names) and all(part == names for part in inner):
        cells = [
            {cell.key: text[cell.start : cell.end] for cell in members(text, span.start)}
            for span in spans
        ]
        rows = ([column[name] for column in cells] for name in cells[0])
        keys = [json.dumps(span.key) for span in spans]
        return Records(_lines(keys, rows), "columns", ("read column by column",))
    if all(span.key.isdigit() for span in spans):
        lines = [" ".join(text[span.start : span.end].splitlines()) for span in spans]
        return Records("\n".join(lines), "rows by number", ("read row by row",))
    values = (value for span in spans for value in span.value.values())
    if any(map(_holds_records, values)):
        return _of_envelope(text, at, spans)
    return Records(None)


def _of_rows(text: str, spans: Sequence[Span], names: list[Any] | None) -> Records:
    """Return records of a list of lists; its first row may hold the names."""
    rows = [
        [text[cell.start : cell.end] for cell in members(text, span.start)]
        for span in spans
        if type(span.value) is list
    ]
    if len(rows) < len(spans):
        raise NoRecordsError("mixes rows with other values")
    width = max(map(len, rows), default=0)
    values = [span.value for span in spans]
    if names is None and _is_header(values):
        names, rows = values[0], rows[1:]
    if names is None:
        names = [f"column_{i}" for i in range(1, width + 1)]
    if any(len(row) != len(names) for row in rows):
        raise NoRecordsError("holds rows of different lengths")
    keys = [json.dumps(str(name)) for name in names]
    if len(set(keys)) < len(keys):
        raise NoRecordsError("repeats a name in its header")
    return Records(_lines(keys, rows), "rows", ("read as a list of rows",))


def _is_header(values: list[list[Any]]) -> bool:
    first, rest = values[0], values[1:]
    return (
        bool(rest)
        and len(set(map(str, first))) == len(first)
        and all(type(cell) is str and cell for cell in first)
        and any(type(cell) is not str for row in rest for cell in row)
    )


def _lines(keys: Sequence[str], rows: Any) -> str:
    made = (
        "{" + ", ".join(f"{k}: {cell}" for k, cell in zip(keys, row, strict=True)) + "}"
        for row in rows
    )
    return "\n".join(" ".join(line.splitlines()) for line in made)


def _is_split(by_name: dict[str, Span]) -> bool:
    columns, data = by_name["columns"].value, by_name["data"].value
    return (
        type(columns) is list
        and type(data) is list
        and bool(columns)
        and all(type(row) is list and len(row) == len(columns) for row in data)
    )


def _is_columns(spans: Sequence[Span]) -> bool:
    lengths = {len(span.value) for span in spans}
    cells = (cell for span in spans for cell in span.value[:100])
    return len(lengths) == 1 and 0 not in lengths and not any(map(_is_nested, cells))


def _is_nested(value: Any) -> bool:
    return type(value) in (dict, list)


def _holds_records(value: Any) -> bool:
    return (
        type(value) is list and bool(value) and all(type(item) is dict for item in value)
    )


def _wanted(text: str, at: int, name: str) -> int:
    for part in name.split("."):
        if text[at] != "{":
            raise SourceError(f'"{name}" is no member of the JSON text', hint="")
        found = {span.key: span.start for span in members(text, at)}
        if part not in found:
            close = nearest(part, found, n=1)
            meant = f'did you mean "{close[0]}"? ' if close else ""
            raise SourceError(
                f'no member named "{part}" in the JSON text',
                hint=f"{meant}members: {', '.join(list(found)[:20])}",
            )
        at = found[part]
    return at


def _cut(text: str, at: int) -> str:
    return text[at : _READ(text, at)[1]]


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
