"""Texts are JSON."""

from __future__ import annotations

from dsp.checks.kind import Asked, Example, RowKind


class ValidJson(RowKind):
    """Holds that texts are well-formed JSON."""

    name = "valid_json"
    title = "texts are well-formed JSON"
    families = ("text", "json")
    example = Example(
        toml="[columns.payload]\nvalid_json = true",
        passing={"payload": ['{"a": [1, null]}', "3", None]},
        failing={"payload": ["{a: 1}", "", '{"a": 1}', None]},
        n_failed=2,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where parsing fails."""
        return f"not json_valid({asked.column.sql})"

    def expectation(self, asked: Asked) -> str:
        """Name the column."""
        return f"{asked.names} is JSON"


plugin = ValidJson()
