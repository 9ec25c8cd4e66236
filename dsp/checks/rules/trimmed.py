"""Texts have no white space at their ends."""

from __future__ import annotations

from dsp.checks.base import padded
from dsp.checks.kind import TEXT, Asked, Example, RowKind


class Trimmed(RowKind):
    """Holds that texts neither begin nor end with white space."""

    name = "trimmed"
    title = "texts have no white space at their ends"
    dimension = "consistency"
    families = TEXT
    example = Example(
        toml="[columns.name]\ntrimmed = true",
        passing={"name": ["a b", "", None]},
        failing={"name": [" a", "a\u00a0", "\ta", "a", None]},
        n_failed=3,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where trimming changes the text."""
        value = f"cast({asked.column.sql} as varchar)"
        return padded(value)

    def expectation(self, asked: Asked) -> str:
        """Name the column."""
        return f"{asked.names} has no white space at its ends"


plugin = Trimmed()
