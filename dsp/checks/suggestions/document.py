"""Suggestions as a rules file with comments, TOML."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from itertools import groupby
from typing import Any

from dsp.checks.rule import Rule, kind_of
from dsp.checks.suggestions.record import Suggestion

WIDTH = 88


def document(suggestions: Sequence[Suggestion], heading: Sequence[str] = ()) -> str:
    """Return a rules file that reads back to the rules of the suggestions.

    Parameters
    ----------
    suggestions
        In the order of `suggest`.
    heading
        Lines of comment at the top.

    Examples
    --------
    >>> from dsp.checks.rule import rule
    >>> proposed = Suggestion(rule("not_null", "id"), "0 of 9 rows fail")
    >>> print(document([proposed]), end="")
    [columns.id]
    # 0 of 9 rows fail
    not_null = true
    """
    lines = [comment(line) for line in heading]
    block: tuple[str, ...] | None = None
    for (place, kind), group in groupby(suggestions, key=_block_and_kind):
        same = list(group)
        if place is None:
            for item in same:
                lines += ["", comment(item.evidence), "[[rules]]", *_listed(item.rule)]
        else:
            if place != block:
                lines += ["", f"[{'.'.join(key(part) for part in place)}]"]
            lines += _in_block(kind, same)
        block = place
    return "\n".join(lines if heading else lines[1:]) + "\n"


def _in_block(kind: str, same: Sequence[Suggestion]) -> list[str]:
    """Return the lines of the rules of one kind in a block: a key holds all of them."""
    if len(same) == 1:
        return [comment(same[0].evidence), f"{kind} = {_short(same[0].rule)}"]
    lines = [f"{kind} = ["]
    for item in same:
        given = {**item.rule.parameters, **_options(item.rule)}
        lines += [f"    {comment(item.evidence)}", f"    {_table(given)},"]
    return [*lines, "]"]


def _block_and_kind(suggestion: Suggestion) -> tuple[tuple[str, ...] | None, str]:
    return _block(suggestion.rule), suggestion.rule.kind


def comment(text: str) -> str:
    r"""Return text as one line of comment, whatever it holds.

    Examples
    --------
    >>> comment("a\nb = 1") == "# a\N{REPLACEMENT CHARACTER}b = 1"
    True
    """
    return ("# " + "".join(c if c.isprintable() else "\ufffd" for c in text)).rstrip()


def key(name: str) -> str:
    """Return a name as a TOML key.

    Examples
    --------
    >>> key("unit_price"), key("unit price")
    ('unit_price', '"unit price"')
    """
    is_bare = name and all(c.isascii() and (c.isalnum() or c in "_-") for c in name)
    return name if is_bare else text(name)


def text(value: str) -> str:
    """Return a text as a TOML string, without raw characters that do not print."""
    if "'" not in value and "\\" in value and value.isprintable():
        return f"'{value}'"
    return '"' + "".join(_escaped(c) for c in value) + '"'


def toml(value: Any) -> str:
    """Return a value of a parameter as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return {math.inf: "inf", -math.inf: "-inf"}.get(value, "nan")
        return repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return repr(float(value))
    if isinstance(value, date | time):
        return text(value.isoformat())
    if isinstance(value, Mapping):
        items = ", ".join(f"{key(str(k))} = {toml(v)}" for k, v in value.items())
        return f"{{ {items} }}"
    return _array([toml(item) for item in value])


def _array(items: Sequence[str]) -> str:
    """Return items as an array, on several lines when one does not hold them."""
    one = f"[{', '.join(items)}]"
    if len(one) <= WIDTH:
        return one
    lines, line = ["["], "   "
    for item in items:
        if len(line) + len(item) + 2 > WIDTH and line.strip():
            lines.append(line)
            line = "   "
        line += f" {item},"
    return "\n".join([*lines, line, "]"])


def _inline(value: Any) -> str:
    """Return a value for an inline table, which holds no line breaks."""
    return " ".join(part.strip() for part in toml(value).split("\n"))


def _block(rule: Rule) -> tuple[str, ...] | None:
    if len(rule.columns) > 1 or any("columns" in p.type for p in _lists(rule)):
        return None
    if "total" in rule.parameters:
        return None
    return ("columns", rule.columns[0]) if rule.columns else ("table",)


def _lists(rule: Rule) -> list[Any]:
    found = kind_of(rule.kind).parameters
    return [p for p in found if p.name in rule.parameters and rule.columns]


def _options(rule: Rule) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if rule.severity != "error":
        found["severity"] = rule.severity
    if rule.tolerance.share is not None:
        found["tolerance"] = rule.tolerance.share
    return found


def _short(rule: Rule) -> str:
    """Return the right side of ``kind = …`` in a block."""
    given = {**rule.parameters, **_options(rule)}
    if not given:
        return "true"
    primary = kind_of(rule.kind).primary
    if list(given) == [primary] and not isinstance(given[primary], bool):
        return toml(given[primary])
    return _table(given)


def _table(given: Mapping[str, Any]) -> str:
    """Return parameters as an inline table."""
    items = ", ".join(f"{key(k)} = {_inline(v)}" for k, v in given.items())
    return f"{{ {items} }}" if items else "{}"


def _listed(rule: Rule) -> list[str]:
    lines = [f"kind = {text(rule.kind)}", f"columns = {toml(list(rule.columns))}"]
    given = {**rule.parameters, **_options(rule)}
    return lines + [f"{key(k)} = {toml(v)}" for k, v in given.items()]


def _escaped(character: str) -> str:
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    if character in short:
        return short[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
