"""Values are of a list."""

from __future__ import annotations

from dsp.checks.kind import Asked, Example, Parameter, RowKind, in_words
from dsp.checks.values import list_sql


class OneOf(RowKind):
    """Holds that values are of a list."""

    name = "one_of"
    title = "values are of a list"
    parameters = (
        Parameter("values", "scalars", "Values that are allowed.", is_required=True),
        Parameter("ignore_case", "boolean", "Whether case counts.", default=False),
    )
    primary = "values"
    families = (
        "text", "enum", "integer", "decimal", "float", "date", "timestamp", "boolean",
    )  # fmt: skip
    example = Example(
        toml='[columns.status]\none_of = ["paid", "open"]',
        passing={"status": ["paid", "open", None]},
        failing={"status": ["paid", "Paid", "", None]},
        n_failed=2,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where the list lacks the value."""
        return f"not {contained(asked)}"

    def expectation(self, asked: Asked) -> str:
        """Name the values."""
        return f"{asked.names} is {in_words(asked['values'])}"


def contained(asked: Asked) -> str:
    """Return SQL that is true where the list of a rule holds the value of its column."""
    column, values = asked.column, asked["values"]
    shown = list_sql(column, values, kind=asked.rule.kind)
    if asked["ignore_case"] and column.family in ("text", "enum"):
        shown = list_sql(column, [v.lower() for v in values], kind=asked.rule.kind)
        return f"list_contains({shown}, lower(cast({column.sql} as varchar)))"
    # A list is looked up faster than `in`, which DuckDB turns into comparisons.
    return f"list_contains({shown}, {column.sql})"


plugin = OneOf()
