"""Kinds of rules that hold an aggregate of one column against bounds."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from dsp.checks.asked import Asked, plain
from dsp.checks.bounds import given_bounds
from dsp.checks.kind import FigureKind
from dsp.checks.parameters import Parameter
from dsp.checks.values import bound_sql, plain_number


class Aggregate(FigureKind):
    """An aggregate of the finite values of a column, with min and max."""

    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("min", "bound", "Lowest figure that is allowed."),
        Parameter("max", "bound", "Highest figure that is allowed."),
    )
    nulls = "they are left out, and so are NaN and infinity"

    def aggregate(self, asked: Asked, value: str) -> str:
        """Return the aggregate of a value."""
        raise NotImplementedError

    def figure(self, asked: Asked) -> str:
        """Return the aggregate of the values that count."""
        column = asked.column
        may_be_infinite = column.family in ("float", "date", "timestamp")
        finite = f"isfinite({column.sql})" if may_be_infinite else ""
        return asked.filtered(self.aggregate(asked, column.sql), finite)

    def wrong(self, asked: Asked, figure: str) -> str:
        """Compare with the bounds, as dates where the column holds dates."""
        parts = [
            f"{figure} {sign} {self._bound(asked, value)}"
            for sign, _, value in given_bounds(asked)
        ]
        return " or ".join(parts)

    def allowed(self, asked: Asked) -> str:
        """Name the bounds."""
        return " and ".join(
            f"{word} {_shown(value)}" for _, word, value in given_bounds(asked)
        )

    def _bound(self, asked: Asked, value: Any) -> str:
        if asked.column.is_temporal or isinstance(value, str | date):
            return bound_sql(asked.column, value, kind=self.name)
        return plain_number(value)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else plain(value)
