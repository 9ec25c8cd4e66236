"""Columns have a value in the same rows."""

from __future__ import annotations

from dsp.checks.kind import Asked, Example, RowKind, present


class FilledTogether(RowKind):
    """Holds that either all of some columns have a value or none has."""

    name = "filled_together"
    title = "columns have a value in the same rows"
    dimension = "completeness"
    n_columns = (2, None)
    nulls = "they are what is looked at"
    example = Example(
        toml='[[rules]]\nkind = "filled_together"\ncolumns = ["street", "town"]',
        passing={"street": ["a", None], "town": ["b", None]},
        failing={"street": ["a", None, "c"], "town": [None, "b", "c"]},
        n_failed=2,
    )

    def seen(self, asked: Asked) -> str:
        """Count the rows that meet the condition."""
        return asked.filtered("count(*)")

    def failing(self, asked: Asked) -> str:
        """Fail where some have a value and some have none."""
        none = " and ".join(f"{column.sql} is null" for column in asked.columns)
        return f"not ({present(asked.columns)}) and not ({none})"

    def expectation(self, asked: Asked) -> str:
        """Name the columns."""
        return f"{asked.names} have a value together"


plugin = FilledTogether()
