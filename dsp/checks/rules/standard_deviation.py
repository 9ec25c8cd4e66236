"""The standard deviation lies within bounds."""

from __future__ import annotations

from dsp.checks.aggregates import Aggregate
from dsp.checks.kind import NUMERIC, Asked, Example


class StandardDeviation(Aggregate):
    """Holds the standard deviation of a column against bounds."""

    name = "standard_deviation"
    title = "the standard deviation lies within bounds"
    families = NUMERIC
    example = Example(
        toml="[columns.x]\nstandard_deviation = { min = 1, max = 2 }",
        passing={"x": [1, 3, None]},
        failing={"x": [1, 9, None]},
    )

    def aggregate(self, asked: Asked, value: str) -> str:
        """Return the aggregate of a value."""
        del asked
        return f"stddev_samp({value})"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the standard deviation of {asked.names}"


plugin = StandardDeviation()
