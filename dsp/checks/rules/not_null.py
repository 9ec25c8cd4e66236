"""Every row has a value."""

from __future__ import annotations

from dsp.checks.kind import SOME, Asked, Example, Parameter, RowKind


class NotNull(RowKind):
    """Holds that columns have a value in every row."""

    name = "not_null"
    title = "every row has a value"
    dimension = "completeness"
    n_columns = SOME
    parameters = (
        Parameter("nan", "boolean", "Whether NaN counts as no value.", default=True),
    )
    nulls = "they fail, and so does NaN"
    example = Example(
        toml="[columns.price]\nnot_null = true",
        passing={"price": [1.5, 0.0]},
        failing={"price": [1.5, None, float("nan")]},
        n_failed=2,
    )

    def seen(self, asked: Asked) -> str:
        """Count the rows that meet the condition."""
        return asked.filtered("count(*)")

    def failing(self, asked: Asked) -> str:
        """Fail where any of the columns has no value."""
        return " or ".join(
            f"{c.sql} is null"
            + (f" or isnan({c.sql})" if c.family == "float" and asked["nan"] else "")
            for c in asked.columns
        )

    def expectation(self, asked: Asked) -> str:
        """Name the columns."""
        return f"{asked.names} {'has' if len(asked.columns) == 1 else 'have'} a value"


plugin = NotNull()
