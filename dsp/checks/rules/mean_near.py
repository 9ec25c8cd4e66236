"""The mean is what it used to be."""

from __future__ import annotations

from typing import Any

from dsp.checks.kind import NUMERIC, TEXT, Asked, Example, FigureKind, Parameter
from dsp.checks.values import plain_number

ERRORS = 5.0
"""Standard errors that a mean may be off."""
LEAST = 30
"""Values below which a mean says too little."""


class MeanNear(FigureKind):
    """Holds the mean of numbers, or of the length of texts, against a known one.

    What is allowed depends on the number of values: `ERRORS` standard errors of a mean of
    so many values, together with how far the mean wanders by itself. Fewer than `LEAST`
    values are not judged.
    """

    name = "mean_near"
    title = "the mean is what it used to be"
    parameters = (
        Parameter("mean", "number", "The mean that is known.", is_required=True),
        Parameter("sd", "number", "Standard deviation of values.", is_required=True),
        Parameter(
            "drift", "number", "Standard deviation of the mean over time.", default=0
        ),
    )
    families = (*NUMERIC, *TEXT)
    nulls = "they are left out, and so are NaN and infinity"
    example = Example(
        toml="[columns.x]\nmean_near = { mean = 10, sd = 1 }",
        passing={"x": [9, 11, 10, None] * 20},
        failing={"x": [9, 11, 13, None] * 20},
    )

    def figure(self, asked: Asked) -> str:
        """Return the mean, null for too few values."""
        value, present = _value(asked)
        n = asked.filtered("count(*)", present)
        return f"case when {n} >= {LEAST} then {asked.filtered(value, present)} end"

    def wrong(self, asked: Asked, figure: str) -> str:
        """Compare the distance with what chance and drift allow."""
        n = asked.filtered("count(*)", _value(asked)[1])
        sd, drift = (plain_number(asked[key]) for key in ("sd", "drift"))
        off = f"sqrt(pow({sd}, 2) / nullif({n}, 0) + pow({drift}, 2))"
        return f"abs({figure} - {plain_number(asked['mean'])}) > {ERRORS} * {off}"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        length = "length of " if asked.column.family in TEXT else ""
        return f"the mean {length}{asked.names}"

    def allowed(self, asked: Asked) -> str:
        """Name what is allowed."""
        return (
            f"{asked['mean']} within {ERRORS:g} standard errors "
            f"(deviation {asked['sd']}, drift {asked['drift']})"
        )

    def shown(self, asked: Asked, value: Any) -> str:
        """Return the mean with six digits."""
        del asked
        return "unknown" if value is None else f"{value:.6g}"


def _value(asked: Asked) -> tuple[str, str]:
    """Return the aggregate of the values, and the predicate of those that count."""
    sql = asked.column.sql
    if asked.column.family in TEXT:
        return f"avg(length(cast({sql} as varchar)))", f"{sql} is not null"
    finite = f"isfinite({sql})" if asked.column.family == "float" else "true"
    return f"avg(cast({sql} as double))", f"{sql} is not null and {finite}"


plugin = MeanNear()
