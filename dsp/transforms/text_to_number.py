"""Texts that are all numbers become numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dsp.engine.number_notations import Notation, fitting
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

CODES = re.compile(
    r"zip|postal|postcode|phone|mobile|fax|iban|isbn|ean|sku|barcode|ssn|vat|code$", re.I
)
"""Names of columns whose digits are labels, not quantities."""


class TextToNumber(ColumnTransform):
    """Turns a text column into numbers when every value is one in the same notation.

    Digits that are labels stay text: values with leading zeros, and columns called zip,
    phone, code and the like.
    """

    name = "text_to_number"
    order = 60
    is_cast = True

    def measures(self, column: Field, head: list[str] | None) -> Iterable[str]:
        """Count the values, and those that each notation that may fit can read."""
        notations = _fitting(column, head)
        if notations:
            yield f"count({bare(column)})"
        for item in notations:
            yield _read(column, item)
            yield from (_like(column, p) for p in (item.proof, item.veto) if p)

    def propose(
        self, column: Field, head: list[str] | None, figures: Figures
    ) -> Proposal | None:
        """Propose numbers when one notation reads every value and no other reading is."""
        n = number_of(figures, f"count({bare(column)})")
        if not n:
            return None
        for item in _fitting(column, head):
            if number_of(figures, _read(column, item)) != n:
                continue
            if item.proof and not number_of(figures, _like(column, item.proof)):
                continue
            if item.veto and number_of(figures, _like(column, item.veto)):
                continue
            return Proposal(
                column.name,
                item.template,
                f"all {counted(n, 'value')} are {item.name}",
                n,
            )
        return None


def _fitting(column: Field, head: list[str] | None) -> list[Notation]:
    texts = bare_head(head or ())
    if not texts or CODES.search(column.name):
        return []
    return fitting(texts)


def _like(column: Field, pattern: str) -> str:
    return count_if(f"regexp_full_match({bare(column)}, {literal(pattern)})")


def _read(column: Field, item: Notation) -> str:
    value = bare(column)
    fits = f"regexp_full_match({value}, {literal(item.pattern)})"
    read = templated(item.template, value)
    return count_if(f"{fits} and {read} is not null and isfinite(cast({read} as double))")


plugin = TextToNumber()
