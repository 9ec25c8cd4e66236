"""Texts contain a text."""

from __future__ import annotations

from dsp.checks.kind import TEXT, Asked, Example, Parameter, RowKind
from dsp.engine.relation import literal


class Contains(RowKind):
    """Holds that texts contain a text; case counts."""

    name = "contains"
    title = "texts contain a text"
    parameters = (Parameter("text", "text", "The text.", is_required=True),)
    primary = "text"
    families = TEXT
    example = Example(
        toml='[columns.code]\ncontains = "CH-"',
        passing={"code": ["1CH-2", "CH-", None]},
        failing={"code": ["C-H", "", "ch-", None]},
        n_failed=3,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where it does not."""
        value = f"cast({asked.column.sql} as varchar)"
        return f"not contains({value}, {literal(asked['text'])})"

    def expectation(self, asked: Asked) -> str:
        """Name the text."""
        return f"{asked.names} contains {asked['text']}"


plugin = Contains()
