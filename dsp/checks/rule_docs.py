"""What kinds of rules say of themselves: lists for people, JSON Schema for editors."""

from __future__ import annotations

from typing import Any

from dsp.checks.parameters import TYPES, Parameter
from dsp.checks.rule import SEVERITIES
from dsp.registry import plugins

TOLERANCE = {
    "description": 'How many rows may fail: rows (5), a share (0.01, "1%"), or both.',
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^\s*[0-9.]+\s*%$"},
        {
            "type": "object",
            "properties": {"share": {"type": "number"}, "count": {"type": "integer"}},
            "additionalProperties": False,
        },
    ],
}


def described_kinds() -> list[dict[str, Any]]:
    """Return every kind of rule as plain values, by name."""
    return [
        {
            "name": kind.name,
            "title": kind.title,
            "dimension": kind.dimension,
            "n_columns": list(kind.n_columns),
            "nulls": kind.nulls,
            "primary": kind.primary,
            "example": kind.example.toml,
            "parameters": [
                {
                    "name": p.name,
                    "type": p.type,
                    "description": p.description,
                    "default": p.default,
                    "is_required": p.is_required,
                    "choices": list(p.choices),
                    "short": list(p.short),
                }
                for p in kind.parameters
            ],
        }
        for _, kind in sorted(plugins("checks.rules").items())
    ]


def rules_table() -> str:
    """Return the kinds of rules as a Markdown table."""
    lines = [
        "| Kind | Holds that | Parameters | Rows without a value |",
        "| --- | --- | --- | --- |",
    ]
    for kind in described_kinds():
        parameters = ", ".join(
            f"`{p['name']}`" + ("" if p["is_required"] else "?")
            for p in kind["parameters"]
        )
        cells = (f"`{kind['name']}`", kind["title"], parameters or "–", kind["nulls"])
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def rules_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of rules files."""
    kinds = plugins("checks.rules")
    shared = {
        "severity": {"enum": list(SEVERITIES)},
        "tolerance": TOLERANCE,
        "where": {"type": "string", "description": "Only rows that meet it count."},
        "optional": {"type": "boolean", "description": "Left out without its columns."},
    }
    entries = [_entry(kind, shared) for _, kind in sorted(kinds.items())]
    block = {**shared, **{name: {} for name in sorted(kinds)}}
    for kind in kinds.values():
        for parameter in kind.parameters:
            block |= {word: _schema(parameter) for word in parameter.short}
    one_block = {"type": "object", "properties": block, "additionalProperties": False}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rules of dsp",
        "type": "object",
        "properties": {
            "extends": {"type": ["string", "array"], "items": {"type": "string"}},
            "defaults": {
                "type": "object",
                "properties": shared,
                "additionalProperties": False,
            },
            "columns": {"type": "object", "additionalProperties": one_block},
            "table": one_block,
            "rules": {"type": "array", "items": {"oneOf": entries}},
        },
        "additionalProperties": False,
    }


def _entry(kind: Any, shared: dict[str, Any]) -> dict[str, Any]:
    named = {
        "kind": {"const": kind.name, "description": kind.title},
        "name": {"type": "string"},
        "id": {"type": "string"},
        "column": {"type": "string"},
        "columns": {"type": ["string", "array"], "items": {"type": "string"}},
    }
    own = {parameter.name: _schema(parameter) for parameter in kind.parameters}
    return {
        "type": "object",
        "properties": {**named, **shared, **own},
        "required": ["kind", *(p.name for p in kind.parameters if p.is_required)],
        "additionalProperties": False,
    }


def _schema(parameter: Parameter) -> dict[str, Any]:
    found = dict(TYPES[parameter.type].schema) | {"description": parameter.description}
    if parameter.choices:
        found["enum"] = list(parameter.choices)
    return found
