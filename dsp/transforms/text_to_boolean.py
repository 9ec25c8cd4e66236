"""Texts that say true and false become booleans."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.engine.relation import Field, Figures, count_if, literal
from dsp.engine.words import BOOLEANS
from dsp.numbers import counted
from dsp.transforms.base import ColumnTransform, Proposal, bare, bare_head, number_of


class TextToBoolean(ColumnTransform):
    """Turns a text column of exactly true/false or yes/no into booleans."""

    name = "text_to_boolean"
    order = 70
    is_cast = True

    def measures(self, column: Field, head: list[str] | None) -> Iterable[str]:
        """Count the values, and those that are one of the two words."""
        pair = _pair(head)
        if pair:
            yield f"count({bare(column)})"
            for word in pair:
                yield _is(column, word)

    def propose(
        self, column: Field, head: list[str] | None, figures: Figures
    ) -> Proposal | None:
        """Propose booleans when both words occur and nothing else does."""
        pair = _pair(head)
        if not pair:
            return None
        n = number_of(figures, f"count({bare(column)})")
        yes, no = (number_of(figures, _is(column, word)) for word in pair)
        if not yes or not no or yes + no != n:
            return None
        return Proposal(
            column.name,
            f"(lower({{value}}) = {literal(pair[0])})",
            f"all {counted(n, 'value')} are {pair[0]} or {pair[1]}",
            n,
        )


def _pair(head: list[str] | None) -> tuple[str, str] | None:
    met = {text.lower() for text in bare_head(head or ())}
    for pair in BOOLEANS:
        if met and met <= set(pair):
            return pair
    return None


def _is(column: Field, word: str) -> str:
    return count_if(f"lower({bare(column)}) = {literal(word)}")


plugin = TextToBoolean()
