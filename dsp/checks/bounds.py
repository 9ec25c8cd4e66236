"""Bounds of a figure: min, max, exactly."""

from __future__ import annotations

from typing import Any

from dsp.checks.asked import Asked, plain
from dsp.checks.parameters import Parameter
from dsp.checks.values import plain_number
from dsp.errors import RuleError

BOUNDS = (
    Parameter("min", "number", "Lowest figure that is allowed."),
    Parameter("max", "number", "Highest figure that is allowed."),
)
COUNTS = (
    Parameter("min", "integer", "Lowest number that is allowed."),
    Parameter("max", "integer", "Highest number that is allowed."),
    Parameter("exactly", "integer", "The number."),
)
SIGNS = (("exactly", "<>", "exactly"), ("min", "<", "at least"), ("max", ">", "at most"))


def given_bounds(asked: Asked) -> list[tuple[str, str, Any]]:
    """Return the bounds that a rule has: sign of what is wrong, words, value.

    Raises
    ------
    RuleError
        None is given.
    """
    found = [
        (sign, words, asked[name])
        for name, sign, words in SIGNS
        if asked[name] is not None
    ]
    if not found:
        raise RuleError(f"{asked.rule.kind} has no bound", hint="give min or max")
    return found


def between(asked: Asked, figure: str) -> str:
    """Return SQL that is true when a figure lies outside the bounds of a rule."""
    return " or ".join(
        f"{figure} {sign} {plain_number(value)}" for sign, _, value in given_bounds(asked)
    )


def bounds_in_words(asked: Asked) -> str:
    """Return the bounds of a rule as words."""
    return " and ".join(
        f"{words} {plain(value)}" for _, words, value in given_bounds(asked)
    )
