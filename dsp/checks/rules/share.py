"""A share of rows meets a condition."""

from __future__ import annotations

from typing import Any

from dsp.checks.bounds import BOUNDS
from dsp.checks.conditions import safe_condition
from dsp.checks.kind import ANY, Asked, Example, FigureKind, Parameter
from dsp.numbers import share


class Share(FigureKind):
    """Holds the share of rows that meet a condition against bounds."""

    name = "share"
    title = "the share of rows that meet a condition lies within bounds"
    n_columns = ANY
    parameters = (
        Parameter("of", "condition", "Condition on a row.", is_required=True),
        *BOUNDS,
    )
    nulls = "rows for which the condition is unknown do not meet it"
    example = Example(
        toml='[[rules]]\nkind = "share"\nof = "status = \'paid\'"\nmin = 0.4\nmax = 0.6',
        passing={"status": ["paid", "open"]},
        failing={"status": ["paid", "paid", None]},
    )

    def figure(self, asked: Asked) -> str:
        """Divide the rows that meet it by all rows."""
        condition = safe_condition(asked["of"], asked.subject.relation)
        met = asked.filtered("count(*)", condition)
        return f"{met} / nullif({asked.filtered('count(*)')}, 0)"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the share of rows where {asked['of']}"

    def shown(self, asked: Asked, value: Any) -> str:
        """Return the share in percent."""
        del asked
        return share(value)


plugin = Share()
