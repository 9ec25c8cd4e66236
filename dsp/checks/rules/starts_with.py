"""Texts start with a text."""

from __future__ import annotations

from dsp.checks.kind import TEXT, Asked, Example, Parameter, RowKind
from dsp.engine.relation import literal


class StartsWith(RowKind):
    """Holds that texts start with a text; case counts."""

    name = "starts_with"
    title = "texts start with a text"
    parameters = (Parameter("text", "text", "The text.", is_required=True),)
    primary = "text"
    families = TEXT
    example = Example(
        toml='[columns.code]\nstarts_with = "CH-"',
        passing={"code": ["CH-1", "CH-", None]},
        failing={"code": ["DE-1", "", "ch-1", None]},
        n_failed=3,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where it does not."""
        value = f"cast({asked.column.sql} as varchar)"
        return f"not starts_with({value}, {literal(asked['text'])})"

    def expectation(self, asked: Asked) -> str:
        """Name the text."""
        return f"{asked.names} starts with {asked['text']}"


plugin = StartsWith()
