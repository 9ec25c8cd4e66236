"""The mean lies within bounds."""

from __future__ import annotations

from dsp.checks.aggregates import Aggregate
from dsp.checks.kind import NUMERIC, Asked, Example


class Mean(Aggregate):
    """Holds the mean of a column against bounds."""

    name = "mean"
    title = "the mean lies within bounds"
    families = NUMERIC
    example = Example(
        toml="[columns.x]\nmean = { min = 2, max = 2.4 }",
        passing={"x": [1, 3, None]},
        failing={"x": [1, 4, None]},
    )

    def aggregate(self, asked: Asked, value: str) -> str:
        """Return the aggregate of a value."""
        del asked
        return f"avg({value})"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the mean of {asked.names}"


plugin = Mean()
