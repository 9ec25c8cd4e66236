"""JSON columns that hold only single values become text."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.engine.relation import Field, Figures, count_if
from dsp.numbers import counted
from dsp.transforms.base import ColumnTransform, Proposal, number_of


class JsonToText(ColumnTransform):
    """Turns a JSON column without objects and lists into text."""

    name = "json_to_text"
    order = 5
    is_cast = True

    def measures(self, column: Field, head: list[str] | None) -> Iterable[str]:
        """Count all values and those that are objects or lists."""
        if column.family == "json":
            yield f"count({column.sql})"
            yield _nested(column)

    def propose(
        self,
        column: Field,
        head: list[str] | None,
        figures: Figures,
    ) -> Proposal | None:
        """Propose the plain text of each value."""
        n = number_of(figures, f"count({column.sql})")
        if column.family != "json" or not n or figures.get(_nested(column)) != 0:
            return None
        return Proposal(
            column.name,
            "({value} ->> '$')",
            f"{counted(n, 'value')} of mixed kinds in JSON, none of them an object "
            f"or a list",
            n,
        )


def _nested(column: Field) -> str:
    return count_if(f"json_type({column.sql}) in ('OBJECT', 'ARRAY')")


plugin = JsonToText()
