"""JSON Schema (draft 2020-12) of an object, or an array of objects, as rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsp.checks.schemas.draft import Draft, well_formed
from dsp.engine.duckdb_engine import quote
from dsp.errors import RuleError

TYPES = {
    "string": "text",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "array": "nested",
    "object": "nested",
}
FORMATS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "date": ("column_type", {"type": "date"}),
    "date-time": ("column_type", {"type": "timestamp"}),
    "time": ("column_type", {"type": "time"}),
    "email": ("semantic", {"type": "email"}),
    "uri": ("semantic", {"type": "url"}),
    "hostname": ("semantic", {"type": "domain_name"}),
    "ipv4": ("semantic", {"type": "ipv4"}),
    "ipv6": ("semantic", {"type": "ipv6"}),
    "uuid": ("semantic", {"type": "uuid"}),
    "json-string": ("valid_json", {}),
}
TEMPORAL = ("date", "date-time", "time")
WORDS = frozenset(
    (
        "title",
        "description",
        "default",
        "examples",
        "example",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$comment",
        "$id",
        "$schema",
        "$defs",
        "definitions",
        "$anchor",
    )
)
"""Keywords that hold nothing a value could break."""
LIMITS = {
    "minimum": ("in_range", "min"),
    "maximum": ("in_range", "max"),
    "exclusiveMinimum": ("in_range", "above"),
    "exclusiveMaximum": ("in_range", "below"),
    "multipleOf": ("multiple_of", "step"),
    "minLength": ("length", "min"),
    "maxLength": ("length", "max"),
    "minItems": ("length", "min"),
    "maxItems": ("length", "max"),
}
"""Keywords of a value, to the parameter of a kind that says the same."""


def is_json_schema(content: Any) -> bool:
    """Return whether a document is a JSON Schema, and not a rules file.

    Examples
    --------
    >>> is_json_schema({"type": "object", "properties": {}})
    True
    >>> is_json_schema({"rules": []})
    False
    """
    if not isinstance(content, Mapping) or "rules" in content:
        return False
    if "json-schema.org" in str(content.get("$schema", "")):
        return True
    return bool({"properties", "items", "$ref"} & set(content)) and bool(
        {"type", "$ref", "$defs"} & set(content)
    )


def from_json_schema(
    schema: Mapping[str, Any], *, severity: str = "error", origin: str = ""
) -> Draft:
    """Return the rules that a JSON Schema means for a table of such objects.

    A property that is absent in an object is a null in a table: a required property
    whose type leaves null out may not be null.

    Raises
    ------
    RuleError
        It describes no objects.
    """
    draft = Draft(severity, origin)
    with well_formed("the JSON Schema"):
        _Reader(schema, draft).read()
    return draft


class _Reader:
    """One schema, with its definitions."""

    def __init__(self, root: Mapping[str, Any], draft: Draft) -> None:
        self.root = root
        self.draft = draft

    def read(self) -> None:
        """Read the array, if it is one, and the object."""
        schema = self._resolved(self.root, ())
        if schema.get("type") == "array" or "items" in schema:
            self._array(schema)
            schema = self._resolved(schema.get("items") or {}, ())
        if "properties" not in schema:
            raise RuleError(
                "the JSON Schema describes no objects with properties",
                hint="a table is an object, or an array of objects",
            )
        self._object(schema)

    def _array(self, schema: Mapping[str, Any]) -> None:
        bounds = {"min": schema.get("minItems"), "max": schema.get("maxItems")}
        given = {name: value for name, value in bounds.items() if value is not None}
        if given:
            self.draft.add("row_count", **given)
        if schema.get("uniqueItems"):
            self.draft.add("no_duplicate_rows")
        known = {"type", "items", "minItems", "maxItems", "uniqueItems"} | WORDS
        self.draft.leftovers("the array", sorted(set(schema) - known))

    def _object(self, schema: Mapping[str, Any]) -> None:
        properties: Mapping[str, Any] = schema["properties"]
        required = [str(name) for name in schema.get("required", ())]
        is_closed = schema.get("additionalProperties") is False
        if is_closed or required:
            self.draft.add(
                "columns",
                names=list(required),
                others=not is_closed,
                may_be=[str(n) for n in properties if n not in required],
            )
        for name in required:
            if name not in properties:
                self.draft.add("not_null", name)
        for name, value in properties.items():
            self._property(str(name), value, is_required=name in required)
        for name, others in (schema.get("dependentRequired") or {}).items():
            for other in others:
                self.draft.add(
                    "if_then",
                    **{
                        "if": f"{quote(name)} is not null",
                        "then": f"{quote(other)} is not null",
                    },
                )
        known = {"type", "properties", "required", "dependentRequired"} | WORDS
        left = set(schema) - known
        if is_closed or schema.get("additionalProperties") in (True, {}):
            left.discard("additionalProperties")
        self.draft.leftovers("the object", sorted(left))

    def _property(self, name: str, value: Any, *, is_required: bool) -> None:
        """Add the rules of one property."""
        if value is True:
            return
        if not isinstance(value, Mapping):
            self.draft.note(f"{name}: {value!r} is not translated")
            return
        schema, may_be_null = self._without_null(self._resolved(value, ()))
        given: dict[str, Any] = {} if is_required else {"optional": True}
        if is_required and not may_be_null:
            self.draft.add("not_null", name)
        left = set(schema) - WORDS
        left -= self._types(name, schema, given)
        limits: dict[str, dict[str, Any]] = {}
        for keyword, (kind, parameter) in LIMITS.items():
            if keyword in left:
                limits.setdefault(kind, {})[parameter] = schema[keyword]
                left.discard(keyword)
        for kind, parameters in limits.items():
            self.draft.add(kind, name, **parameters, **given)
        left -= self._texts_and_sets(name, schema, given)
        self.draft.leftovers(name, sorted(left))

    def _types(
        self, name: str, schema: Mapping[str, Any], given: Mapping[str, Any]
    ) -> set[str]:
        """Add the rules of ``type`` and ``format``; return the keywords that are done."""
        types = schema.get("type")
        types = [types] if isinstance(types, str) else list(types or ())
        word = schema.get("format")
        done = {"type"} if not types else set()
        is_uuid = str(word).startswith("uuid")
        known = FORMATS.get("uuid" if is_uuid else str(word))
        if known is not None:
            kind, parameters = known
            self.draft.add(kind, name, **parameters, **given)
            done.add("format")
        families = {TYPES.get(str(word)) for word in types}
        if (word in TEMPORAL or is_uuid) and types == ["string"]:
            done.add("type")
        elif len(families) == 1 and None not in families:
            self.draft.add("column_type", name, type=families.pop(), **given)
            done.add("type")
            if types == ["integer"]:
                self.draft.add("whole", name, **given)
        return done

    def _texts_and_sets(
        self, name: str, schema: Mapping[str, Any], given: Mapping[str, Any]
    ) -> set[str]:
        """Add the rules of patterns and lists; return the keywords that are done."""
        done: set[str] = set()
        if "pattern" in schema:
            self.draft.add("matches", name, pattern=schema["pattern"], part=True, **given)
            done.add("pattern")
        if "enum" in schema or "const" in schema:
            values = schema["enum"] if "enum" in schema else [schema["const"]]
            values = [value for value in values if value is not None]
            self.draft.add("one_of", name, values=values, **given)
            done |= {"enum", "const"}
        refused = schema.get("not")
        if isinstance(refused, Mapping) and set(refused) in ({"enum"}, {"const"}):
            values = refused["enum"] if "enum" in refused else [refused["const"]]
            values = [value for value in values if value is not None]
            self.draft.add("not_one_of", name, values=values, **given)
            done.add("not")
        return done

    def _resolved(self, schema: Any, chain: tuple[str, ...]) -> dict[str, Any]:
        """Return a schema with its references and ``allOf`` put in."""
        if not isinstance(schema, Mapping):
            raise RuleError(f"{schema!r} is no JSON Schema")
        found = dict(schema)
        target = found.pop("$ref", None)
        if target is not None:
            if target in chain:
                raise RuleError(f"the JSON Schema refers in a circle: {target}")
            found = {**self._resolved(self._at(str(target)), (*chain, target)), **found}
        parts = [self._resolved(part, chain) for part in found.pop("allOf", ())]
        for part in parts:
            shared = set(part) & set(found) - WORDS
            if any(part[key] != found[key] for key in shared):
                found.setdefault("allOf", []).append(part)
            else:
                found = {**part, **found}
        return found

    def _at(self, pointer: str) -> Any:
        node: Any = self.root
        if not pointer.startswith("#"):
            raise RuleError(
                f"the JSON Schema refers to another file: {pointer}",
                hint="put the definition into $defs",
            )
        for part in pointer[1:].split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, Mapping) or key not in node:
                raise RuleError(f"the JSON Schema has no definition {pointer}")
            node = node[key]
        return node

    def _without_null(self, schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """Return a schema of values that are there, and whether null may be."""
        found, may_be_null = dict(schema), "type" not in schema
        types = found.get("type")
        if isinstance(types, list) and "null" in types:
            rest = [word for word in types if word != "null"]
            found["type"], may_be_null = (rest[0] if len(rest) == 1 else rest), True
        if "enum" in found:
            may_be_null &= None in found["enum"]
        if "const" in found:
            may_be_null &= found["const"] is None
        for word in ("anyOf", "oneOf"):
            options = found.get(word)
            if not isinstance(options, list):
                continue
            resolved = [self._resolved(option, ()) for option in options]
            real = [option for option in resolved if option.get("type") != "null"]
            is_null = len(real) < len(resolved)
            if len(real) == 1:
                del found[word]
                inner, inner_null = self._without_null(real[0])
                found = {**inner, **found}
                is_null |= inner_null
            may_be_null &= is_null
        return found, may_be_null
