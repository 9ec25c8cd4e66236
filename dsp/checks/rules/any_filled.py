"""At least one of some columns has a value."""

from __future__ import annotations

from dsp.checks.kind import Asked, Example, RowKind, listed


class AnyFilled(RowKind):
    """Holds that at least one of some columns has a value in every row."""

    name = "any_filled"
    title = "at least one of some columns has a value"
    dimension = "completeness"
    n_columns = (2, None)
    nulls = "a row fails when all its columns are null"
    example = Example(
        toml='[[rules]]\nkind = "any_filled"\ncolumns = ["phone", "mail"]',
        passing={"phone": ["1", None], "mail": [None, "a"]},
        failing={"phone": ["1", None], "mail": [None, None]},
    )

    def seen(self, asked: Asked) -> str:
        """Count the rows that meet the condition."""
        return asked.filtered("count(*)")

    def failing(self, asked: Asked) -> str:
        """Fail where none has a value."""
        return " and ".join(f"{column.sql} is null" for column in asked.columns)

    def expectation(self, asked: Asked) -> str:
        """Name the columns."""
        return f"{listed(asked.labels, last='or')} has a value"


plugin = AnyFilled()
