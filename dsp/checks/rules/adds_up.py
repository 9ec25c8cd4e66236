"""Columns add up to another."""

from __future__ import annotations

from dsp.checks.kind import NUMERIC, Asked, Example, Parameter, RowKind, wrong_type
from dsp.checks.values import plain_number


class AddsUp(RowKind):
    """Holds that some columns add up to a total."""

    name = "adds_up"
    title = "columns add up to another"
    dimension = "consistency"
    n_columns = (1, None)
    parameters = (
        Parameter("total", "text", "Column of the total.", is_required=True),
        Parameter("within", "number", "How far off the sum may be.", default=0),
    )
    families = NUMERIC
    nulls = "rows that lack one of the columns pass; NaN fails"
    example = Example(
        toml='[[rules]]\nkind = "adds_up"\ncolumns = ["net", "tax"]\ntotal = "gross"',
        passing={
            "net": [0.1, 5.0, None],
            "tax": [0.2, 1.0, 1.0],
            "gross": [0.3, 6.0, 9.0],
        },
        failing={"net": [0.1, 5.0], "tax": [0.2, 1.0], "gross": [0.31, 6.0]},
    )

    def seen(self, asked: Asked) -> str:
        """Count the rows that have all the columns."""
        return asked.seen([*asked.columns, asked.find(asked["total"])])

    def failing(self, asked: Asked) -> str:
        """Fail where the difference is too great; floats may be 1e-9 off."""
        total = asked.find(asked["total"])
        if total.family not in NUMERIC:
            raise wrong_type(self.name, total, NUMERIC)
        columns, within = [*asked.columns, total], plain_number(asked["within"])
        if all(column.family == "integer" for column in columns):
            parts = [f"cast({column.sql} as hugeint)" for column in columns]
            return f"abs({' + '.join(parts[:-1])} - {parts[-1]}) > {within}"
        rough = [f"cast({column.sql} as double)" for column in columns]
        off = f"abs({' + '.join(rough[:-1])} - {rough[-1]})"
        loose = f"not ({off} <= {within} + 1e-9 * abs({rough[-1]}))"
        if any(column.family == "float" for column in columns):
            return loose
        exact = " + ".join(column.sql for column in asked.columns)
        return f"coalesce(try(abs({exact} - {total.sql}) > {within}), {loose})"

    def expectation(self, asked: Asked) -> str:
        """Name the columns."""
        return f"{' + '.join(asked.labels)} = {asked['total']}"


plugin = AddsUp()
