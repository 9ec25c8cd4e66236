"""Blank texts become NULL."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.engine.relation import Field, Figures, count_if
from dsp.numbers import counted
from dsp.transforms.base import ColumnTransform, Proposal, number_of, trimmed, untidy


class BlankToNull(ColumnTransform):
    """Turns empty texts and texts of white space into NULL."""

    name = "blank_to_null"
    order = 20

    def measures(self, column: Field, head: list[str] | None) -> Iterable[str]:
        """Count the texts that are blank or padded."""
        if column.family == "text":
            yield untidy(column)

    def counts(self, column: Field, figures: Figures) -> Iterable[str]:
        """Count the blank texts."""
        if number_of(figures, untidy(column)):
            yield count_if(f"{trimmed(column.sql)} = ''")

    def propose(
        self,
        column: Field,
        head: list[str] | None,
        figures: Figures,
    ) -> Proposal | None:
        """Propose NULL where the text is blank."""
        n = number_of(figures, count_if(f"{trimmed(column.sql)} = ''"))
        if not n:
            return None
        return Proposal(
            column.name,
            f"case when {trimmed('{value}')} = '' then null else {{value}} end",
            f"{counted(n, 'value')} empty or white space: counted as missing from "
            f"here on",
            n,
        )


plugin = BlankToNull()
