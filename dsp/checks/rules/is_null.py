"""No row has a value."""

from __future__ import annotations

from dsp.checks.kind import Asked, Example, RowKind


class IsNull(RowKind):
    """Holds that a column is empty, mostly where a condition holds."""

    name = "is_null"
    title = "no row has a value"
    dimension = "consistency"
    nulls = "they pass: they are what is asked for"
    example = Example(
        toml="[columns.paid_at]\nis_null = true\nwhere = \"status = 'open'\"",
        passing={"paid_at": [None, "2024"], "status": ["open", "paid"]},
        failing={"paid_at": ["2023", "2024"], "status": ["open", "paid"]},
    )

    def seen(self, asked: Asked) -> str:
        """Count the rows that meet the condition."""
        return asked.filtered("count(*)")

    def failing(self, asked: Asked) -> str:
        """Fail where there is a value."""
        return f"{asked.column.sql} is not null"

    def expectation(self, asked: Asked) -> str:
        """Name the column."""
        return f"{asked.names} has no value"


plugin = IsNull()
