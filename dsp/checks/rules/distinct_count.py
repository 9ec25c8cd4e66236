"""A column has as many different values as expected."""

from __future__ import annotations

from dsp.checks.bounds import COUNTS
from dsp.checks.keys import distinct
from dsp.checks.kind import SOME, Asked, Example, FigureKind


class DistinctCount(FigureKind):
    """Holds the number of different values, or combinations, against bounds."""

    name = "distinct_count"
    title = "the number of different values lies within bounds"
    n_columns = SOME
    parameters = COUNTS
    primary = "exactly"
    nulls = "they are not counted; NaN is one value"
    example = Example(
        toml="[columns.region]\ndistinct_count = { min = 2, max = 3 }",
        passing={"region": ["a", "b", "a", None]},
        failing={"region": ["a", "a", None]},
    )

    def figure(self, asked: Asked) -> str:
        """Count the different values."""
        return distinct(asked)

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the number of different values of {asked.names}"


plugin = DistinctCount()
