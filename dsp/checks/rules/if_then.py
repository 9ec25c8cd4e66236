"""Where one condition holds, another does."""

from __future__ import annotations

from dsp.checks.conditions import broken_condition, safe_condition
from dsp.checks.kind import ANY, Asked, Example, Parameter, RowKind


class IfThen(RowKind):
    """Holds that rows that meet one condition meet another."""

    name = "if_then"
    title = "where one condition holds, another does"
    dimension = "consistency"
    n_columns = ANY
    parameters = (
        Parameter("if", "condition", "Condition on a row.", is_required=True),
        Parameter("then", "condition", "What such rows must meet.", is_required=True),
    )
    nulls = "unknown passes; what cannot be computed fails"
    example = Example(
        toml='[[rules]]\nkind = "if_then"\nif = "status = \'paid\'"\nthen = "amount > 0"',
        passing={"status": ["paid", "open", None], "amount": [1, 0, 0]},
        failing={"status": ["paid", "paid", "open"], "amount": [0, 1, 0]},
    )

    def seen(self, asked: Asked) -> str:
        """Count the rows that meet the first condition."""
        first = safe_condition(asked["if"], asked.subject.relation)
        return asked.filtered("count(*)", first)

    def failing(self, asked: Asked) -> str:
        """Fail where the first holds and the second does not."""
        relation = asked.subject.relation
        first = safe_condition(asked["if"], relation)
        return f"{first} and {broken_condition(asked['then'], relation)}"

    def expectation(self, asked: Asked) -> str:
        """Give the conditions."""
        return f"{asked['then']}, where {asked['if']}"


plugin = IfThen()
