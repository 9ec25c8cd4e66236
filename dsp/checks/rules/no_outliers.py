"""No number lies far out."""

from __future__ import annotations

import math
from collections.abc import Iterable

from dsp.checks.base import Figures, Plan
from dsp.checks.kind import NUMERIC, Asked, Example, Kind, Parameter, nothing, refused
from dsp.errors import RuleError
from dsp.numbers import number

METHODS = ("iqr", "standard deviation", "mad")


class NoOutliers(Kind):
    """Holds that numbers lie within fences that the column itself sets."""

    name = "no_outliers"
    title = "no number lies far out, by the spread of its own column"
    parameters = (
        Parameter(
            "method",
            "choice",
            "What the fences are made of: quartiles, mean and standard deviation, or "
            "median and median absolute deviation.",
            default="iqr",
            choices=METHODS,
        ),
        Parameter("reach", "number", "How many of it lie inside.", default=3),
    )
    primary = "method"
    families = NUMERIC
    nulls = "they pass, and so do NaN and infinite numbers"
    example = Example(
        toml="[columns.x]\nno_outliers = true",
        passing={"x": [*range(1, 21), None]},
        failing={"x": [*range(1, 21), 1000, -900, None]},
        n_failed=2,
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Ask for centre and spread."""
        self.check(asked)
        return asked.seen(), _spread(asked)

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check."""
        refused(figures, asked.seen(), _spread(asked))
        low, high = _fences(asked, figures.get(_spread(asked)))
        if math.isnan(low) or math.isnan(high):
            raise RuleError(f"{asked.names} has no spread to compare with")
        value = f"cast({asked.column.sql} as double)"
        out = f"{value} < {_double(low)} or {value} > {_double(high)}"
        between = f"{number(low)} to {number(high)}"
        return self.planned(
            asked,
            f"{asked.names} lies within {between}",
            passed=f"All {{rows}} {{rows:value}} of {asked.names} lie in {between}.",
            failed=f"{{n}} of {{rows}} {{rows:value}} ({{percent}}) of {asked.names} "
            f"{{n:lies|lie}} outside {between}.",
            predicate=asked.among(f"isfinite({value}) and ({out})"),
            n_rows=int(figures.get(asked.seen()) or 0),
            nothing=nothing(asked),
        )


def _spread(asked: Asked) -> str:
    """Return the aggregate that gives the two figures the fences are made of."""
    value = f"cast({asked.column.sql} as double)"
    finite = f"isfinite({value})"
    if asked["method"] == "iqr":
        return asked.filtered(f"quantile_disc({value}, [0.25, 0.75])", finite)
    if asked["method"] == "mad":
        parts = (f"median({value})", f"mad({value})")
    else:
        parts = (f"avg({value})", f"stddev_samp({value})")
    return f"[{', '.join(asked.filtered(part, finite) for part in parts)}]"


def _fences(asked: Asked, found: object) -> tuple[float, float]:
    if not isinstance(found, list) or None in found:
        return -math.inf, math.inf
    first, second = map(float, found)
    reach = float(asked["reach"])
    if asked["method"] == "iqr":
        return first - reach * (second - first), second + reach * (second - first)
    return first - reach * second, first + reach * second


def _double(value: float) -> str:
    return f"cast('{value!r}' as double)"


plugin = NoOutliers()
