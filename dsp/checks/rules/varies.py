"""A column has more than one value."""

from __future__ import annotations

from typing import Any

from dsp.checks.kind import ORDERED, TEXT, Asked, Example, FigureKind


class Varies(FigureKind):
    """Holds that a column is not constant."""

    name = "varies"
    title = "a column has more than one value"
    families = (*ORDERED, *TEXT, "boolean")
    nulls = "they are left out"
    example = Example(
        toml="[columns.a]\nvaries = true",
        passing={"a": [1, 1, 2, None]},
        failing={"a": [1, 1, None]},
    )

    def figure(self, asked: Asked) -> str:
        """Compare the smallest and the greatest value."""
        column = asked.column.sql
        low, high = (asked.filtered(f"{end}({column})") for end in ("min", "max"))
        return f"({low} < {high})"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"whether {asked.names} varies"

    def wrong(self, asked: Asked, figure: str) -> str:
        """Fail when it does not."""
        del asked
        return f"not {figure}"

    def allowed(self, asked: Asked) -> str:
        """Name what is allowed."""
        del asked
        return "true"

    def shown(self, asked: Asked, value: Any) -> str:
        """Return it in words."""
        del asked
        return "true" if value else "false"


plugin = Varies()
