"""Accounts, cards, banks, securities, currencies."""

from __future__ import annotations

import re

from dsp.engine.relation import let
from dsp.semantic.checksums import (
    doubled_letters,
    luhn,
    mod_97,
    mod_97_digits,
    two_digits,
    weighted,
)
from dsp.semantic.codes import ACCOUNTS, COUNTRIES, CURRENCIES
from dsp.semantic.record import COMPACT, COMPACT_UPPER, UPPER, SemanticType

_CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}


def account_pattern(structure: str) -> str:
    """Return the pattern of an account number from its structure in the register.

    Examples
    --------
    >>> account_pattern("4a14n")
    '[A-Z]{4}[0-9]{14}'
    """
    parts = re.findall("([0-9]+)([nac])", structure)
    return "".join(f"{_CLASSES[kind]}{{{count}}}" for count, kind in parts)


def accounts() -> dict[str, str]:
    """Return the structure of account numbers by country."""
    return dict(entry.split(":") for entry in ACCOUNTS.split())


_IBAN = "|".join(f"{c}[0-9]{{2}}{account_pattern(s)}" for c, s in accounts().items())
_MOVED = "substr({t}, 5) || left({t}, 4)"
# Most account numbers are digits; the two letters of the country are then all there are.
_COUNTRY_DIGITS = (
    "(unicode({t}) - 55) || (unicode(substr({t}, 2, 1)) - 55) || substr({t}, 3, 2)"
)
_IBAN_CHECK = (
    "case when substr({t}, 5) < 'A' and not regexp_matches(substr({t}, 5), '[A-Z]') "
    f"then {let('d', f'substr({{t}}, 5) || {_COUNTRY_DIGITS}', mod_97_digits('d', 36))} "
    f"else {mod_97(_MOVED)} end = 1"
)
_ISIN_CHECK = (
    "case when regexp_matches(substr({t}, 3), '[A-Z]') "
    f"then {let('d', two_digits('{t}'), luhn('d'))} else "
    + let(
        "d",
        "(unicode({t}) - 55) || (unicode(substr({t}, 2, 1)) - 55) || substr({t}, 3)",
        luhn("d"),
    )
    + " end = 0"
)

IBAN = SemanticType(
    name="iban",
    many="IBANs",
    source="ISO 13616-1; SWIFT IBAN registry, release 101",
    form=COMPACT_UPPER,
    pattern=_IBAN,
    check=_IBAN_CHECK,
    looks="[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}",
    chance=1 / 97,
    names=None,
    inside=r"\b[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?\b",
    valid=(
        "DE89370400440532013000",
        "GB82 WEST 1234 5698 7654 32",
        "fr1420041010050500013m02606",
        "NO9386011117947",
    ),
    invalid=("DE89370400440532013001", "DE8937040044053201300", "XX89370400440532013000"),
)
PAYMENT_CARD = SemanticType(
    name="payment_card",
    many="payment card numbers",
    source="ISO/IEC 7812-1 (Luhn); ranges of the issuers in use",
    form=COMPACT,
    pattern="[3-6][0-9]{11,18}|2[2-7][0-9]{14}|(2131|1800)[0-9]{11}",
    check=f"{luhn('{t}')} = 0",
    chance=0.1,
    names=("card", "pan", "creditcard", "cc"),
    inside=(
        r"\b[2-6][0-9]{3}([ -]?[0-9]{4}){2}[ -]?[0-9]{1,7}\b"
        r"|\b3[0-9]{3}[ -]?[0-9]{6}[ -]?[0-9]{4,5}\b"
    ),
    valid=(
        "4111 1111 1111 1111",
        "5500-0000-0000-0004",
        "378282246310005",
        "30569309025904",
        "6011111111111117",
    ),
    invalid=("4111111111111112", "411111111111", "0000000000000000", "4111x11111111111"),
)
BIC = SemanticType(
    name="bic",
    many="BICs",
    source="ISO 9362:2022",
    form=UPPER,
    pattern=(
        f"[A-Z]{{4}}({'|'.join([*COUNTRIES.split(), 'XK'])})"
        "[A-Z0-9][A-NP-Z0-9]([A-Z0-9]{3})?"
    ),
    names=("bic", "swift"),
    valid=("DEUTDEFF", "NEDSZAJJ001", "deutdeff500"),
    invalid=("DEUTDEF", "DEUTXXFF", "DEUTDEFF50", "D3UTDEFF"),
)
LEI = SemanticType(
    name="lei",
    many="legal entity identifiers",
    source="ISO 17442-1 (MOD 97-10)",
    form=UPPER,
    pattern="[A-Z0-9]{18}[0-9]{2}",
    check=f"{mod_97('{t}')} = 1",
    chance=1 / 97,
    names=None,
    valid=("5493001KJTIIGC8Y1R12", "213800KUD8LAJWSQ9D15"),
    invalid=("5493001KJTIIGC8Y1R13", "5493001KJTIIGC8Y1R1"),
)
ISIN = SemanticType(
    name="isin",
    many="ISINs",
    source="ISO 6166:2021, annex on the check digit (Luhn on letters as two digits)",
    form=UPPER,
    pattern="[A-Z]{2}[A-Z0-9]{9}[0-9]",
    check=_ISIN_CHECK,
    chance=0.1,
    names=None,
    valid=("US0378331005", "DE000BAY0017", "AU0000XVGZA3", "us0378331005"),
    invalid=("US0378331006", "US037833100", "0S0378331005"),
)
CUSIP = SemanticType(
    name="cusip",
    many="CUSIPs",
    source="ANSI X9.6",
    form=UPPER,
    pattern="[A-Z0-9]{3}[A-Z0-9*@#]{5}[0-9]",
    check=f"(10 - {doubled_letters('left({t}, 8)')} % 10) % 10 "
    "= unicode(right({t}, 1)) - 48",
    chance=0.1,
    names=("cusip",),
    valid=("037833100", "38259P508", "17275R102"),
    invalid=("037833101", "03783310", "38259P509"),
)
ROUTING_NUMBER = SemanticType(
    name="aba_routing",
    many="ABA routing numbers",
    source="American Bankers Association, Routing Number Policy",
    form=COMPACT,
    pattern="(0[0-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)[0-9]{7}",
    check=f"{weighted('{t}', (3, 7, 1) * 3)} % 10 = 0",
    chance=0.1,
    names=("routing", "aba"),
    valid=("021000021", "011401533", "091000019"),
    invalid=("021000022", "02100002", "991000019"),
)
CURRENCY = SemanticType(
    name="currency_code",
    many="currency codes",
    source="ISO 4217, with codes withdrawn in the last years",
    form=UPPER,
    pattern="|".join(CURRENCIES.split()),
    names=("currency", "ccy"),
    valid=("EUR", "usd", " JPY "),
    invalid=("EURO", "XYZ", "$"),
)

TYPES = (IBAN, PAYMENT_CARD, BIC, LEI, ISIN, CUSIP, ROUTING_NUMBER, CURRENCY)
