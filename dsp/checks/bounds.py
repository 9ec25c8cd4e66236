"""Bounds of a figure: min, max, exactly."""

from __future__ import annotations

from typing import Any

from dsp.checks.kind import Asked, Parameter
from dsp.checks.values import plain_number
from dsp.errors import RuleError

BOUNDS = (
    Parameter("min", "number", "Lowest figure that is allowed."),
    Parameter("max", "number", "Highest figure that is allowed."),
)


def between(asked: Asked, figure: str) -> str:
    """Return SQL that is true when a figure lies outside min, max or exactly.

    Raises
    ------
    RuleError
        None of them is given.
    """
    signs = (("exactly", "<>"), ("min", "<"), ("max", ">"))
    parts = [
        f"{figure} {sign} {plain_number(asked[name])}"
        for name, sign in signs
        if asked[name] is not None
    ]
    if not parts:
        raise RuleError(f"{asked.rule.kind} has no bound", hint="give min or max")
    return " or ".join(parts)


def bounds_in_words(asked: Asked) -> str:
    """Return the bounds as words."""
    words: dict[str, Any] = {"exactly": "exactly", "min": "at least", "max": "at most"}
    given = [f"{words[k]} {asked[k]:,}" for k in words if asked[k] is not None]
    return " and ".join(given)
