"""Personal data: what tells who somebody is, by its values or by the name of a column."""

from __future__ import annotations

import re
from itertools import pairwise

from dsp.semantic import TYPES
from dsp.semantic.names import name_words

PERSONAL = {name: kind for name, kind in TYPES.items() if kind.inside}
"""Semantic types that tell who somebody is, and can be found inside of texts."""

NAMES = (
    "surname firstname lastname forename fullname birthday birthdate dob email phone "
    "mobile ssn passport iban salary street nationality religion ethnicity diagnosis"
)
"""Words of column names that say that their values are personal."""
PAIRS = (
    "first name, last name, full name, given name, family name, middle name, birth date, "
    "date birth, of birth, home address, social security, credit card, card number, "
    "tax id, bank account, marital status"
)
"""Pairs of words that say so."""
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
    words = name_words(name)
    pairs = {" ".join(pair) for pair in pairwise(words)}
    return not (
        pairs.isdisjoint(PAIRS.split(", ")) and set(words).isdisjoint(NAMES.split())
    )
