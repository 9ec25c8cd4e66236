"""The target regressed on the measures, where that is cheap."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.engine.duckdb_engine import DuckEngine
from dsp.errors import DspError
from dsp.records import ColumnProfile, RegressionFit
from dsp.statistics.frame import kind_of
from dsp.statistics.regression.regress import Regression, regress

MOST_VALUES = 4_000_000
"""Values that are read unasked: rows times columns."""
MOST_MEASURES = 20
LEAST_COMPLETE = 0.9
"""Share of rows with a value from which a measure is used."""


def regress_target(
    engine: DuckEngine, source: str, columns: Sequence[ColumnProfile], target: str
) -> Regression | None:
    """Return the regression of a target on the most complete measures.

    Least squares for a measured target, logistic for one of two values. None for other
    targets, and without measures. Where there are too many values to read unasked the
    fit has no figures, and says so.
    """
    aim = next((c for c in columns if c.column_name == target), None)
    kind = None if aim is None else kind_of(aim)
    if aim is None or kind is None or (kind == "dimension" and aim.n_distinct != 2):
        return None
    usable = [
        c
        for c in columns
        if c.column_name != target
        and kind_of(c) == "measure"
        and (c.sd or 0) > 0
        and c.n_rows - c.n_null - c.n_nan >= LEAST_COMPLETE * c.n_rows
    ]
    usable.sort(key=lambda c: (c.n_null + c.n_nan + c.n_infinite, c.position))
    names = [c.column_name for c in sorted(usable[:MOST_MEASURES], key=_position)]
    if not names:
        return None
    family = "gaussian" if kind == "measure" else "binomial"
    n_values = aim.n_rows * (len(names) + 1)
    if n_values > MOST_VALUES:
        return _left_out(source, aim, names, family, n_values)
    try:
        return regress(
            engine,
            source,
            target,
            names,
            family=family,
            robust=None,
            intercept=True,
            is_asked=False,
        )
    except DspError as error:
        if family == "gaussian" or "two" not in error.message:
            raise
        # The rows with all measures may hold one value of the target only.
        return None


def _position(column: ColumnProfile) -> int:
    return column.position


def _left_out(
    source: str, aim: ColumnProfile, names: Sequence[str], family: str, n_values: int
) -> Regression:
    fit = RegressionFit(
        regression_id="regression_1",
        target=aim.column_name,
        family=family,
        terms=("intercept", *names),
        has_intercept=True,
        covariance="classic",
        method="not fitted",
        n_rows=aim.n_rows,
        n_left_out=0,
        n_steps=0,
        df_model=0,
        df_residual=0,
        reason=f"{n_values:,} values are more than {MOST_VALUES:,}: ask for it with "
        "StatisticsEngine.regress",
        evidence_sql=f"select count(*) as n_rows\nfrom {source}",
    )
    return Regression(fit, ())
