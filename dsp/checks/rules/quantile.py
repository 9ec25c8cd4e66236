"""A quantile lies within bounds."""

from __future__ import annotations

from dsp.checks.aggregates import Aggregate
from dsp.checks.bounds import BOUNDS
from dsp.checks.kind import NUMERIC, Asked, Example, Parameter
from dsp.errors import RuleError


class Quantile(Aggregate):
    """Holds a quantile of a column against bounds."""

    name = "quantile"
    title = "a quantile lies within bounds"
    families = NUMERIC
    parameters = (
        Parameter("at", "number", "Which one (0-1).", is_required=True),
        *BOUNDS,
    )
    primary = None
    example = Example(
        toml="[columns.x]\nquantile = { at = 0.9, max = 9 }",
        passing={"x": [*range(1, 11), None]},
        failing={"x": [*range(2, 12), None]},
    )

    def aggregate(self, asked: Asked, value: str) -> str:
        """Return the aggregate of a value: the smallest at or above that share."""
        at = asked["at"]
        if not 0 <= at <= 1:
            raise RuleError("at must lie between 0 and 1", key="at")
        return f"quantile_disc({value}, {float(at)!r})"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the {asked['at']:g} quantile of {asked.names}"


plugin = Quantile()
