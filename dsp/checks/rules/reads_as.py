"""Texts can be read as a type."""

from __future__ import annotations

from dsp.checks.kind import TEXT, Asked, Example, Parameter, RowKind

TYPES = {
    "integer": "hugeint",
    "number": "double",
    "date": "date",
    "timestamp": "timestamp",
    "time": "time",
    "boolean": "boolean",
    "uuid": "uuid",
}


class ReadsAs(RowKind):
    """Holds that texts can be read as numbers, dates or another type."""

    name = "reads_as"
    title = "texts can be read as a type"
    parameters = (
        Parameter("type", "choice", "The type.", is_required=True, choices=tuple(TYPES)),
    )
    primary = "type"
    families = TEXT
    example = Example(
        toml='[columns.amount]\nreads_as = "number"',
        passing={"amount": ["1", "-2.5", "1e3", None]},
        failing={"amount": ["1", "", "1,5", "x", None]},
        n_failed=3,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where reading gives nothing."""
        value = f"cast({asked.column.sql} as varchar)"
        fraction = f" or contains({value}, '.')" if asked["type"] == "integer" else ""
        read = f"try_cast({value} as {TYPES[asked['type']]}) is null{fraction}"
        return f"{asked.column.sql} is not null and ({read})"

    def expectation(self, asked: Asked) -> str:
        """Name the type."""
        return f"{asked.names} can be read as {asked['type']}"


plugin = ReadsAs()
