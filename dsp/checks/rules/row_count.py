"""The table has as many rows as expected."""

from __future__ import annotations

from dsp.checks.bounds import COUNTS
from dsp.checks.kind import NONE, Asked, Example, FigureKind


class RowCount(FigureKind):
    """Holds the number of rows against bounds."""

    name = "row_count"
    title = "the table has as many rows as expected"
    dimension = "completeness"
    n_columns = NONE
    parameters = COUNTS
    nulls = "they count as rows"
    primary = "exactly"
    example = Example(
        toml="[table]\nrow_count = { min = 2, max = 3 }",
        passing={"a": [1, None]},
        failing={"a": [1]},
    )

    def figure(self, asked: Asked) -> str:
        """Count the rows that meet the condition."""
        return asked.filtered("count(*)")

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return "the number of rows" + (" that meet the condition" if asked.where else "")


plugin = RowCount()
