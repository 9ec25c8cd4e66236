"""Personal data: what tells who somebody is, by its values or by the name of a column."""

from __future__ import annotations

import re
from itertools import pairwise

from dsp.semantic import TYPES
from dsp.semantic.names import name_words

PERSONAL = {name: kind for name, kind in TYPES.items() if kind.inside}
"""Semantic types that tell who somebody is, and can be found inside of texts."""

NAMES = {
    "name": "surname firstname lastname forename fullname",
    "birth_date": "birthday birthdate dob",
    "email": "email",
    "phone": "phone mobile",
    "address": "street",
    "national_id": "ssn passport",
    "account": "iban",
    "income": "salary",
    "belief": "religion",
    "origin": "nationality ethnicity",
    "health": "diagnosis",
}
"""Words of column names that say that their values are personal, by what they hold."""
PAIRS = {
    "name": (
        "first name, last name, full name, given name, family name, middle name, "
        "patient name, employee name, person name"
    ),
    "birth_date": "birth date, date birth, of birth",
    "address": "home address, street address, postal address",
    "national_id": "social security, tax id",
    "account": "credit card, card number, bank account",
    "family": "marital status",
}
"""Pairs of words that say so."""
_KINDS = {word: kind for kind, words in NAMES.items() for word in words.split()} | {
    pair: kind for kind, pairs in PAIRS.items() for pair in pairs.split(", ")
}
MAY_HOLD = "@|[0-9](.{0,3}[0-9]){3}"
"""Each type has an @ or four digits near to each other: most texts stop here."""


def redacted(text: str) -> str:
    """Return a text whose letters and digits are hidden but the first and last two.

    Examples
    --------
    >>> redacted("jane@example.com")
    'j•••@•••••••.•om'
    """
    hidden = re.sub(r"[^\W_]", "•", text[1:-2])
    return f"{text[:1]}{hidden}{text[-2:]}" if len(text) > 6 else "•" * len(text)


def is_personal(name: str) -> bool:
    """Return whether the name of a column says that it holds personal data.

    Examples
    --------
    >>> is_personal("customer_last_name"), is_personal("product_name")
    (True, False)
    """
    return kind_by_name(name) is not None


def kind_by_name(name: str) -> str | None:
    """Return what the name of a column says of its personal values, if anything.

    Examples
    --------
    >>> kind_by_name("Date of birth"), kind_by_name("contactEmail"), kind_by_name("city")
    ('birth_date', 'email', None)
    """
    words = name_words(name)
    said = [*(" ".join(pair) for pair in pairwise(words)), *words]
    return next((_KINDS[word] for word in said if word in _KINDS), None)
