"""Numbers have few digits behind the point."""

from __future__ import annotations

from dsp.checks.kind import NUMERIC, Asked, Example, Parameter, RowKind
from dsp.errors import RuleError


class DecimalPlaces(RowKind):
    """Holds that numbers have at most so many digits behind the point."""

    name = "decimal_places"
    title = "numbers have at most so many digits behind the point"
    parameters = (
        Parameter("max", "integer", "Most digits behind the point.", is_required=True),
    )
    primary = "max"
    families = NUMERIC
    nulls = "they pass, and so do NaN and infinite numbers"
    example = Example(
        toml="[columns.price]\ndecimal_places = 2",
        passing={"price": [1.25, 0.1, 3.0, 1e20, None]},
        failing={"price": [1.125, 0.1, 1e-7, None]},
        n_failed=2,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where rounding changes the number, as it is written."""
        value, places = asked.column.sql, asked["max"]
        if not 0 <= places <= 15:
            raise RuleError("max must lie between 0 and 15", key="max")
        if asked.column.family == "integer":
            return "false"
        return f"{value} <> round({value}, {places:d})"

    def expectation(self, asked: Asked) -> str:
        """Name the digits."""
        places = asked["max"]
        digits = "digit" if places == 1 else "digits"
        return f"{asked.names} has at most {places} {digits} behind the point"


plugin = DecimalPlaces()
