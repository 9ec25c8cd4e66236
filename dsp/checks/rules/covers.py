"""Every value of a list is there."""

from __future__ import annotations

from typing import Any

from dsp.checks.kind import Asked, Example, FigureKind, Parameter, in_words
from dsp.checks.rules.one_of import OneOf
from dsp.checks.values import bound_sql


class Covers(FigureKind):
    """Holds that every value of a list is in at least one row."""

    name = "covers"
    title = "every value of a list is there"
    dimension = "completeness"
    parameters = (
        Parameter("values", "scalars", "Values that must be there.", is_required=True),
    )
    primary = "values"
    families = OneOf.families
    nulls = "they are left out"
    example = Example(
        toml='[columns.region]\ncovers = ["North", "South"]',
        passing={"region": ["North", "South", "East", None]},
        failing={"region": ["North", "East", None]},
    )

    def figure(self, asked: Asked) -> str:
        """Count the values of the list that no row has."""
        column = asked.column
        values = [bound_sql(column, v, kind=self.name) for v in asked["values"]]
        found = [asked.filtered(f"bool_or({column.sql} = {value})") for value in values]
        lacking = " + ".join(f"(not coalesce({f}, false))::int" for f in found) or "0"
        return f"case when {asked.seen()} > 0 then {lacking} end"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the number of {in_words(asked['values'])} that {asked.names} lacks"

    def wrong(self, asked: Asked, figure: str) -> str:
        """Fail when one is lacking."""
        del asked
        return f"{figure} > 0"

    def allowed(self, asked: Asked) -> str:
        """Name what is allowed."""
        del asked
        return "0"

    def shown(self, asked: Asked, value: Any) -> str:
        """Return the number."""
        del asked
        return str(value)


plugin = Covers()
