"""The types that text may stand for, each with a proof that nothing is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dsp.engine.date_formats import FORMATS, Format
from dsp.engine.duckdb_engine import literal
from dsp.engine.number_notations import Notation
from dsp.engine.words import BOOLEANS


@dataclass(frozen=True, slots=True)
class Kind:
    """A type that text may stand for.

    `valid` and `value` are SQL with ``{c}`` for the column: whether a text is a value of
    this type without loss, and that value.

    Attributes
    ----------
    name
        The family of the type.
    looks
        Regular expression that the stripped texts of a sample must match.
    note
        What people must know: the notation or the format.
    proof
        SQL that must hold for at least one text, so that no other reading is possible.
    rival
        Two kinds of one group that both fit leave the column as text: the data does not
        say which is meant.
    number
        SQL of a plain number, still text, where the kind is a number.
    unit
        The currency or percent sign that is taken away.
    """

    name: str
    valid: str
    value: str
    looks: str
    note: str = ""
    proof: str = ""
    rival: str = ""
    number: str = ""
    unit: str = ""

    def fits(self, texts: list[str]) -> bool:
        """Say whether no text of a sample rules the kind out."""
        pattern = re.compile(self.looks, re.IGNORECASE)
        return all(pattern.fullmatch(text) for text in texts)


_DOUBLE = "try_cast({c} as double)"
HAS_FEW_DIGITS = (
    "length(trim(replace(regexp_replace(lower({c}), 'e.*$', ''), '.', ''), '-0 ')) <= 17"
)
# Doubles hold every whole number up to 2^53, not those above it: 9007199254740993.
# The quick test refuses some that are held, for the slow one to look at: a cast that is
# written behind "or" is computed for every row.
IS_BELOW_2_53 = "(abs({v}) < 9007199254740992 or contains({c}, '.'))"
_KEEPS_WHOLE = (
    f"({IS_BELOW_2_53} or regexp_matches({{c}}, '[eE]') "
    "or try_cast({c} as hugeint) = try_cast({v} as hugeint))"
).replace("{v}", _DOUBLE)
# Comparing whole texts is many times faster than cutting them into pieces.
_NO_ZEROS = "not ({c} between '00' and '09~' or {c} between '-00' and '-09~')"
_FAST = (
    f"strlen({{c}}) <= 17 and isfinite({_DOUBLE}) and {_DOUBLE} <> 0 "
    f"and {{c}} >= '-' and {{c}} < ':' and {_NO_ZEROS} and not contains({{c}}, '_') "
    f"and {_KEEPS_WHOLE}"
)
# No overflow to infinity, no underflow of things like 0e12345, no leading zeros or plus
# signs (those are codes), no digits lost.
_SLOW = (
    f"(isfinite({_DOUBLE}) or lower(trim({{c}})) in "
    "('nan', 'inf', '-inf', 'infinity', '-infinity')) "
    f"and not ({_DOUBLE} = 0 and contains(lower({{c}}), 'e')) "
    f"and {_NO_ZEROS.replace('{c}', 'trim({c})')} "
    "and not contains({c}, '_') and not starts_with(ltrim({c}), '+') "
    f"and case when length({{c}}) <= 17 then true else {HAS_FEW_DIGITS} end "
    f"and (not isfinite({_DOUBLE}) or {_KEEPS_WHOLE})"
)

BOOLEAN = Kind(
    "boolean",
    "lower(trim({c})) in ('true', 'false')",
    "lower(trim({c})) = 'true'",
    "true|false",
)
INTEGER = Kind(
    "integer",
    "cast(try_cast({c} as bigint) as varchar) = trim({c})",
    "cast({c} as bigint)",
    "-?(?:0|[1-9][0-9]{0,18})",
    number="{c}",
)
FLOAT = Kind(
    "float",
    f"case when {_FAST} then true else {_SLOW} end",
    "cast({c} as double)",
    r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|nan|-?inf(?:inity)?",
    number="{c}",
)
NO_VALUE = Kind("boolean", "", "cast(null as boolean)", "", "boolean; holds no value")

_OFFSET = "(?:z|utc|gmt|[+-][0-9]{2}(?::?[0-9]{2})?)"
_HAS_OFFSET = (
    "regexp_matches(substr(trim({c}), 11), '(Z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$', 'i')"
)
_DASHES = "{c} like '____-__-__%'"
_CLOCK = "[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ t][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"

DATE = Kind(
    "date",
    "try_cast({c} as date) is not null and {c} like '____-__-__'",
    "cast({c} as date)",
    "[0-9]{4}-[0-9]{2}-[0-9]{2}",
)
TIMESTAMP = Kind(
    "timestamp",
    f"try_cast({{c}} as timestamp) is not null and {_DASHES} and {{c}} >= '0' "
    f"and not {_HAS_OFFSET} and length(trim({{c}})) between 16 and 26 "
    "and substr({c}, 12, 2) < '24'",
    "cast({c} as timestamp)",
    _MOMENT,
)
ZONED = Kind(
    "timestamptz",
    f"try_cast({{c}} as timestamptz) is not null and {_DASHES} "
    f"and length(trim({{c}})) between 17 and 36 and {_HAS_OFFSET} "
    "and substr({c}, 12, 2) < '24'",
    "cast({c} as timestamptz)",
    rf"{_MOMENT} ?{_OFFSET}",
    "timestamptz; moments, whose offsets are not kept",
)
TIME = Kind(
    "time",
    "try_cast({c} as time) is not null and substr(trim({c}), 1, 2) < '24' "
    "and regexp_full_match(trim({c}), "
    "'[0-2]?[0-9]:[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?')",
    "cast({c} as time)",
    rf"{_CLOCK}(?:\.[0-9]{{1,6}})?",
)
_HALF = "try_strptime(trim({c}), ['%I:%M %p', '%I:%M:%S %p'])"
HALF_TIME = Kind(
    "time",
    f"{_HALF} is not null",
    f"cast({_HALF} as time)",
    "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})? [ap]m",
    "time; written with am and pm",
)
STANDARD = (DATE, TIMESTAMP, ZONED, TIME, HALF_TIME)
_ISO = 3
"""Formats at the head of the table that `STANDARD` reads with more care."""


def _written(form: Format) -> Kind:
    """Return the kind of dates or moments in a format."""
    text = "trim({c})"
    read = form.template.replace("{value}", text)
    fits = f"regexp_full_match({text}, {literal(form.pattern)}, 'i')"
    name = "date" if form.is_date else "timestamp"
    clock = re.sub(r"^%[md]([/-])%[md]\1%Y", r"\1", form.name)
    return Kind(
        name,
        f"{fits} and {read} is not null",
        read,
        form.pattern,
        f"{name} {form.name}",
        rival=clock if clock != form.name else "",
    )


# Eight digits are a number first: nothing says that they are a date.
OTHER_DATES = tuple(_written(form) for form in FORMATS[_ISO:] if form.name != "%Y%m%d")


def numbers_in(notation: Notation) -> tuple[Kind, Kind]:
    """Return the kinds of whole numbers and of numbers in a notation."""
    text = "trim({c})"
    number = notation.plain.replace("{value}", text)
    fits = f"regexp_full_match({text}, {literal(notation.pattern)})"
    if notation.veto:
        fits += f" and not regexp_full_match({text}, {literal(notation.veto)})"
    proof = ""
    if notation.proof:
        proof = f"regexp_full_match({text}, {literal(notation.proof)})"
    kept = "; 12% is 12" if notation.unit == "%" else ""

    def written(kind: Kind) -> Kind:
        return Kind(
            kind.name,
            f"{fits} and {kind.valid.replace('{c}', number)}",
            kind.value.replace("{c}", number),
            notation.pattern,
            f"{kind.name}; {notation.name}{kept}",
            proof,
            number=f"case when {fits} then {number} else 'not one' end",
            unit=notation.unit,
        )

    return written(INTEGER), written(FLOAT)


def booleans_of(pair: tuple[str, str]) -> Kind:
    """Return the kind of booleans in two words."""
    true, false = pair
    text = "lower(trim({c}))"
    return Kind(
        "boolean",
        f"{text} in ({literal(true)}, {literal(false)})",
        f"{text} = {literal(true)}",
        "|".join(map(re.escape, pair)),
        f"boolean; {true} is true, {false} is false",
    )


WORDS = tuple(booleans_of(pair) for pair in BOOLEANS[1:])
