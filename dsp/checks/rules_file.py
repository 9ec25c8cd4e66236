"""Reads rules files, TOML, YAML or JSON, into rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dsp.checks.lines import Document, read_document
from dsp.checks.rule import Rule, kind_of, numbered, rule
from dsp.errors import DspError, RuleError, nearest
from dsp.registry import plugins

TOP = ("extends", "defaults", "columns", "table", "rules")
OPTIONS = ("severity", "tolerance", "where", "name", "id", "optional")
"""What every rule may be given beside the parameters of its kind."""
SHARED = ("severity", "tolerance", "where", "optional")
"""What a block or the defaults of a file may give to all of its rules."""

Place = tuple[str | int, ...]


def read_rules(path: Path | str) -> list[Rule]:
    """Return the rules of a file, with those of the files that it extends before them.

    A rule that has the identifier of an inherited one replaces it, and ``kind = false``
    in the block of a column leaves an inherited one out.

    Raises
    ------
    RuleError
        The file is not well formed, or a rule is not what its kind takes; the message
        has file, line and key.
    """
    rules, _ = _read(Path(path), ())
    return rules


def rules_of(
    content: Mapping[str, Any], *, name: str = "rules", folder: Path | None = None
) -> list[Rule]:
    """Return the rules of a mapping that has the form of a rules file."""
    document = Document(dict(content), name, {})
    return _Reader(document, folder or Path.cwd(), ()).read()[0]


def _read(path: Path, chain: tuple[Path, ...]) -> tuple[list[Rule], dict[str, Any]]:
    resolved = path.resolve()
    if resolved in chain:
        raise RuleError(f"{path} extends itself", hint="take the circle out of extends")
    document = read_document(path)
    return _Reader(document, path.parent, (*chain, resolved)).read()


class _Reader:
    """One file on its way to rules; all that is wrong with it is collected."""

    def __init__(self, document: Document, folder: Path, chain: tuple[Path, ...]) -> None:
        self.document = document
        self.folder = folder
        self.chain = chain
        self.errors: list[RuleError] = []
        self.defaults: dict[str, Any] = {}
        self.left_out: set[str] = set()

    def read(self) -> tuple[list[Rule], dict[str, Any]]:
        """Return rules and defaults, or raise what is wrong with the file."""
        content = self.document.content
        for key in content:
            if key not in TOP:
                self._wrong((key,), _unknown("key", key, TOP))
        inherited = self._inherited(content.get("extends", ()))
        self.defaults |= self._shared(content.get("defaults", {}), ("defaults",))
        found = [*self._columns(content.get("columns", {}))]
        table = self._mapping(content.get("table", {}), ("table",))
        found += self._block(table, ("table",), None)
        found += self._listed(content.get("rules", []))
        if self.errors:
            raise self._first_error()
        own = numbered(found)
        ids = {r.known_as for r in own} | self.left_out
        return [*(r for r in inherited if r.known_as not in ids), *own], self.defaults

    def _inherited(self, value: Any) -> list[Rule]:
        found: list[Rule] = []
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list | tuple):
            self._wrong(("extends",), RuleError("extends must be a path, or several"))
            return found
        for name in names:
            rules, defaults = _read(self.folder / str(name), self.chain)
            found += rules
            self.defaults |= defaults
        return found

    def _columns(self, value: Any) -> Iterator[Rule]:
        for column, block in self._mapping(value, ("columns",)).items():
            place: Place = ("columns", column)
            yield from self._block(self._mapping(block, place), place, column)

    def _block(
        self, block: Mapping[str, Any], place: Place, column: str | None
    ) -> Iterator[Rule]:
        """Yield the rules of the block of a column, or of the table."""
        shared = self._shared({k: block[k] for k in SHARED if k in block}, place)
        given: dict[str, dict[str, Any]] = {}
        spelled: dict[str, dict[str, str]] = {}
        for key, value in block.items():
            if key in SHARED:
                continue
            kind, parameter = _short(key)
            if kind is None:
                self._wrong((*place, key), _unknown("rule", key, _short_names()))
            elif parameter is not None:
                given.setdefault(kind, {})[parameter] = value
                spelled.setdefault(kind, {})[parameter] = key
            elif value is False:
                self.left_out.add(".".join([kind, *([column] if column else [])]))
            else:
                yield from self._of_kind(kind, value, (*place, key), column, shared)
        for kind, parameters in given.items():
            words = spelled[kind]
            yield from self._made(kind, parameters, place, column, shared, spelled=words)

    def _of_kind(
        self,
        kind: str,
        value: Any,
        place: Place,
        column: str | None,
        shared: dict[str, Any],
    ) -> Iterator[Rule]:
        """Yield the rules that ``kind = value`` means."""
        if isinstance(value, Mapping):
            yield from self._made(kind, value, place, column, shared)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for i, part in enumerate(value):
                one = self._mapping(part, (*place, i))
                yield from self._made(kind, one, (*place, i), column, shared)
        elif value is True and plugins("checks.rules")[kind].primary is None:
            yield from self._made(kind, {}, place, column, shared)
        else:
            primary = plugins("checks.rules")[kind].primary
            if primary is None:
                takes = plugins("checks.rules")[kind].parameters
                names = ", ".join(p.name for p in takes) or "no parameters"
                hint = f"write {kind} = true, or a table; it takes {names}"
                self._wrong(place, RuleError(f"{kind} cannot be {value!r}", hint=hint))
                return
            parameters = {} if value is True else {primary: value}
            yield from self._made(kind, parameters, place, column, shared)

    def _listed(self, value: Any) -> Iterator[Rule]:
        if not isinstance(value, list):
            self._wrong(("rules",), RuleError("rules must be a list: write [[rules]]"))
            return
        for i, entry in enumerate(value):
            place: Place = ("rules", i)
            parameters = dict(self._mapping(entry, place))
            kind = parameters.pop("kind", None)
            if kind is None:
                hint = 'write kind = "…" first'
                self._wrong(place, RuleError("the rule has no kind", hint=hint))
                continue
            yield from self._made(str(kind), parameters, place, None, {})

    def _made(
        self,
        kind: str,
        given: Mapping[str, Any],
        place: Place,
        column: str | None,
        shared: dict[str, Any],
        *,
        spelled: Mapping[str, str] | None = None,
    ) -> Iterator[Rule]:
        parameters = {**self.defaults, **shared, **given}
        try:
            takes = {parameter.name for parameter in kind_of(kind).parameters}
            columns = _columns_of(parameters, column, takes)
            self._place_sources(kind, parameters)
            options = _options_of(parameters)
            made = rule(kind, *columns, **options, **parameters)
        except RuleError as error:
            key = str(error.facts.get("key") or "")
            key = (spelled or {}).get(key, key)
            is_there = key in given or (*place, key) in self.document.lines
            self._wrong((*place, key) if is_there else place, error)
            return
        yield made.but(origin=self.document.place(place))

    def _place_sources(self, kind: str, parameters: dict[str, Any]) -> None:
        """Look for other tables beside the file that names them."""
        for parameter in kind_of(kind).parameters:
            value = parameters.get(parameter.name)
            if parameter.type == "source" and isinstance(value, str):
                path, _, table = value.partition("::")
                beside = self.folder / path
                if beside.exists():
                    parameters[parameter.name] = (
                        f"{beside}::{table}" if table else str(beside)
                    )

    def _shared(self, value: Any, place: Place) -> dict[str, Any]:
        found = dict(self._mapping(value, place))
        for key in found:
            if key not in SHARED:
                self._wrong((*place, key), _unknown("default", key, SHARED))
        # A rule of a kind that takes anything proves severity and tolerance right here.
        try:
            rule("row_count", exactly=0, **found)
        except RuleError as error:
            self._wrong((*place, str(error.facts.get("key") or "tolerance")), error)
            return {}
        return found

    def _mapping(self, value: Any, place: Place) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return {str(key): inner for key, inner in value.items()}
        self._wrong(place, RuleError(f"it must hold names and values, not {value!r}"))
        return {}

    def _wrong(self, place: Place, error: DspError) -> None:
        where = self.document.place(place)
        self.errors.append(
            RuleError(f"{where}: {error.message}", hint=error.hint, **error.facts)
        )

    def _first_error(self) -> RuleError:
        first = self.errors[0]
        if len(self.errors) == 1:
            return first
        rest = f" (and {len(self.errors) - 1} more in this file)"
        return RuleError(first.message + rest, hint=first.hint, errors=self.errors)


def _columns_of(
    parameters: dict[str, Any], column: str | None, takes: set[str]
) -> tuple[str, ...]:
    """Take the columns out of what is written for a rule."""
    found: list[Any] = [] if column is None else [column]
    for key in ("column", "columns"):
        if key in parameters and key not in takes:
            value = parameters.pop(key)
            found += value if isinstance(value, list | tuple) else [value]
    return tuple(found)


def _options_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """Take out what every rule may be given, under the names that `rule` has for it."""
    if "rule_id" in parameters:
        hint = 'write id = "…"'
        raise RuleError("a rule has no rule_id here", hint=hint, key="rule_id")
    names = {"id": "rule_id"}
    return {names.get(k, k): parameters.pop(k) for k in OPTIONS if k in parameters}


def _short(key: str) -> tuple[str | None, str | None]:
    """Return the kind that a key of a block means, and the parameter that it gives."""
    kinds = plugins("checks.rules")
    if key in kinds:
        return key, None
    for kind in kinds.values():
        for parameter in kind.parameters:
            if key in parameter.short:
                return kind.name, parameter.name
    return None, None


def _short_names() -> list[str]:
    kinds = plugins("checks.rules").values()
    short = [word for k in kinds for p in k.parameters for word in p.short]
    return [*SHARED, *(k.name for k in kinds), *short]


def _unknown(what: str, name: str, known: Any) -> RuleError:
    names = list(known)
    close = nearest(name, names)
    few = f"use {', '.join(names)}" if len(names) < 8 else "dsp validate --list-rules"
    hint = f"did you mean {' or '.join(close)}?" if close else few
    return RuleError(f'there is no {what} called "{name}"', hint=hint)
