"""The sum lies within bounds."""

from __future__ import annotations

from dsp.checks.aggregates import Aggregate
from dsp.checks.kind import NUMERIC, Asked, Example


class Sum(Aggregate):
    """Holds the sum of a column against bounds."""

    name = "sum"
    title = "the sum lies within bounds"
    families = NUMERIC
    example = Example(
        toml="[columns.x]\nsum = { min = 4, max = 4 }",
        passing={"x": [1.5, 2.5, None]},
        failing={"x": [1.5, 3.0, None]},
    )

    def aggregate(self, asked: Asked, value: str) -> str:
        """Return the aggregate of a value; floats are summed with compensation."""
        return f"fsum({value})" if asked.column.family == "float" else f"sum({value})"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the sum of {asked.names}"


plugin = Sum()
