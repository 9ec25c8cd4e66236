"""Regression of a column on others, streamed from the data base in blocks of rows."""

from __future__ import annotations

from dsp.statistics.regression.regress import Regression, regress
from dsp.statistics.regression.terms import Levels, Polynomial, levels, polynomial

__all__ = ["Levels", "Polynomial", "Regression", "levels", "polynomial", "regress"]
