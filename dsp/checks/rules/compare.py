"""Two columns compare as they should."""

from __future__ import annotations

from dsp.checks.base import label
from dsp.checks.kind import Asked, Example, Parameter, RowKind
from dsp.errors import RuleError

SIGNS = ("<", "<=", "=", "<>", ">=", ">")


class Compare(RowKind):
    """Holds that the first of two columns compares with the second as it should."""

    name = "compare"
    title = "one column is below, at or above another"
    dimension = "consistency"
    n_columns = (2, 2)
    parameters = (
        Parameter("is", "choice", "How they compare.", is_required=True, choices=SIGNS),
    )
    nulls = "rows that lack one of the two pass; NaN is above all numbers"
    example = Example(
        toml='[[rules]]\nkind = "compare"\ncolumns = ["start", "end"]\nis = "<="',
        passing={"start": [1, 2, None, 5], "end": [1, 3, 0, None]},
        failing={"start": [2, 2, None], "end": [1, 3, 0]},
    )

    def failing(self, asked: Asked) -> str:
        """Fail where it does not compare so."""
        first, second = asked.columns
        numbers = first.is_numeric and second.is_numeric
        dates = first.is_temporal and second.is_temporal
        if not (first.data_type == second.data_type or numbers or dates):
            raise RuleError(
                f"{label(first.name)} holds {first.data_type}, and {label(second.name)} "
                f"{second.data_type}: they do not compare"
            )
        test = f"{first.sql} {asked['is']} {second.sql}"
        # A whole number may be too long for the type that a decimal asks of it.
        mixed = {first.family, second.family} == {"integer", "decimal"}
        return f"not try({test})" if mixed else f"not ({test})"

    def expectation(self, asked: Asked) -> str:
        """Name columns and sign."""
        first, second = asked.labels
        return f"{first} {asked['is']} {second}"


plugin = Compare()
