"""Countries, languages, postcodes, positions."""

from __future__ import annotations

from dsp.semantic.codes import COUNTRIES, COUNTRIES_3, LANGUAGES
from dsp.semantic.postcodes import POSTCODES
from dsp.semantic.record import TRIMMED, UPPER, Form, SemanticType

_DEGREES = "[+-]?[0-9]{1,3}([.][0-9]+)?"

COUNTRY = SemanticType(
    name="country_code",
    many="two-letter country codes",
    source="ISO 3166-1 alpha-2",
    form=UPPER,
    pattern="|".join(COUNTRIES.split()),
    names=("country", "nation", "nationality"),
    valid=("DE", "us", " GB "),
    invalid=("UK", "EU", "DEU", "D"),
)
COUNTRY_3 = SemanticType(
    name="country_code3",
    many="three-letter country codes",
    source="ISO 3166-1 alpha-3",
    form=UPPER,
    pattern="|".join(COUNTRIES_3.split()),
    names=("country", "nation", "nationality", "iso3"),
    valid=("DEU", "usa"),
    invalid=("GER", "DE", "UKR1"),
)
LANGUAGE = SemanticType(
    name="language_code",
    many="language codes",
    source="ISO 639-1",
    form=Form(
        "blanks around it are left out, case does not matter",
        f"lower({TRIMMED.sql})",
        lambda c: TRIMMED.of(c).lower(),
    ),
    pattern="|".join(LANGUAGES.split()),
    names=("language", "lang"),
    valid=("en", "DE", " fr "),
    invalid=("xx", "eng", "en-US"),
)
LATITUDE = SemanticType(
    name="latitude",
    many="latitudes",
    source="ISO 6709: decimal degrees, -90 to 90",
    pattern=_DEGREES,
    check="try_cast({t} as double) between -90 and 90",
    number="{c} between -90 and 90",
    names=("latitude", "lat"),
    valid=("48.137154", "-90", "+0.5"),
    invalid=("90.1", "48,1", "north"),
)
LONGITUDE = SemanticType(
    name="longitude",
    many="longitudes",
    source="ISO 6709: decimal degrees, -180 to 180",
    pattern=_DEGREES,
    check="try_cast({t} as double) between -180 and 180",
    number="{c} between -180 and 180",
    names=("longitude", "lon", "lng"),
    valid=("11.576124", "-180", "179.999"),
    invalid=("180.1", "11°34'", "1e2"),
)


def postcode(country: str | None = None) -> SemanticType:
    """Return the type of postcodes, of one country or of any of the table."""
    pattern = "|".join(POSTCODES.values()) if country is None else POSTCODES[country]
    return SemanticType(
        name="postcode",
        many="postcodes" if country is None else f"postcodes of {country}",
        source="Universal Postal Union; Unicode CLDR, postalCodeData",
        form=UPPER,
        pattern=pattern,
        names=("postcode", "zip", "zipcode", "plz"),
        valid=("80331", "sw1a 1aa", "K1A 0B6", "1012 AB"),
        invalid=("", "ABC", "1", "80331-"),
    )


def postcode_beside(country: str) -> SemanticType:
    """Return the type of postcodes whose country stands in another column.

    Parameters
    ----------
    country
        SQL of the column of ISO 3166-1 alpha-2 codes. Where it is null or of no known
        country, the postcode is not judged.
    """
    known = "|".join(POSTCODES)
    pairs = "|".join(f"{code} ({pattern})" for code, pattern in POSTCODES.items())
    code = UPPER.sql.format(c=country)
    pair = f"{code} || ' ' || {UPPER.sql}"
    judged = f"case when regexp_full_match({code}, '{known}') then {pair} end"
    return SemanticType(
        name="postcode",
        many="postcodes of their country",
        source="Universal Postal Union; Unicode CLDR, postalCodeData",
        form=Form(UPPER.words, judged, UPPER.of),
        pattern=pairs,
        valid=(),
        invalid=(),
    )


POSTCODE = postcode()
TYPES = (COUNTRY, COUNTRY_3, LANGUAGE, LATITUDE, LONGITUDE, POSTCODE)
