"""The smallest value lies within bounds."""

from __future__ import annotations

from dsp.checks.aggregates import Aggregate
from dsp.checks.kind import NUMERIC, TEMPORAL, Asked, Example


class Minimum(Aggregate):
    """Holds the smallest value of a column against bounds."""

    name = "minimum"
    title = "the smallest value lies within bounds"
    families = (*NUMERIC, *TEMPORAL)
    example = Example(
        toml="[columns.x]\nminimum = { min = 0, max = 10 }",
        passing={"x": [3, 7, None]},
        failing={"x": [-3, 77, None]},
    )

    def aggregate(self, asked: Asked, value: str) -> str:
        """Return the aggregate of a value."""
        del asked
        return f"min({value})"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the smallest value of {asked.names}"


plugin = Minimum()
