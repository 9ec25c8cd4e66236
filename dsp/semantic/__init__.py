"""Semantic types: what a text means, checked in SQL with its check digits.

One record of `TYPES` is one type. The checks that guess a type, the rules that ask for
one, the profile and the search for personal data all read this table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dsp.errors import RuleError, nearest
from dsp.semantic import goods, money, network, people, places, texts, vat
from dsp.semantic.places import postcode, postcode_beside
from dsp.semantic.postcodes import POSTCODES
from dsp.semantic.record import SemanticType
from dsp.semantic.vat import VAT_PATTERNS

TYPES: dict[str, SemanticType] = {
    kind.name: kind
    for family in (money, goods, network, people, places, texts, vat)
    for kind in family.TYPES
}
"""Every semantic type by its name."""


def semantic_type(name: str, country: str | None = None) -> SemanticType:
    """Return a semantic type by its name, of one country where that matters.

    Raises
    ------
    RuleError
        There is no such type, or no such country in its table.

    Examples
    --------
    >>> semantic_type("postcode", "NL").pattern
    '[1-9][0-9]{3} ?[A-Z]{2}'
    """
    if name not in TYPES:
        close = nearest(name, TYPES, n=1)
        raise RuleError(
            f'no semantic type "{name}"',
            hint=f'did you mean "{close[0]}"?' if close else f"types: {', '.join(TYPES)}",
            key="type",
        )
    if country is None:
        return TYPES[name]
    tables: dict[str, tuple[Mapping[str, str], Callable[[str], SemanticType]]] = {
        "postcode": (POSTCODES, postcode),
        "vat": (VAT_PATTERNS, vat.vat),
    }
    if name not in tables:
        raise RuleError(
            f"the semantic type {name} has no countries",
            hint=f"types with countries: {', '.join(tables)}",
            key="country",
        )
    table, of = tables[name]
    if country.upper() not in table:
        raise RuleError(
            f'no pattern of {TYPES[name].many} for the country "{country}"',
            hint=f"countries: {', '.join(table)}",
            key="country",
        )
    return of(country.upper())


__all__ = ["TYPES", "SemanticType", "postcode_beside", "semantic_type"]
