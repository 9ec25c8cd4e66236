"""What a regression may be asked for, and the terms that come of it."""

from __future__ import annotations

from dataclasses import dataclass

from dsp.errors import DspError


@dataclass(frozen=True, slots=True)
class Polynomial:
    """The powers 1 to `degree` of a column."""

    column: str
    degree: int


def polynomial(column: str, degree: int) -> Polynomial:
    """Return the powers 1 to `degree` of a column, as columns of a regression.

    Raises
    ------
    DspError
        The degree is not from 1 to 20.

    Examples
    --------
    >>> polynomial("x", 3)
    Polynomial(column='x', degree=3)
    """
    if not 1 <= degree <= 20:
        raise DspError(
            f"a polynomial of degree {degree} is not fitted", hint="give 1 to 20"
        )
    return Polynomial(column, degree)


@dataclass(frozen=True, slots=True)
class Term:
    """A column of the design.

    Attributes
    ----------
    name
        As it is shown.
    column
        Column of the table; empty for the intercept.
    power
        Power of a number; 0 of the intercept and of levels.
    level
        Value whose rows are 1 and all others 0.
    reference
        Value that the levels of the column are compared with.
    """

    name: str
    column: str = ""
    power: int = 0
    level: str | None = None
    reference: str | None = None


INTERCEPT = Term("intercept")


@dataclass(frozen=True, slots=True)
class Levels:
    """The values of a column, each against the first."""

    column: str


def levels(column: str) -> Levels:
    """Return the values of a column of numbers, as columns of a regression.

    Texts and booleans are taken by their values without being asked.
    """
    return Levels(column)
