"""The analysis of variance from exact sums of groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dsp.inference.base import Group, Test, outcome
from dsp.inference.rational import as_float, square_root
from dsp.inference.tails import f_tail


@dataclass(frozen=True, slots=True)
class Sums:
    """A group by its size, sum and sum of squares, in whole units around an origin."""

    n: int
    total: int
    squares: int


@dataclass(frozen=True, slots=True)
class Variance:
    """The spread of a value, cut into what lies between groups and within them.

    Attributes
    ----------
    between, within
        Sums of squares.
    df_between, df_within
        Degrees of freedom.
    f, eta_squared
        F and share of the spread between groups; None where they are not defined.
    residual_sd
        Standard deviation within groups; None without degrees of freedom.
    """

    between: float
    within: float
    df_between: int
    df_within: int
    f: float | None
    eta_squared: float | None
    residual_sd: float | None

    @property
    def test(self) -> Test | None:
        """The F test of equal means."""
        if self.f is None:
            return None
        df, rest = self.df_between, self.df_within
        return outcome("one-way ANOVA", self.f, f_tail(self.f, df, rest), df, rest)


def group_of(sums: Sums, unit: Fraction, origin: Fraction) -> Group:
    """Return the moments of a group that is not empty, each rounded once.

    The variance of one value is 0.
    """
    mean = origin + Fraction(sums.total, sums.n) * unit
    if sums.n < 2:
        return Group(sums.n, as_float(mean), 0.0)
    spread = sums.n * sums.squares - sums.total**2
    variance = Fraction(spread, sums.n * (sums.n - 1)) * unit * unit
    return Group(sums.n, as_float(mean), as_float(variance))


def analysis_of_variance(groups: Sequence[Sums], unit: Fraction) -> Variance | None:
    """Return the analysis of variance of groups, each figure rounded once.

    Parameters
    ----------
    groups
        Exact sums; empty groups are left out.
    unit
        What one whole unit of the sums stands for.

    References
    ----------
    `scipy.stats.f_oneway`; without its cancellation when means are far from zero.

    Examples
    --------
    >>> cut = analysis_of_variance([Sums(2, 3, 5), Sums(2, 7, 25)], Fraction(1))
    >>> cut.between, cut.within, cut.f, cut.df_within
    (4.0, 1.0, 8.0, 2)
    """
    groups = [g for g in groups if g.n > 0]
    n, k = sum(g.n for g in groups), len(groups)
    if k < 2:
        return None
    total = sum(g.total for g in groups)
    squares = sum(g.squares for g in groups)
    means = sum((Fraction(g.total**2, g.n) for g in groups), Fraction())
    between = means - Fraction(total**2, n)
    within = squares - means
    spread = between + within
    f = residual = None
    if n > k:
        residual = square_root(within * unit * unit / (n - k))
        if within > 0:
            f = as_float(between / (k - 1) / (within / (n - k)))
    return Variance(
        between=as_float(between * unit * unit),
        within=as_float(within * unit * unit),
        df_between=k - 1,
        df_within=n - k,
        f=f if f is None or math.isfinite(f) else None,
        eta_squared=as_float(between / spread) if spread > 0 else None,
        residual_sd=residual,
    )
