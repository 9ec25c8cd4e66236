"""No value is of a list."""

from __future__ import annotations

from dsp.checks.kind import Asked, Example, Parameter, RowKind, in_words
from dsp.checks.rules.one_of import OneOf, contained


class NotOneOf(RowKind):
    """Holds that no value is of a list."""

    name = "not_one_of"
    title = "no value is of a list"
    parameters = (
        Parameter("values", "scalars", "Values that may not be.", is_required=True),
        Parameter("ignore_case", "boolean", "Whether case is ignored.", default=False),
    )
    primary = "values"
    families = OneOf.families
    example = Example(
        toml='[columns.name]\nnot_one_of = { values = ["test"], ignore_case = true }',
        passing={"name": ["Ann", None]},
        failing={"name": ["Ann", "TEST", None]},
    )

    def failing(self, asked: Asked) -> str:
        """Fail where the list holds the value."""
        return contained(asked)

    def expectation(self, asked: Asked) -> str:
        """Name the values."""
        return f"{asked.names} is not {in_words(asked['values'])}"


plugin = NotOneOf()
