"""Two columns go together as expected."""

from __future__ import annotations

from dsp.checks.bounds import BOUNDS, between, bounds_in_words
from dsp.checks.kind import NUMERIC, Asked, Example, FigureKind


class Correlation(FigureKind):
    """Holds Pearson's correlation of two columns against bounds."""

    name = "correlation"
    title = "the correlation of two columns lies within bounds"
    dimension = "consistency"
    n_columns = (2, 2)
    parameters = BOUNDS
    families = NUMERIC
    nulls = "rows that lack one of the two are left out, and so are NaN and infinity"
    example = Example(
        toml='[[rules]]\nkind = "correlation"\ncolumns = ["a", "b"]\nmin = 0.9',
        passing={"a": [1, 2, 3, None], "b": [2, 4, 7, 0]},
        failing={"a": [1, 2, 3], "b": [3, 2, 1]},
    )

    def figure(self, asked: Asked) -> str:
        """Return the aggregate."""
        values = [f"cast({column.sql} as double)" for column in asked.columns]
        finite = " and ".join(f"isfinite({value})" for value in values)
        return asked.filtered(f"corr({', '.join(values)})", finite)

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the correlation of {asked.names}"

    def wrong(self, asked: Asked, figure: str) -> str:
        """Compare with the bounds; a constant column has none, which is wrong too."""
        return f"isnan({figure}) or {between(asked, figure)}"

    def allowed(self, asked: Asked) -> str:
        """Name the bounds."""
        return bounds_in_words(asked)


plugin = Correlation()
