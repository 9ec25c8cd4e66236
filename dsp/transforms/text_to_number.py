"""Texts that are all numbers become numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from dsp.engine.relation import Field, Figures, count_if, literal
from dsp.numbers import counted
from dsp.transforms.base import (
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


@dataclass(frozen=True)
class Notation:
    """A way to write numbers.

    Attributes
    ----------
    name
        Words for the reason.
    pattern
        What every value must look like.
    template
        SQL that reads ``{value}``, NULL where it does not fit.
    proof
        What at least one value must look like, so that no other reading is possible;
        empty when the pattern says enough.
    veto
        What no value may look like.
    """

    name: str
    pattern: str
    template: str
    proof: str = ""
    veto: str = ""

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, compiled."""
        return re.compile(self.pattern)


def _double(*removed: str, comma_is_point: bool = False) -> str:
    value = "{value}"
    for text in removed:
        value = f"replace({value}, {literal(text)}, '')"
    if comma_is_point:
        value = f"replace({value}, ',', '.')"
    return f"try_cast({value} as double)"


_PLAIN = r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?"
_GROUPED = r"-?([0-9]{1,3}(,[0-9]{3})+|[0-9]{1,3})(\.[0-9]+)?"
_LEADING_ZERO = r"-?0[0-9].*"

NOTATIONS = (
    Notation(
        "whole numbers",
        r"-?[0-9]{1,18}",
        "try_cast({value} as bigint)",
        veto=_LEADING_ZERO,
    ),
    Notation("numbers", _PLAIN, _double(), veto=rf"{_LEADING_ZERO}|-?[0-9]{{17,}}.*"),
    Notation(
        "numbers with commas between thousands",
        _GROUPED,
        _double(","),
        proof=r".*,[0-9]{3}(,|\.).*",
    ),
    Notation(
        "numbers with apostrophes between thousands",
        r"-?([0-9]{1,3}('[0-9]{3})+|[0-9]{1,3})(\.[0-9]+)?",
        _double("'"),
        proof=".*'.*",
    ),
    Notation(
        "numbers with a decimal comma",
        r"-?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?",
        _double(".", comma_is_point=True),
        proof=r".*,([0-9]{1,2}|[0-9]{4,})|.*\..*,.*",
        veto=r"-?0[0-9].*|-?[0-9]+\.[0-9]{3}",
    ),
    Notation("percentages", rf"{_PLAIN} ?%", _double("%", " ")),
    *(
        Notation(
            f"amounts in {sign}",
            rf"-?{mark} ?-?([0-9]{{1,3}}(,[0-9]{{3}})+|[0-9]+)(\.[0-9]{{1,2}})?",
            _double(sign, ",", " "),
            # Groups of three alone may be decimals elsewhere: 1,234 euros in Berlin.
            proof="" if sign == "$" else rf".*{mark}.*(\.[0-9]{{1,2}}|,[0-9]{{3}},.*)",
        )
        for sign, mark in (("$", r"\$"), ("€", "€"), ("£", "£"), ("¥", "¥"))
    ),
)


class TextToNumber:
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
    return [n for n in NOTATIONS if all(n.regex.fullmatch(text) for text in texts)]


def _like(column: Field, pattern: str) -> str:
    return count_if(f"regexp_full_match({bare(column)}, {literal(pattern)})")


def _read(column: Field, item: Notation) -> str:
    value = bare(column)
    fits = f"regexp_full_match({value}, {literal(item.pattern)})"
    read = templated(item.template, value)
    return count_if(f"{fits} and {read} is not null and isfinite(cast({read} as double))")


plugin = TextToNumber()
