"""White space at the ends of texts goes."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.engine.relation import Field, Figures, count_if
from dsp.numbers import counted
from dsp.transforms.base import ColumnTransform, Proposal, number_of, trimmed, untidy


class Trim(ColumnTransform):
    """Cuts white space off both ends of texts."""

    name = "trim"
    order = 30

    def measures(self, column: Field, head: list[str] | None) -> Iterable[str]:
        """Count the texts that are blank or padded."""
        if column.family == "text":
            yield untidy(column)

    def counts(self, column: Field, figures: Figures) -> Iterable[str]:
        """Count the texts with white space at an end that are not blank."""
        if number_of(figures, untidy(column)):
            yield _padded(column)

    def propose(
        self,
        column: Field,
        head: list[str] | None,
        figures: Figures,
    ) -> Proposal | None:
        """Propose the text without the white space at its ends."""
        n = number_of(figures, _padded(column))
        if not n:
            return None
        return Proposal(
            column.name,
            trimmed("{value}"),
            f"{counted(n, 'value')} with white space at an end: equal texts differ",
            n,
        )


def _padded(column: Field) -> str:
    cut = trimmed(column.sql)
    return count_if(f"{column.sql} <> {cut} and {cut} <> ''")


plugin = Trim()
