"""What the tests share: groups by their moments, and the outcome of a test."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A group of values by its size, mean and sample variance (n - 1)."""

    n: int
    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Test:
    """The outcome of a test.

    Attributes
    ----------
    name
        Name of the test.
    statistic, p_value
        Its statistic and p value.
    df, df_residual
        Degrees of freedom; the second ones of an F test.
    """

    name: str
    statistic: float
    p_value: float
    df: float | None = None
    df_residual: float | None = None
