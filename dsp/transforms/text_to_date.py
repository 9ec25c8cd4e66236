"""Texts that are all dates or moments of one format become dates or timestamps."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.engine.date_formats import TWINS, Format, fitting
from dsp.engine.relation import Field, Figures, count_if, literal
from dsp.numbers import counted
from dsp.transforms.base import (
    ColumnTransform,
    Proposal,
    bare,
    bare_head,
    number_of,
    templated,
)


class TextToDate(ColumnTransform):
    """Turns a text column into dates or timestamps when one format fits every value.

    Where day and month could be exchanged (no value tells them apart), the column is
    left as text.
    """

    name = "text_to_date"
    order = 50
    is_cast = True

    def measures(self, column: Field, head: list[str] | None) -> Iterable[str]:
        """Count the values, and those that each format that may fit can read."""
        formats = _fitting(head)
        if formats:
            yield f"count({bare(column)})"
        for item in formats:
            yield _read(column, item)

    def propose(
        self, column: Field, head: list[str] | None, figures: Figures
    ) -> Proposal | None:
        """Propose the type when exactly one reading of all values is possible."""
        formats = _fitting(head)
        n = number_of(figures, f"count({bare(column)})")
        if not formats or not n:
            return None
        whole = [f for f in formats if number_of(figures, _read(column, f)) == n]
        names = {item.name for item in whole}
        if not whole or TWINS.get(whole[0].name) in names:
            return None
        best = whole[0]
        kind = "dates" if best.is_date else "timestamps"
        return Proposal(
            column.name,
            best.template,
            f"all {counted(n, 'value')} are {kind} in the format {best.name}",
            n,
        )


def _fitting(head: list[str] | None) -> list[Format]:
    return fitting(bare_head(head or ()))


def _read(column: Field, item: Format) -> str:
    value = bare(column)
    fits = f"regexp_full_match({value}, {literal(item.pattern)}, 'i')"
    return count_if(f"{fits} and {templated(item.template, value)} is not null")


plugin = TextToDate()
