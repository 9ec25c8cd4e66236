"""A value, none, or values outside bounds, are as frequent as they used to be."""

from __future__ import annotations

from typing import Any

from dsp.checks.kind import Asked, Example, FigureKind, Parameter, listed
from dsp.checks.values import bound_sql, plain_number
from dsp.numbers import share

ERRORS = 4.5
"""Standard errors that a share may be off."""
SKEWNESS = (ERRORS**2 - 1) / 6
"""Rows that a count may be off besides, because counts of rare things are skewed
(Cornish-Fisher)."""
LEAST = 30
"""Rows below which a share says too little."""


class ShareNear(FigureKind):
    """Holds the share of a value against a known one.

    What is counted is a value, values outside bounds, or rows without a value.

    What is allowed depends on the number of rows: `ERRORS` standard errors of a share of
    so many rows, together with how far the share wanders by itself. Fewer than `LEAST`
    rows are not judged.
    """

    name = "share_near"
    title = "a value, none, or values outside bounds, are as frequent as they used to be"
    parameters = (
        Parameter("share", "number", "The share that is known (0-1).", is_required=True),
        Parameter("value", "scalar", "The value; rows without any when not given."),
        Parameter("min", "bound", "Values below are counted; fewer are fine."),
        Parameter("max", "bound", "Values above are counted; fewer are fine."),
        Parameter(
            "drift", "number", "Standard deviation of the share over time.", default=0
        ),
    )
    nulls = "they count as rows, and are what is counted when no value is given"
    example = Example(
        toml="[columns.x]\nshare_near = { share = 0.5 }",
        passing={"x": [1, None] * 50},
        failing={"x": [1, None, None, None, None] * 20},
    )

    def figure(self, asked: Asked) -> str:
        """Return the share, null for too few rows."""
        n = asked.filtered("count(*)")
        met = asked.filtered("count(*)", _condition(asked))
        return f"case when {n} >= {LEAST} then {met} / {n} end"

    def wrong(self, asked: Asked, figure: str) -> str:
        """Compare the distance with what chance and drift allow."""
        n = f"nullif({asked.filtered('count(*)')}, 0)"
        known, drift = float(asked["share"]), plain_number(asked["drift"])
        variance = plain_number(known * (1 - known))
        off = f"sqrt({variance} / {n} + pow({drift}, 2))"
        distance = f"{figure} - {plain_number(known)}"
        distance = distance if _outside(asked) else f"abs({distance})"
        return f"{distance} > {ERRORS} * {off} + {SKEWNESS} / {n}"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        given = _outside(asked)
        if given:
            words = [f"{word} {value}" for word, _, value in given]
            return f"the share of {asked.names} {listed(words, last='or')}"
        if asked["value"] is None:
            return f"the share of rows without {asked.names}"
        return f"the share of {asked['value']} in {asked.names}"

    def allowed(self, asked: Asked) -> str:
        """Name what is allowed."""
        return (
            f"{share(asked['share'])} within {ERRORS:g} standard errors "
            f"(drift {share(asked['drift'])})"
        )

    def shown(self, asked: Asked, value: Any) -> str:
        """Return the share in percent."""
        del asked
        return "unknown" if value is None else share(value)


def _condition(asked: Asked) -> str:
    column, value = asked.column, asked["value"]
    parts = [
        f"{column.sql} {sign} {bound_sql(column, bound, kind=asked.rule.kind)}"
        for _, sign, bound in _outside(asked)
    ]
    if parts:
        return " or ".join(parts)
    if value is None:
        return f"{column.sql} is null"
    return f"{column.sql} = {bound_sql(column, value, kind=asked.rule.kind)}"


def _outside(asked: Asked) -> list[tuple[str, str, Any]]:
    """Return word, sign and value of the bounds that are given."""
    signs = (("below", "<", "min"), ("above", ">", "max"))
    return [(w, s, asked[key]) for w, s, key in signs if asked[key] is not None]


plugin = ShareNear()
