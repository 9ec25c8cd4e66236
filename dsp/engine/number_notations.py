"""Ways to write numbers: what sources and transforms read alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from dsp.engine.duckdb_engine import literal


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
