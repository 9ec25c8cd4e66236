"""Numbers are neither NaN nor infinite."""

from __future__ import annotations

from dsp.checks.kind import NUMERIC, Asked, Example, RowKind


class Finite(RowKind):
    """Holds that no number is NaN or infinite."""

    name = "finite"
    title = "numbers are neither NaN nor infinite"
    families = NUMERIC
    nulls = "they pass; NaN fails"
    example = Example(
        toml="[columns.x]\nfinite = true",
        passing={"x": [1.0, 1e308, None]},
        failing={"x": [1.0, float("nan"), float("inf"), float("-inf"), None]},
        n_failed=3,
    )

    def failing(self, asked: Asked) -> str:
        """Fail on what is no number; only floats can be that."""
        column = asked.column
        return f"not isfinite({column.sql})" if column.family == "float" else "false"

    def expectation(self, asked: Asked) -> str:
        """Name the column."""
        return f"{asked.names} is finite"


plugin = Finite()
