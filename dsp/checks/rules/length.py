"""Texts, and lists, are as long as expected."""

from __future__ import annotations

from dsp.checks.kind import Asked, Example, Parameter, RowKind
from dsp.errors import RuleError


class Length(RowKind):
    """Holds the length of texts (in characters) or of lists (in items) within bounds."""

    name = "length"
    title = "texts and lists are as long as expected"
    parameters = (
        Parameter("min", "integer", "Shortest length.", short=("min_length",)),
        Parameter("max", "integer", "Longest length.", short=("max_length",)),
        Parameter("exactly", "integer", "The length."),
    )
    primary = "exactly"
    example = Example(
        toml="[columns.code]\nmin_length = 2\nmax_length = 3",
        passing={"code": ["ab", "äöü", "🦆🦆", None]},
        failing={"code": ["a", "abcd", "", "abc", None]},
        n_failed=3,
    )

    def failing(self, asked: Asked) -> str:
        """Fail outside the bounds."""
        column = asked.column
        if column.family in ("text", "enum"):
            value = f"length(cast({column.sql} as varchar))"
        elif column.data_type.endswith("]"):
            value = f"len({column.sql})"
        else:
            raise RuleError(
                f"{asked.names} holds {column.data_type}, which has no length",
                hint="length looks at text and lists",
            )
        signs = (("exactly", "<>"), ("min", "<"), ("max", ">"))
        parts = [
            f"{value} {sign} {asked[name]:d}"
            for name, sign in signs
            if asked[name] is not None
        ]
        if not parts:
            raise RuleError("length has no bound", hint="give min, max or exactly")
        return " or ".join(parts)

    def expectation(self, asked: Asked) -> str:
        """Name the bounds."""
        words = {"exactly": "exactly", "min": "at least", "max": "at most"}
        given = [f"{words[k]} {asked[k]}" for k in words if asked[k] is not None]
        return f"the length of {asked.names} is {' and '.join(given)}"


plugin = Length()
