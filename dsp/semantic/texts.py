"""Ways of writing: keys, works, versions, colours, dates, data inside of a text."""

from __future__ import annotations

from dsp.semantic.record import SemanticType

_DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?"
_ZONE = "(Z|z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])"
_PART = "(0|[1-9][0-9]*)"
_BEFORE = "(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"

UUID = SemanticType(
    name="uuid",
    many="UUIDs",
    source="RFC 9562: 8-4-4-4-12 hexadecimal digits, any version",
    pattern="(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    names=None,
    valid=(
        "123e4567-e89b-12d3-a456-426614174000",
        "00000000-0000-0000-0000-000000000000",
        "123E4567-E89B-12D3-A456-426614174000",
    ),
    invalid=(
        "123e4567e89b12d3a456426614174000",
        "123e4567-e89b-12d3-a456-42661417400",
        "g23e4567-e89b-12d3-a456-426614174000",
    ),
)
JSON = SemanticType(
    name="json",
    many="JSON documents",
    source="RFC 8259: any value, with NaN and Infinity as DuckDB reads them",
    pattern=r"(?s).*",
    check="json_valid({t})",
    looks=r'(?s)(\{\s*("|\}).*|\[\s*[\[{"\]0-9tfn-].*)',
    names=None,
    valid=('{"a": [1, null]}', "[]", '"text"', "12"),
    invalid=("{a: 1}", "{'a': 1}", "[1,", "", "nul"),
)
HEX_COLOUR = SemanticType(
    name="hex_colour",
    many="hexadecimal colours",
    source="CSS Color Module Level 4, 5.2: # and 3, 4, 6 or 8 hexadecimal digits",
    pattern="#([0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})",
    names=None,
    valid=("#fff", "#A1B2C3", "#a1b2c3d4"),
    invalid=("fff", "#ffg", "#12345"),
)
DATE = SemanticType(
    name="iso_date",
    many="ISO dates",
    source="ISO 8601-1: YYYY-MM-DD, of a day that exists",
    pattern=_DATE,
    check="try_cast({t} as date) is not null",
    looks="[0-9]{4}-[0-9]{2}-[0-9]{2}",
    valid=("2024-02-29", "1999-12-31"),
    invalid=("2023-02-29", "2024-13-01", "24-01-01", "2024-1-1"),
)
TIME = SemanticType(
    name="iso_time",
    many="times of day",
    source="ISO 8601-1: hh:mm with optional seconds, fraction and zone",
    pattern=f"T?{_CLOCK}{_ZONE}?",
    valid=("23:59", "00:00:00.123", "12:30:15Z", "T12:30+02:00"),
    invalid=("24:00", "12:60", "1:30", "12.30"),
)
DATETIME = SemanticType(
    name="iso_datetime",
    many="ISO timestamps",
    source="ISO 8601-1 and RFC 3339: date and time with T or a blank between",
    pattern=f"{_DATE}[Tt ]{_CLOCK}{_ZONE}?",
    check="try_cast(left({t}, 10) as date) is not null",
    valid=("2024-02-29T12:00:00Z", "2024-02-29 12:00", "2024-02-29T12:00:00.5+02:00"),
    invalid=("2023-02-29T12:00:00Z", "2024-02-29", "2024-02-29T25:00"),
)
SEMVER = SemanticType(
    name="semantic_version",
    many="semantic versions",
    source="Semantic Versioning 2.0.0",
    pattern=(
        rf"{_PART}\.{_PART}\.{_PART}(-{_BEFORE}(\.{_BEFORE})*)?"
        r"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
    ),
    names=("version", "semver", "release"),
    valid=("1.0.0", "1.2.3-rc.1+build.5", "0.0.0"),
    invalid=("1.0", "v1.0.0", "01.0.0", "1.0.0-01"),
)
BASE64 = SemanticType(
    name="base64",
    many="base64 texts",
    source="RFC 4648, section 4: padded, not empty",
    pattern=(
        "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)"
    ),
    names=("base64", "b64"),
    valid=("aGVsbG8=", "YQ==", "Zm9v"),
    invalid=("aGVsbG8", "a===", "", "Zm9v Zm9v", "aGVsbG8-"),
)
DOI = SemanticType(
    name="doi",
    many="DOIs",
    source="ISO 26324; DOI Handbook 2.2, with doi: or the address of the resolver before",
    pattern=r"(?i)(doi:|https?://(dx\.)?doi\.org/)?10\.[0-9]{4,9}(\.[0-9]+)*/[^\s]+",
    names=None,
    valid=("10.1000/182", "doi:10.1038/nphys1170", "https://doi.org/10.5281/zenodo.1"),
    invalid=("10.1000", "11.1000/182", "10.10/1", "10.1000/ 1"),
)

TYPES = (UUID, JSON, HEX_COLOUR, DATE, TIME, DATETIME, SEMVER, BASE64, DOI)
