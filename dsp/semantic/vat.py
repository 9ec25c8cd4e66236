"""VAT identification numbers of the European Union and its neighbours."""

from __future__ import annotations

from dsp.engine.relation import let
from dsp.semantic.checksums import (
    luhn,
    mod_11_10,
    mod_97,
    weighted,
)
from dsp.semantic.record import DIALED, SemanticType

VAT_PATTERNS = {
    "AT": "U[0-9]{8}",
    "BE": "[01][0-9]{9}",
    "BG": "[0-9]{9,10}",
    "CY": "[0-9]{8}[A-Z]",
    "CZ": "[0-9]{8,10}",
    "DE": "[1-9][0-9]{8}",
    "DK": "[0-9]{8}",
    "EE": "[0-9]{9}",
    "EL": "[0-9]{9}",
    "FI": "[0-9]{8}",
    "FR": "[A-HJ-NP-Z0-9]{2}[0-9]{9}",
    "GB": "[0-9]{9}([0-9]{3})?|GD[0-4][0-9]{2}|HA[5-9][0-9]{2}",
    "HR": "[0-9]{11}",
    "HU": "[0-9]{8}",
    "IE": "[0-9][A-Z0-9+*][0-9]{5}[A-Z]|[0-9]{7}[A-W][A-I]",
    "IT": "[0-9]{11}",
    "LT": "[0-9]{9}|[0-9]{12}",
    "LU": "[0-9]{8}",
    "LV": "[0-9]{11}",
    "MT": "[0-9]{8}",
    "NL": "[0-9]{9}B[0-9]{2}",
    "PL": "[0-9]{10}",
    "PT": "[1-9][0-9]{8}",
    "RO": "[1-9][0-9]{1,9}",
    "SE": "[0-9]{10}(0[1-9]|[1-8][0-9]|9[0-4])",
    "SI": "[1-9][0-9]{7}",
    "SK": "[1-9][0-9][2-4789][0-9]{7}",
    "XI": "[0-9]{9}([0-9]{3})?|GD[0-4][0-9]{2}|HA[5-9][0-9]{2}",
}
"""Pattern of what follows the country code: VIES FAQ, question 11."""

_N = "substr({t}, 3)"
_PADDED = f"lpad({_N}, 10, '0')"


def _number(first: int, n_digits: int) -> str:
    return f"try_cast(substr({{t}}, {first}, {n_digits}) as bigint)"


_CHECKS = {
    "AT": f"({luhn('substr({t}, 4, 7)')} + {_number(11, 1)}) % 10 = 6",
    "BE": f"97 - {_number(3, 8)} % 97 = {_number(11, 2)}",
    "DE": mod_11_10(_N),
    "DK": f"{weighted(_N, (2, 7, 6, 5, 4, 3, 2, 1))} % 11 = 0",
    "EE": f"{weighted(_N, (3, 7, 1) * 3)} % 10 = 0",
    "EL": (
        f"{weighted(_N, (256, 128, 64, 32, 16, 8, 4, 2, 0))} % 11 % 10 = {_number(11, 1)}"
    ),
    "FI": f"{weighted(_N, (7, 9, 10, 5, 8, 4, 2, 1))} % 11 = 0",
    "FR": (
        "case when regexp_matches(substr({t}, 3, 2), '[A-Z]') then true "
        f"else (12 + 3 * ({_number(5, 9)} % 97)) % 97 = {_number(3, 2)} end"
    ),
    "HR": mod_11_10(_N),
    "HU": f"{weighted(_N, (9, 7, 3, 1) * 2)} % 10 = 0",
    "IT": f"{luhn(_N)} = 0",
    "LU": f"{_number(3, 6)} % 89 = {_number(9, 2)}",
    "MT": f"{weighted(_N, (3, 4, 6, 7, 8, 9, 10, 1))} % 37 = 0",
    "NL": (
        f"{weighted('substr({t}, 3, 9)', (9, 8, 7, 6, 5, 4, 3, 2, -1))} % 11 = 0 "
        f"or {mod_97('{t}')} = 1"
    ),
    "PL": f"{weighted(_N, (6, 5, 7, 2, 3, 4, 5, 6, 7, -1))} % 11 = 0",
    "PT": (
        f"(11 - {weighted(_N, (9, 8, 7, 6, 5, 4, 3, 2, 0))} % 11) % 11 % 10 "
        f"= {_number(11, 1)}"
    ),
    "RO": (
        f"{weighted(_PADDED, (7, 5, 3, 2, 1, 7, 5, 3, 2, 0))} "
        "* 10 % 11 % 10 = unicode(right({t}, 1)) - 48"
    ),
    "SE": f"{luhn('substr({t}, 3, 10)')} = 0",
    "SI": let(
        "s",
        f"{weighted(_N, (8, 7, 6, 5, 4, 3, 2, 0))} % 11",
        f"s > 0 and (11 - s) % 10 = {_number(10, 1)}",
    ),
    "SK": f"{_number(3, 10)} % 11 = 0",
}
"""Check digits by country, as in the algorithms that the member states have published."""


def vat(country: str | None = None) -> SemanticType:
    """Return the type of VAT numbers, of one country or of all of them."""
    chosen = VAT_PATTERNS if country is None else {country: VAT_PATTERNS[country]}
    pattern = "|".join(f"{code}({rest})" for code, rest in chosen.items())
    cases = " ".join(
        f"when '{code}' then {_CHECKS[code]}" for code in chosen if code in _CHECKS
    )
    return SemanticType(
        name="vat",
        many="VAT numbers" if country is None else f"VAT numbers of {country}",
        source=(
            "European Commission, VIES; check digits for " + ", ".join(sorted(_CHECKS))
        ),
        form=DIALED,
        pattern=pattern,
        check=f"case left({{t}}, 2) {cases} else true end" if cases else None,
        chance=0.1,
        names=("vat", "vatin", "ustid"),
        valid=("DE136695976", "FR40303265045", "NL004495445B01", "IT 00743110157"),
        invalid=("DE136695978", "FR41303265045", "XX123456789", "IT00743110158"),
    )


VAT = vat()
TYPES = (VAT,)
