"""Numbers are multiples of a number."""

from __future__ import annotations

from decimal import Decimal

from dsp.checks.kind import NUMERIC, Asked, Example, Parameter, RowKind
from dsp.checks.values import plain_number
from dsp.errors import RuleError


class MultipleOf(RowKind):
    """Holds that numbers are multiples of a step, exactly where types are exact."""

    name = "multiple_of"
    title = "numbers are multiples of a number"
    parameters = (
        Parameter(
            "step",
            "number",
            "The number, above zero.",
            is_required=True,
            short=("step",),
        ),
    )
    primary = "step"
    families = NUMERIC
    nulls = "they pass; NaN and infinite numbers fail"
    example = Example(
        toml="[columns.price]\nmultiple_of = 0.05",
        passing={"price": [0.05, 1.15, -0.1, None]},
        failing={"price": [0.05, 0.07, None]},
    )

    def failing(self, asked: Asked) -> str:
        """Fail where the quotient is not whole; binary fractions may be 1e-9 off."""
        column, step = asked.column, asked["step"]
        if step <= 0:
            raise RuleError("step must be above zero", key="step")
        exact = isinstance(step, int) or Decimal(str(step)).as_tuple().exponent >= -9  # type: ignore[operator]
        if column.family == "integer" and isinstance(step, int):
            return f"{column.sql} % {plain_number(step)} <> 0"
        if column.family == "decimal" and exact:
            return f"try({column.sql} % {plain_number(step)}) <> 0"
        quotient = f"(cast({column.sql} as double) / cast('{float(step)!r}' as double))"
        off = f"abs({quotient} - round({quotient})) > 1e-9 * greatest(1, abs({quotient}))"
        return f"not isfinite({quotient}) or {off}"

    def expectation(self, asked: Asked) -> str:
        """Name the step."""
        return f"{asked.names} is a multiple of {asked['step']}"


plugin = MultipleOf()
