"""Ways to write numbers: what sources and transforms read alike.

A text is stripped of its unit (a currency, a percent sign), of what stands between
thousands, and of the way its sign is written; what is left is a plain number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from dsp.engine.duckdb_engine import literal

MINUS = "\N{MINUS SIGN}"
SPACES = "\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"
"""Spaces that stand between thousands and hardly anywhere else."""

_SIGNS = (
    *"$€£¥₹₽₩₺₫₴₪฿₱₦₡₲₵₸₼₾",
    *("US$", "CA$", "C$", "AU$", "A$", "NZ$", "HK$", "S$", "NT$", "MX$", "R$", "CN¥"),
    *("kr", "kr.", "Kč", "zł", "Ft", "Fr.", "SFr.", "Rs", "Rs.", "RM"),
)
_CODES = frozenset(
    {
        *("COD", "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP"),
        *("CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD", "HUF"),
        *("IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "MAD", "MXN"),
        *("MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "RON"),
        *("RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD"),
        *("VND", "ZAR"),
    }
)
CURRENCIES = _CODES.union(_SIGNS)
_POINT_IS_DECIMAL = frozenset({"$", "US$"})
"""Signs that, in front, say that commas stand between thousands."""


@dataclass(frozen=True)
class Notation:
    """A way to write numbers.

    Attributes
    ----------
    name
        Words for the reason.
    pattern
        What every value must look like.
    plain
        SQL of ``{value}`` as a plain number, still text.
    proof
        What at least one value must look like, so that no other reading is possible;
        empty when the pattern says enough.
    veto
        What no value may look like.
    target
        Type of the numbers where nothing asks for another one.
    unit
        What was taken away: a currency or the percent sign; the value stays as written.
    decimal
        What stands before the decimals.
    mark
        What a sample must hold somewhere for the notation to be worth a trial.
    """

    name: str
    pattern: str
    plain: str = "{value}"
    proof: str = ""
    veto: str = ""
    target: str = "double"
    unit: str = ""
    decimal: str = "."
    mark: str = ""

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, compiled."""
        return re.compile(self.pattern)

    @property
    def template(self) -> str:
        """SQL that reads ``{value}``, NULL where it does not fit."""
        return f"try_cast({self.plain} as {self.target})"


@dataclass(frozen=True, slots=True)
class _Core:
    """Digits with what stands between thousands and before decimals."""

    words: str
    digits: str
    proof: str
    decimal: str = "."
    veto: str = ""
    mark: str = ""


def _grouped(sign: str) -> str:
    return f"(?:[0-9]{{1,3}}(?:{sign}[0-9]{{3}})+|[0-9]+)"


# "1,234" alone may be 1234 or 1.234: a proof is a text with one possible reading.
_CORES = (
    _Core(
        "commas between thousands",
        _grouped(",") + r"(?:\.[0-9]+)?",
        r".*,[0-9]{3}[,.].*|.*\.(?:[0-9]{1,2}|[0-9]{4,})(?:[^0-9].*)?",
    ),
    _Core(
        "commas after thousand, lakh and crore",
        r"(?:[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}|[0-9]{1,3})(?:\.[0-9]+)?",
        r".*[0-9],[0-9]{2},[0-9]{3}.*",
        mark="[0-9],[0-9]{2},",
    ),
    _Core(
        "apostrophes between thousands",
        _grouped("['’]") + r"(?:\.[0-9]+)?",
        ".*[0-9]['’][0-9]{3}.*",
        mark="['’]",
    ),
    _Core(
        "a decimal comma",
        _grouped(r"\.") + "(?:,[0-9]+)?",
        r".*,(?:[0-9]{1,2}|[0-9]{4,})(?:[^0-9].*)?|(?:.*[^0-9])?0,[0-9].*",
        ",",
        r"[^0-9]*[0-9]+\.[0-9]{3}(?:[^0-9,.].*)?",
    ),
    _Core(
        "points between thousands and a decimal comma",
        _grouped(r"\.") + "(?:,[0-9]+)?",
        r".*\.[0-9]{3}[,.].*",
        ",",
        mark=r"\.[0-9]{3}[,.]",
    ),
    _Core(
        "spaces between thousands and a decimal comma",
        _grouped(f"[ {SPACES}]") + "(?:,[0-9]+)?",
        f".*[0-9][{SPACES}][0-9]{{3}}.*|.*[0-9] [0-9]{{3}},[0-9].*",
        ",",
        mark=f"[0-9][ {SPACES}][0-9]",
    ),
    _Core(
        "spaces between thousands",
        _grouped(f"[ {SPACES}]") + r"(?:\.[0-9]+)?",
        rf".*[0-9][{SPACES}][0-9]{{3}}.*|.*[0-9] [0-9]{{3}}\.[0-9].*",
        mark=f"[0-9][ {SPACES}][0-9]",
    ),
)
_PLAIN = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_EXPONENT = r"(?:[eE][+-]?[0-9]{1,2})?"
LEADING_ZERO = r"[^0-9.]*0[0-9].*"
_ALL_SPACES = f"[ {SPACES}]?"


def _plain(*tokens: str, decimal: str = ".") -> str:
    """Return SQL that leaves digits, a point and a sign of a text of a notation."""
    value = "{value}"
    for token in sorted(tokens, key=len, reverse=True):
        value = f"replace({value}, {literal(token)}, '')"
    gone = f"'’()+-{MINUS} {SPACES}"
    kept, becomes = (".", "") if decimal == "." else (",", ".")
    other = "," if decimal == "." else "."
    if decimal == ".":
        bare = f"translate({value}, {literal(gone + other)}, '')"
    else:
        bare = f"translate({value}, {literal(kept + gone + other)}, {literal(becomes)})"
    negative = " or ".join(
        f"contains({{value}}, {literal(s)})" for s in ("-", MINUS, "(")
    )
    return f"(case when {negative} then '-' else '' end || {bare})"


def _signed(digits: str, plus: str = "") -> str:
    """Return the pattern of digits with a sign before or after, or in parentheses."""
    sign = f"[{plus}{MINUS}-]"
    return rf"(?:{sign}?{digits}|\({digits}\)|{digits}[{MINUS}-])"


def _bare() -> tuple[Notation, ...]:
    """Return the notations without a unit, in order of preference."""
    fraction = Notation(
        "numbers",
        f"-?{_PLAIN}{_EXPONENT}",
        veto=f"{LEADING_ZERO}|-?[0-9]{{17,}}.*",
    )
    whole = Notation("whole numbers", "-?[0-9]{1,18}", veto=LEADING_ZERO, target="bigint")
    signs = (
        ("a real minus sign", f"[{MINUS}-]?{_PLAIN}", f"{MINUS}.*", MINUS),
        (
            "a sign before all",
            rf"[+{MINUS}-]{_PLAIN}|0(?:\.0+)?",
            f"[{MINUS}-].*",
            r"^\+",
        ),
        ("negative ones in parentheses", rf"{_PLAIN}|\({_PLAIN}\)", "[0-9.].*", r"\("),
        (
            "the minus sign behind",
            f"{_PLAIN}[{MINUS}-]?",
            f".*[0-9][0-9.]+[{MINUS}-]",
            f"[{MINUS}-]$",
        ),
    )
    signed = (
        Notation(
            f"numbers with {words}",
            pattern,
            _plain(),
            proof,
            rf"{LEADING_ZERO}|[^0-9]*[0-9]{{16,}}.*",
            mark=mark,
        )
        for words, pattern, proof, mark in signs
    )
    grouped = (
        Notation(
            f"numbers with {core.words}",
            _signed(core.digits),
            _plain(decimal=core.decimal),
            core.proof,
            f"{LEADING_ZERO}|{core.veto}" if core.veto else LEADING_ZERO,
            decimal=core.decimal,
            mark=core.mark,
        )
        for core in _CORES
    )
    return (whole, fraction, *signed, *grouped)


@cache
def _with_unit(before: str, after: str) -> tuple[Notation, ...]:
    """Return the notations with a unit that stands in front, behind, or both."""
    tokens = tuple(dict.fromkeys(token for token in (before, after) if token))
    unit = " ".join(tokens)
    name = "percentages" if unit == "%" else f"amounts in {unit}"
    told = before in _POINT_IS_DECIMAL
    plain = _Core("", _PLAIN, "", veto=r"[^0-9]*[0-9]{1,3}\.[0-9]{3}(?:[^0-9.].*)?")
    if unit == "%" or told:
        # Shares with three decimals are common; amounts with three are not.
        plain = _Core("", _PLAIN, "")
    found = []
    for core in (plain, *_CORES):
        vetoes = [LEADING_ZERO, *([core.veto] if core.veto else [])]
        is_told = told and core.words == "commas between thousands"
        found.append(
            Notation(
                f"{name}, {core.words}" if core.words else name,
                _decorated(tokens, core.digits),
                _plain(*tokens, decimal=core.decimal),
                "" if is_told else core.proof,
                "|".join(vetoes),
                unit=unit,
                decimal=core.decimal,
                mark=core.mark,
            )
        )
    return tuple(found)


def _decorated(tokens: Sequence[str], digits: str) -> str:
    """Return the pattern of digits with units; a single one stands on either side."""
    sign, gap = f"[+{MINUS}-]?", _ALL_SPACES
    escaped = [re.escape(token) for token in tokens]
    inner = _signed(digits, "+")
    first, last = escaped[0], escaped[-1]
    if len(escaped) > 1:
        forms = [f"{sign}{first}{gap}{inner}{gap}{last}"]
        forms += [rf"\({first}{gap}{digits}{gap}{last}\)"]
    else:
        forms = [f"{sign}{gap}{first}{gap}{inner}", f"{inner}{gap}{first}"]
        forms += [rf"\({first}{gap}{digits}\)", rf"\({digits}{gap}{first}\)"]
    return "|".join(forms)


BARE = _bare()
NOTATIONS = BARE + tuple(
    notation for unit in ("%", "$", "€", "£", "¥") for notation in _with_unit(unit, "")
)
"""What a value may be read as when nothing but the value is known."""
_OPENING = rf"[-+({MINUS} ]*"
_CLOSING = rf"[-){MINUS}]*"
_WORD = rf"[^-+(){MINUS}\s0-9]"
_UNIT = re.compile(
    rf"{_OPENING}(?P<before>(?![.,]){_WORD}+)?\s?{_OPENING}"
    rf"[0-9.,][0-9.,'’ {SPACES}]*{_CLOSING}\s*(?P<after>{_WORD}+)?\)?"
)


def candidates(text: str) -> tuple[Notation, ...]:
    """Return the notations that a text may be written in, going by its unit.

    Examples
    --------
    >>> [n.name for n in candidates("12 %")][:1]
    ['percentages']
    >>> candidates("12 apples")
    ()
    """
    match = _UNIT.fullmatch(text)
    if match is None or not (match["before"] or match["after"]):
        return BARE
    before, after = match["before"] or "", match["after"] or ""
    known = {token for token in (before, after) if token}
    if known == {"%"} or known <= CURRENCIES:
        return _with_unit(before, after)
    return BARE if re.fullmatch(BARE[1].pattern, text) else ()


def fitting(texts: Sequence[str]) -> list[Notation]:
    """Return the notations that none of the texts rules out, the likeliest first."""
    if not texts:
        return []
    tried = candidates(texts[0])
    return [
        n
        for n in tried
        if all(n.regex.fullmatch(text) for text in texts)
        and (not n.mark or any(re.search(n.mark, text) for text in texts))
    ]
