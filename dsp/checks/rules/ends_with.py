"""Texts end with a text."""

from __future__ import annotations

from dsp.checks.kind import TEXT, Asked, Example, Parameter, RowKind
from dsp.engine.relation import literal


class EndsWith(RowKind):
    """Holds that texts end with a text; case counts."""

    name = "ends_with"
    title = "texts end with a text"
    parameters = (Parameter("text", "text", "The text.", is_required=True),)
    primary = "text"
    families = TEXT
    example = Example(
        toml='[columns.code]\nends_with = "CH-"',
        passing={"code": ["1CH-", "CH-", None]},
        failing={"code": ["CH-1", "", "ch-", None]},
        n_failed=3,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where it does not."""
        value = f"cast({asked.column.sql} as varchar)"
        return f"not ends_with({value}, {literal(asked['text'])})"

    def expectation(self, asked: Asked) -> str:
        """Name the text."""
        return f"{asked.names} ends with {asked['text']}"


plugin = EndsWith()
