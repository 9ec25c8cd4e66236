"""Files of rules as nested values, with the line that each of them stands on."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsp.errors import RuleError

Place = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)(.+?)\]\]?\s*(#.*)?$")
_PART = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a file, and where its parts are.

    Attributes
    ----------
    content
        Names and values.
    name
        The file, as it was named.
    lines
        Line of each key and list item, by its path.
    """

    content: dict[str, Any]
    name: str
    lines: dict[Place, int]

    def place(self, path: Place) -> str:
        """Return file, line and key of a part, for messages.

        Examples
        --------
        >>> Document({}, "rules.toml", {("rules", 0): 3}).place(("rules", 0, "min"))
        'rules.toml, line 3, rules[1].min'
        """
        key = ""
        for part in path:
            if isinstance(part, int):
                key += f"[{part + 1}]"
            else:
                key += f".{part}" if key else part
        known = next(
            (path[:n] for n in range(len(path), 0, -1) if path[:n] in self.lines), None
        )
        line = f", line {self.lines[known]}" if known is not None else ""
        return f"{self.name}{line}, {key}" if key else f"{self.name}{line}"


def read_document(path: Path) -> Document:
    """Return the content of a TOML, YAML or JSON file.

    Raises
    ------
    RuleError
        It is missing, of another kind, or not well formed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise RuleError(
            f"there is no rules file {path}", hint="check the path"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"the rules file {path} cannot be read: {error}") from error
    suffix = path.suffix.casefold()
    if suffix in (".yaml", ".yml"):
        content, lines = _yaml(text, path)
    elif suffix == ".json":
        content, lines = _json(text, path)
    elif suffix == ".toml":
        content, lines = _toml(text, path)
    else:
        raise RuleError(
            f"{path} is no rules file by its name", hint="name it .toml, .yaml or .json"
        )
    if not isinstance(content, dict):
        raise RuleError(f"{path} must hold names and values")
    return Document(content, str(path), lines)


def _toml(text: str, path: Path) -> tuple[Any, dict[Place, int]]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(
            f"{path} is not valid TOML: {error}",
            hint="texts need quotes; a backslash needs single ones",
        ) from error
    return content, toml_lines(text)


def _yaml(text: str, path: Path) -> tuple[Any, dict[Place, int]]:
    import yaml

    try:
        content = yaml.safe_load(text)
        lines: dict[Place, int] = {}
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise RuleError(
            f"{path} is not valid YAML: {' '.join(str(error).split())}",
            hint="quote texts that hold a colon, a hash or a brace",
        ) from error
    _yaml_lines(tree, (), lines)
    return {} if content is None else content, lines


def _json(text: str, path: Path) -> tuple[Any, dict[Place, int]]:
    try:
        return json.loads(text), {}
    except json.JSONDecodeError as error:
        raise RuleError(f"{path} is not valid JSON: {error}") from error


def _yaml_lines(node: Any, path: Place, lines: dict[Place, int]) -> None:
    kind = type(node).__name__
    if kind == "MappingNode":
        for key, value in node.value:
            inner = (*path, str(key.value))
            lines[inner] = key.start_mark.line + 1
            _yaml_lines(value, inner, lines)
    elif kind == "SequenceNode":
        for i, value in enumerate(node.value):
            lines[(*path, i)] = value.start_mark.line + 1
            _yaml_lines(value, (*path, i), lines)


def toml_lines(text: str) -> dict[Place, int]:
    r"""Return the line of every table and key of a TOML document.

    Keys inside inline tables are on the line of the table, which is not told apart.

    Examples
    --------
    >>> toml_lines("a = 1\n[[rules]]\nkind = 'x'")
    {('a',): 1, ('rules', 0): 2, ('rules', 0, 'kind'): 3}
    """
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    closing = ""
    for number, line in enumerate(text.splitlines(), 1):
        if closing:
            closing = "" if closing in line else closing
            continue
        header, key = _HEADER.match(line), _KEY.match(line)
        if header is not None and key is None:
            table = _resolved(_names(header[2]), counts, is_item=header[1] == "[[")
            lines.setdefault(table, number)
        elif key is not None:
            lines.setdefault((*table, *_names(key[1])), number)
        closing = next((q for q in ('"""', "'''") if line.count(q) % 2), "")
    return lines


def _resolved(names: list[str], counts: dict[Place, int], *, is_item: bool) -> Place:
    """Return the path of a header, with the positions in lists of tables."""
    path: Place = ()
    for i, name in enumerate(names):
        path = (*path, name)
        if is_item and i == len(names) - 1:
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _names(dotted: str) -> list[str]:
    """Return the parts of a dotted key, without quotes."""
    try:
        inner: Any = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return [dotted.strip()]
    found = []
    while isinstance(inner, dict):
        name, inner = next(iter(inner.items()))
        found.append(name)
    return found
