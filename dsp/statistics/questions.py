"""What is asked of a table one question at a time: groups, regressions, lags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.engine import DuckEngine, engine_for
from dsp.engine.tables import source_of
from dsp.records import ColumnProfile
from dsp.statistics.autocorrelation import Autocorrelation, autocorrelation
from dsp.statistics.groups import Comparison, compare_groups
from dsp.statistics.regression import Regression, regress
from dsp.statistics.regression.asked import Asked
from dsp.statistics.regression.target import regress_target


class Questions:
    """Answers questions about named columns of a table.

    Parameters
    ----------
    engine
        The database that holds the table; found from the table when None.
    """

    def __init__(self, engine: DuckEngine | None = None) -> None:
        self.engine = engine

    def compare_groups(self, table: Any, value: str, by: str) -> Comparison:
        """Return the groups of rows by a column, and every test of their differences.

        Numbers are compared by means (t tests, analyses of variance, equality of
        variances), by ranks, and by the sizes of their differences; values that are no
        numbers, and numbers that are only 0 or 1, by counts and shares. Sums of decimals
        and whole numbers are exact. Rows without a finite value or a group are left out.
        Where two groups are compared the first is that of the smaller value.

        Parameters
        ----------
        table
            An Ibis table of the engine.
        value
            Column whose values are compared.
        by
            Column whose values make the groups, at most 10,000.

        Raises
        ------
        ColumnNotFoundError
            A column is not in the table.
        DspError
            A column makes no groups, or too many.

        References
        ----------
        Agrees with `scipy.stats` and `statsmodels`; see `dsp.inference`.

        Examples
        --------
        >>> import ibis
        >>> from dsp.statistics import StatisticsEngine
        >>> con = ibis.duckdb.connect()
        >>> rows = {"g": ["a", "a", "b", "b"], "x": [1.0, 2.0, 5.0, 6.0]}
        >>> table = con.create_table("t", ibis.memtable(rows))
        >>> found = StatisticsEngine().compare_groups(table, "x", "g")
        >>> [group.mean for group in found.groups], found.test("one-way ANOVA").statistic
        ([1.5, 5.5], 32.0)
        """
        engine = self.engine or engine_for(table)
        return compare_groups(engine, source_of(engine, table), value, by)

    def regress(
        self,
        table: Any,
        y: str,
        x: Sequence[Asked],
        *,
        family: str = "gaussian",
        robust: str | None = None,
        intercept: bool = True,
    ) -> Regression:
        """Return a regression of a column on others, from one pass over the rows.

        Rows are streamed in blocks whose triangles are merged (never raw cross-products),
        each number moved and scaled first. Small problems are solved without rounding;
        a double stands for the shortest decimal that means it. Texts and booleans become
        one term a value, against the first. Rows with a missing or infinite value in a
        column are left out; terms that others determine too, with a reason.

        Parameters
        ----------
        table
            An Ibis table of the engine.
        y
            The column to explain: a number; a column of two values when `family` is
            ``binomial``, of which the later one is explained.
        x
            Columns, `polynomial` of a column, or `levels` of a column of numbers.
        family
            ``gaussian`` for least squares or ``binomial`` for logistic regression, which
            takes a pass for each step.
        robust
            Standard errors that allow for unequal spread: ``HC0``, ``HC1``, ``HC2``,
            ``HC3`` (the first two for a logistic one); a pass more.
        intercept
            Whether there is an intercept.

        Raises
        ------
        ColumnNotFoundError
            A column is not in the table.
        DspError
            A column or option cannot be used.

        References
        ----------
        Agrees with `statsmodels.api.OLS` and `Logit`.
        """
        engine = self.engine or engine_for(table)
        source = source_of(engine, table)
        return regress(
            engine, source, y, x, family=family, robust=robust, intercept=intercept
        )

    def regress_target(
        self, table: Any, columns: Sequence[ColumnProfile], target: str
    ) -> Regression | None:
        """Return the regression of a target on the measures, where that is cheap.

        At most 20 measures, the most complete; least squares, or logistic for a target of
        two values. None for other targets. More than 4,000,000 values are not read
        unasked: the fit says so.

        Parameters
        ----------
        table
            An Ibis table of the engine.
        columns
            Its profile.
        target
            The column to explain.
        """
        engine = self.engine or engine_for(table)
        return regress_target(engine, source_of(engine, table), columns, target)

    def autocorrelation(
        self, table: Any, column: str, *, lag: int = 1
    ) -> Autocorrelation:
        """Return the correlation of a column with itself some rows before.

        The sum of products of neighbours over the sum of squares, both around the mean
        of all values, in whole numbers up to the last division. Rows count in the order
        they are stored; those without a finite value are skipped.

        Parameters
        ----------
        table
            An Ibis table of the engine.
        column
            A column of numbers.
        lag
            Rows between the values.

        Raises
        ------
        ColumnNotFoundError
            The column is not in the table.
        DspError
            The column is no number, or the lag is below 1.

        References
        ----------
        Agrees with `statsmodels.tsa.stattools.acf`.
        """
        engine = self.engine or engine_for(table)
        return autocorrelation(engine, table, column, lag=lag)
