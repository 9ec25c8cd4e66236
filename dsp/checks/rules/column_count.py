"""The table has as many columns as expected."""

from __future__ import annotations

from dsp.checks.bounds import COUNTS
from dsp.checks.kind import NONE, Asked, Example, FigureKind


class ColumnCount(FigureKind):
    """Holds the number of columns against bounds."""

    name = "column_count"
    title = "the table has as many columns as expected"
    dimension = "consistency"
    n_columns = NONE
    parameters = COUNTS
    primary = "exactly"
    nulls = "they are not looked at"
    example = Example(
        toml="[table]\ncolumn_count = 2",
        passing={"a": [1], "b": [2]},
        failing={"a": [1]},
    )

    def figure(self, asked: Asked) -> str:
        """Give the number."""
        return f"min({len(asked.subject.columns):d})"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        del asked
        return "the number of columns"


plugin = ColumnCount()
