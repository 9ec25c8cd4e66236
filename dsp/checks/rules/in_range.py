"""Values lie between a lowest and a highest one."""

from __future__ import annotations

from typing import Any

from dsp.checks.kind import ORDERED, Asked, Example, Parameter, RowKind
from dsp.checks.values import bound_sql
from dsp.errors import RuleError


class InRange(RowKind):
    """Holds that values lie within bounds."""

    name = "in_range"
    title = "values lie within bounds"
    parameters = (
        Parameter("min", "bound", "Lowest value that is allowed.", short=("min",)),
        Parameter("max", "bound", "Highest value that is allowed.", short=("max",)),
        Parameter("above", "bound", "Value that all must be above.", short=("above",)),
        Parameter("below", "bound", "Value that all must be below.", short=("below",)),
    )
    nulls = "they pass; NaN fails"
    families = ORDERED
    example = Example(
        toml="[columns.price]\nmin = 0\nmax = 10",
        passing={"price": [0, 10, None]},
        failing={"price": [-1, 11, 5, None]},
        n_failed=2,
    )

    def failing(self, asked: Asked) -> str:
        """Fail outside the bounds."""
        column = asked.column
        parts = [
            f"{column.sql} {sign} {bound_sql(column, value, kind=self.name, side=side)}"
            for sign, side, value in _failures(asked)
        ]
        if not parts:
            raise RuleError(
                f"{self.name} has no bound", hint="give min, max, above or below"
            )
        # DuckDB sorts NaN above all numbers; no bound allows it.
        if column.family == "float":
            parts.append(f"isnan({column.sql})")
        return " or ".join(parts)

    def expectation(self, asked: Asked) -> str:
        """Name the bounds."""
        words = {"min": "at least", "max": "at most", "above": "above", "below": "below"}
        given = [f"{words[k]} {asked[k]}" for k in words if asked[k] is not None]
        return f"{asked.names} is {' and '.join(given)}"


def _failures(asked: Asked) -> list[tuple[str, str, Any]]:
    """Return the comparisons that fail; open bounds between whole numbers stay exact."""
    signs = (
        ("min", "<", "low"),
        ("max", ">", "high"),
        ("above", "<=", "high"),
        ("below", ">=", "low"),
    )
    return [(s, side, asked[k]) for k, s, side in signs if asked[k] is not None]


plugin = InRange()
