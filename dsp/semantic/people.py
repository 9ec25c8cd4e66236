"""Numbers that stand for people, and how to call them."""

from __future__ import annotations

from dsp.semantic.checksums import tail, weighted
from dsp.semantic.record import DIALED, TRIMMED, UPPER, SemanticType

_ORCID_DIGITS = "left(replace(right({t}, 19), '-', ''), 15)"
_ORCID_WEIGHTS = [pow(2, 15 - i, 11) for i in range(15)]

PHONE_E164 = SemanticType(
    name="phone_e164",
    many="phone numbers in international form",
    source="ITU-T E.164: + and 7 to 15 digits, the first of them no 0",
    form=DIALED,
    pattern=r"\+[1-9][0-9]{6,14}",
    names=None,
    inside=r"[+][1-9]([ ().-]{0,2}[0-9]){6,14}\b",
    valid=("+14155552671", "+49 30 901820", "+44 (20) 7946-0958"),
    invalid=("14155552671", "+0123456789", "+1234567890123456", "+123"),
)
PHONE = SemanticType(
    name="phone",
    many="phone numbers",
    source=(
        "ITU-T E.164 with + or 00, or E.123 national notation: 5 to 15 digits, an "
        "extension of at most 6"
    ),
    form=DIALED,
    pattern=r"(?i)(\+|00)?[0-9]{5,15}((x|ext|#)[0-9]{1,6})?",
    check="not regexp_matches({t}, '^[+]0')",
    names=("phone", "telephone", "tel", "mobile", "fax", "cell", "cellphone"),
    valid=("(415) 555-2671", "030/901820", "+49 30 901820", "555-0100 ext. 12"),
    invalid=("1234", "call me", "+0 30 901820", "12345678901234567"),
)
SSN = SemanticType(
    name="ssn",
    many="US social security numbers",
    source="Social Security Administration, POMS RM 10201.030: ranges never assigned",
    form=TRIMMED,
    pattern=(
        "(00[1-9]|0[1-9][0-9]|[1-578][0-9]{2}|6[0-57-9][0-9]|66[0-57-9])"
        "(-(0[1-9]|[1-9][0-9])-|(0[1-9]|[1-9][0-9]))"
        "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
    ),
    looks="[0-9]{3}-[0-9]{2}-[0-9]{4}",
    names=None,
    inside=r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b",
    valid=("123-45-6789", "899121234"),
    invalid=("000-12-3456", "666-12-3456", "900-12-3456", "123-00-1234", "123-45-0000"),
)
ORCID = SemanticType(
    name="orcid",
    many="ORCID iDs",
    source="ISO 27729 (ISNI), check digit by ISO/IEC 7064 MOD 11-2",
    form=UPPER,
    pattern=r"(HTTPS?://ORCID\.ORG/)?([0-9]{4}-){3}[0-9]{3}[0-9X]",
    check=f"({weighted(_ORCID_DIGITS, _ORCID_WEIGHTS)} + {tail('{t}')}) % 11 = 1",
    chance=1 / 11,
    names=None,
    valid=("0000-0002-1825-0097", "0000-0002-1694-233X"),
    invalid=("0000-0002-1825-0098", "0000-0002-1825-009"),
)
TYPES = (PHONE_E164, PHONE, SSN, ORCID)
