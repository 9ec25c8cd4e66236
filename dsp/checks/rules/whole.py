"""Numbers have no fraction."""

from __future__ import annotations

from dsp.checks.kind import NUMERIC, Asked, Example, RowKind


class Whole(RowKind):
    """Holds that numbers are whole, whatever the type of the column."""

    name = "whole"
    title = "numbers are whole"
    families = NUMERIC
    nulls = "they pass; NaN and infinite numbers fail"
    example = Example(
        toml="[columns.units]\nwhole = true",
        passing={"units": [1.0, -2.0, 1e300, None]},
        failing={"units": [1.0, 0.5, float("nan"), None]},
        n_failed=2,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where something lies behind the point."""
        value = asked.column.sql
        if asked.column.family == "integer":
            return "false"
        if asked.column.family == "decimal":
            return f"{value} <> trunc({value})"
        return f"not isfinite({value}) or {value} <> trunc({value})"

    def expectation(self, asked: Asked) -> str:
        """Name the column."""
        return f"{asked.names} is whole"


plugin = Whole()
