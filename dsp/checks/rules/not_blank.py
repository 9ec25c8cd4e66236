"""No text is empty or white space."""

from __future__ import annotations

from dsp.checks.base import blank
from dsp.checks.kind import Asked, Example, RowKind


class NotBlank(RowKind):
    """Holds that texts have at least one character that is no white space."""

    name = "not_blank"
    title = "no text is empty or white space"
    dimension = "completeness"
    families = ("text",)
    example = Example(
        toml="[columns.name]\nnot_blank = true",
        passing={"name": ["a", " b ", None]},
        failing={"name": ["", "  ", "\t", "\u00a0", "a", None]},
        n_failed=4,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where nothing is left without white space."""
        return blank(asked.column.sql)

    def expectation(self, asked: Asked) -> str:
        """Name the column."""
        return f"{asked.names} is not blank"


plugin = NotBlank()
