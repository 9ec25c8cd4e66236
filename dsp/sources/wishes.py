"""What a user asks of the types: options that win over what the data shows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsp.engine.duckdb_engine import literal
from dsp.engine.words import BOOLEANS
from dsp.errors import SettingError, nearest
from dsp.sources.kinds import Kind

OPTIONS = ("types", "dates", "decimal", "booleans")
_WORDS = (
    "VARCHAR|TEXT|BOOLEAN|BIGINT|INTEGER|DOUBLE|DATE|TIMESTAMPTZ|TIMESTAMP|TIME|DECIMAL"
)
_TYPE = re.compile(
    rf"(?P<name>{_WORDS})(?P<size>\([0-9]{{1,2}}, *[0-9]{{1,2}}\))?(?: (?P<form>.*%.*))?",
    re.IGNORECASE,
)
_PAIR = re.compile(rf"(?P<column>.+?) *: *(?P<kind>(?:{_WORDS})\b.*)", re.IGNORECASE)
_NEXT = re.compile(rf",(?=[^,]*: *(?:{_WORDS})\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Options about types.

    Attributes
    ----------
    types
        Type, and after a space the format of dates, by the name of a column.
    dates
        ``dmy`` or ``mdy`` where day and month could be exchanged.
    decimal
        The decimal sign, a point or a comma, where the data does not say.
    booleans
        Words such as yes and no become booleans.
    all_text
        No column gets a type.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    dates: str = ""
    decimal: str = ""
    booleans: bool = False
    all_text: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any], *, all_text: bool = False) -> Wishes:
        """Return the wishes among the options of a reader.

        Raises
        ------
        SettingError
            An option has a value that cannot be.
        """
        return cls(
            types=_types(options.get("types")),
            dates=_one_of(options, "dates", ("dmy", "mdy")),
            decimal=_one_of(options, "decimal", (".", ",")),
            booleans=_one_of(options, "booleans", ("words", "literal")) == "words",
            all_text=all_text,
        )

    def for_column(self, name: str) -> str:
        """Return the type that is asked for a column, or nothing."""
        return self.types.get(name, "")

    def refuse_unknown(self, names: Sequence[str]) -> None:
        """Raise when a type is asked for a column that is not there."""
        for name in self.types:
            if name not in names:
                close = nearest(name, list(names), n=1)
                meant = f'did you mean "{close[0]}"? ' if close else ""
                raise SettingError(
                    f'the option types names no column "{name}"',
                    hint=f"{meant}columns: {', '.join(names[:20])}",
                )


def wished(text: str) -> Kind | None:
    """Return the kind that the words of a type ask for; None leaves text.

    Examples
    --------
    >>> wished("DATE %d/%m/%y").value
    "cast(try_strptime(trim({c}), '%d/%m/%y') as DATE)"
    >>> wished("varchar") is None
    True
    """
    match = _TYPE.fullmatch(text)
    if match is None:
        raise SettingError(f'no type is called "{text}"')
    name = match["name"].upper() + (match["size"] or "")
    if name in ("VARCHAR", "TEXT"):
        return None
    if name == "BOOLEAN":
        return _boolean()
    value = f"try_cast(trim({{c}}) as {name})"
    if match["form"]:
        value = f"cast(try_strptime(trim({{c}}), {literal(match['form'])}) as {name})"
    return Kind(name.lower(), f"{value} is not null", value, "", f"{text}, as asked")


def _boolean() -> Kind:
    word = "lower(trim({c}))"
    true, false = (
        ", ".join(literal(w) for w in (*dict.fromkeys(words), digit))
        for words, digit in zip(zip(*BOOLEANS, strict=True), "10", strict=True)
    )
    value = (
        f"case when {word} in ({true}) then true when {word} in ({false}) then false end"
    )
    return Kind("boolean", f"({value}) is not null", value, "", "boolean, as asked")


def _types(given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        found = {str(name): str(kind) for name, kind in given.items()}
    else:
        pairs = [(part, _PAIR.fullmatch(part)) for part in _NEXT.split(str(given))]
        found = {m["column"] if m else part: m["kind"] if m else "" for part, m in pairs}
    for name, kind in found.items():
        if not _TYPE.fullmatch(kind):
            said = f"{name}:{kind}" if kind else name
            raise SettingError(
                f'the option types cannot be "{said}"',
                hint="write types=zip:VARCHAR,price:DECIMAL(10,2),day:DATE %d/%m/%y",
            )
    return found


def _one_of(options: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    if options.get(name) is None:
        return ""
    value = str(options[name]).strip().lower()
    if value not in allowed:
        raise SettingError(
            f'the option {name} cannot be "{options[name]}"',
            hint=f"write {name}={' or '.join(allowed)}",
        )
    return value
