"""Not too many rows are without a value."""

from __future__ import annotations

from typing import Any

from dsp.checks.bounds import BOUNDS
from dsp.checks.kind import Asked, Example, FigureKind
from dsp.numbers import share


class NullShare(FigureKind):
    """Holds the share of rows without a value against bounds."""

    name = "null_share"
    title = "the share of rows without a value lies within bounds"
    dimension = "completeness"
    parameters = BOUNDS
    primary = "max"
    nulls = "they are what is counted; NaN is a value"
    example = Example(
        toml="[columns.note]\nnull_share = 0.5",
        passing={"note": ["a", None]},
        failing={"note": ["a", None, None]},
    )

    def figure(self, asked: Asked) -> str:
        """Divide the rows without a value by all rows."""
        empty = asked.filtered("count(*)", f"{asked.column.sql} is null")
        return f"{empty} / nullif({asked.filtered('count(*)')}, 0)"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the share of rows without {asked.names}"

    def shown(self, asked: Asked, value: Any) -> str:
        """Return the share in percent."""
        del asked
        return share(value)


plugin = NullShare()
