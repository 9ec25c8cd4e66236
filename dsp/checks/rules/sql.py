"""A condition of your own, in SQL, is true."""

from __future__ import annotations

from dsp.checks.conditions import broken_condition
from dsp.checks.kind import ANY, Asked, Example, Parameter, RowKind


class Sql(RowKind):
    """Holds that an SQL condition is true for every row."""

    name = "sql"
    title = "a condition of your own is true"
    dimension = "consistency"
    n_columns = ANY
    parameters = (
        Parameter(
            "condition",
            "condition",
            "What is true for a row that is right.",
            is_required=True,
        ),
    )
    nulls = "unknown passes; a row for which the condition cannot be computed fails"
    primary = "condition"
    example = Example(
        toml='[[rules]]\nkind = "sql"\ncondition = "cast(code as integer) > cost"',
        passing={"code": ["10", "20"], "cost": [1, None]},
        failing={"code": ["10", "x"], "cost": [11, 1]},
        n_failed=2,
    )

    def seen(self, asked: Asked) -> str:
        """Count the rows that meet the filter."""
        return asked.filtered("count(*)")

    def failing(self, asked: Asked) -> str:
        """Fail where the condition is false or raises."""
        return broken_condition(asked["condition"], asked.subject.relation)

    def expectation(self, asked: Asked) -> str:
        """Give the condition."""
        return " ".join(asked["condition"].split())


plugin = Sql()
