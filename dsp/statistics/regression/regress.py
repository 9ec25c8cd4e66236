"""Regression as it is asked of the statistics engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsp.engine.duckdb_engine import DuckEngine
from dsp.errors import DspError, nearest
from dsp.records import Coefficient, RegressionFit
from dsp.statistics.regression.asked import Asked, design_of
from dsp.statistics.regression.linear import fit_line
from dsp.statistics.regression.odds import KINDS as ODDS_KINDS
from dsp.statistics.regression.odds import fit_odds
from dsp.statistics.regression.robust import KINDS

FAMILIES = ("gaussian", "binomial")


@dataclass(frozen=True, slots=True)
class Regression:
    """A regression and its coefficients.

    Attributes
    ----------
    fit
        The regression as a whole.
    coefficients
        One row a term, those left out included.
    """

    fit: RegressionFit
    coefficients: tuple[Coefficient, ...]

    def term(self, name: str) -> Coefficient:
        """Return the coefficient of a term: ``intercept``, ``x``, ``x^2``, ``g=a``.

        Raises
        ------
        DspError
            There is no such term.
        """
        for coefficient in self.coefficients:
            if coefficient.term == name:
                return coefficient
        names = [c.term for c in self.coefficients]
        near = ", ".join(nearest(name, names)) or ", ".join(names[:10])
        raise DspError(f'no term is called "{name}"', hint=f"terms are: {near}")


def regress(
    engine: DuckEngine,
    source: str,
    y: str,
    x: Sequence[Asked],
    *,
    family: str,
    robust: str | None,
    intercept: bool,
    is_asked: bool = True,
) -> Regression:
    """Return the regression of `y` on `x`; see `StatisticsEngine.regress`."""
    if family not in FAMILIES:
        raise DspError(
            f'no regression of the family "{family}"',
            hint=f"give {' or '.join(FAMILIES)}",
        )
    is_binomial = family == "binomial"
    kinds = ODDS_KINDS if is_binomial else KINDS
    if robust is not None and robust not in kinds:
        raise DspError(
            f'no robust errors "{robust}" for the family {family}',
            hint=f"give one of {', '.join(kinds)}, or None",
        )
    if not x and not intercept:
        raise DspError("a regression needs a term", hint="name columns in x")
    design = design_of(engine, source, y, x, is_binomial=is_binomial, intercept=intercept)
    if is_binomial:
        return Regression(*fit_odds(design, y, robust=robust))
    return Regression(*fit_line(design, robust=robust, is_asked=is_asked))
