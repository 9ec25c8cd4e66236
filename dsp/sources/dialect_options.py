"""Reads what the user says about a text table, option by option."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from dsp.errors import SettingError
from dsp.sources.csv_grammar import GAPS, SPACES

OPTIONS = (
    "delimiter",
    "quote",
    "escape",
    "header",
    "skip",
    "comment",
    "footer",
    "columns",
    "null",
    "encoding",
    "all_text",
)
_WORDS = {
    "tab": b"\t",
    "\\t": b"\t",
    "comma": b",",
    "semicolon": b";",
    "space": b" ",
    "pipe": b"|",
    "bar": b"|",
    "spaces": SPACES,
    "gaps": GAPS,
}
_NONE = ("none", "off", "no")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is fixed by the user; None where the file decides."""

    delimiter: bytes | None = None
    quote: bytes | None = None
    escape: bytes | None = None
    header: int | None = None
    skip: int = 0
    comment: str | None = None
    footer: int = 0
    columns: int | None = None
    null: tuple[str, ...] = ()
    all_text: bool = False


def asked_for(options: dict[str, Any]) -> Asked:
    """Return the options of a text table, checked.

    Raises
    ------
    SettingError
        A value is none that the option takes.
    """
    quote = _sign(options, "quote")
    escape = _sign(options, "escape")
    if escape == b"" and quote:
        escape = quote
    return Asked(
        delimiter=_delimiter(options),
        quote=quote,
        escape=escape,
        header=_header(options.get("header")),
        skip=_count(options, "skip"),
        comment=_comment(options),
        footer=_count(options, "footer"),
        columns=_count(options, "columns") or None,
        null=_words(options.get("null")),
        all_text=flag(options.get("all_text", False), "all_text"),
    )


def _delimiter(options: dict[str, Any]) -> bytes | None:
    value = options.get("delimiter")
    if value is None:
        return None
    text = str(value)
    if "\n" in text or "\r" in text:
        raise SettingError(
            "delimiter cannot be a line end", hint="give signs such as delimiter=;"
        )
    return _WORDS.get(text.casefold(), _escaped(text).encode())


def _escaped(text: str) -> str:
    """Read signs that cannot be typed from their number, such as x01 behind a bar."""
    return re.sub(
        r"\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})",
        lambda found: chr(int(found[1] or found[2], 16)),
        text,
    )


def _sign(options: dict[str, Any], name: str) -> bytes | None:
    value = options.get(name)
    if value is None:
        return None
    text = _escaped(str(value))
    if text.casefold() in _NONE:
        return b""
    if len(text.encode()) != 1:
        raise SettingError(
            f'{name} cannot be "{value}"', hint=f"give one sign, or {name}=none"
        )
    return text.encode()


def _comment(options: dict[str, Any]) -> str | None:
    value = options.get("comment")
    if value is None:
        return None
    return "" if str(value).casefold() in _NONE else str(value)


def _header(value: Any) -> int | None:
    if value is None:
        return None
    text = str(value).strip().casefold()
    if text.isdecimal() and int(text) <= 20:
        return int(text)
    if text in ("true", "yes"):
        return 1
    if text in ("false", "no", "none"):
        return 0
    raise SettingError(
        f'header cannot be "{value}"',
        hint="write header=true, header=false or the number of lines",
    )


def _count(options: dict[str, Any], name: str) -> int:
    text = str(options.get(name, 0)).strip()
    if text.isdecimal() and int(text) <= 1_000_000:
        return int(text)
    raise SettingError(f'{name} cannot be "{text}"', hint=f"write a number: {name}=2")


def _words(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    words = value if isinstance(value, list | tuple) else str(value).split(",")
    return tuple(str(word).strip() for word in words)


def flag(value: Any, name: str) -> bool:
    """Return a yes or no as the user wrote it."""
    text = str(value).strip().casefold()
    if text in ("true", "yes", "1"):
        return True
    if text in ("false", "no", "0"):
        return False
    raise SettingError(f'{name} cannot be "{value}"', hint=f"write {name}=true or false")
