"""The table has about as many rows as another."""

from __future__ import annotations

from typing import Any

from dsp.checks.kind import NONE, Asked, Example, FigureKind, Parameter, Reference
from dsp.checks.rule import Rule
from dsp.checks.values import plain_number
from dsp.numbers import share


class RowCountLike(FigureKind):
    """Holds the number of rows against that of another table."""

    name = "row_count_like"
    title = "the table has about as many rows as another"
    dimension = "completeness"
    n_columns = NONE
    parameters = (
        Parameter("to", "source", "The other file or table.", is_required=True),
        Parameter("within", "number", "Share that it may differ by (0-1).", default=0),
    )
    primary = "to"
    nulls = "they count as rows"
    example = Example(
        toml='[table]\nrow_count_like = { to = "old.csv", within = 0.5 }',
        passing={"a": [1, 2, None]},
        failing={"a": [1]},
        references={"old.csv": {"a": [1, 2, 3, 4]}},
    )

    def references(self, rule: Rule) -> tuple[Reference, ...]:
        """Need the other table."""
        return (Reference(rule.parameters["to"]),)

    def figure(self, asked: Asked) -> str:
        """Divide the rows by those of the other table."""
        other = asked.reference(asked["to"])
        there = f"(select count(*) from {other.sql} as r)"
        return f"{asked.filtered('count(*)')} / nullif({there}, 0)"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        to = asked["to"] if isinstance(asked["to"], str) else "the other table"
        return f"the number of rows in relation to {to}"

    def wrong(self, asked: Asked, figure: str) -> str:
        """Compare the ratio with one."""
        return f"abs({figure} - 1) > {plain_number(asked['within'])} + 1e-12"

    def allowed(self, asked: Asked) -> str:
        """Name what is allowed."""
        return f"100 % ± {share(asked['within'])}"

    def shown(self, asked: Asked, value: Any) -> str:
        """Return the ratio in percent."""
        del asked
        return share(value)


plugin = RowCountLike()
