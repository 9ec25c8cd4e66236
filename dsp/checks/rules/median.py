"""The median lies within bounds."""

from __future__ import annotations

from dsp.checks.aggregates import Aggregate
from dsp.checks.kind import NUMERIC, Asked, Example


class Median(Aggregate):
    """Holds the median of a column against bounds."""

    name = "median"
    title = "the median lies within bounds"
    families = NUMERIC
    example = Example(
        toml="[columns.x]\nmedian = { max = 5 }",
        passing={"x": [1, 2, 9, None]},
        failing={"x": [1, 7, 9, None]},
    )

    def aggregate(self, asked: Asked, value: str) -> str:
        """Return the aggregate of a value."""
        del asked
        return f"median({value})"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the median of {asked.names}"


plugin = Median()
