"""Numbers of goods, books, vehicles, devices."""

from __future__ import annotations

from dsp.semantic.checksums import VEHICLE, luhn, tail, thirds, weighted
from dsp.semantic.record import COMPACT, COMPACT_UPPER, UPPER, SemanticType

_GS1 = "GS1 General Specifications, section 7.9 (check digit)"
_ISBN_10 = f"({weighted('left({t}, 9)', range(10, 1, -1))} + {tail('{t}')}) % 11 = 0"
_ISSN_DIGITS = "left(replace({t}, '-', ''), 7)"
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_THIRDS = f"{thirds('{t}')} = 0"

ISBN_10 = SemanticType(
    name="isbn10",
    many="ISBN-10s",
    source="ISO 2108:1992 (modulus 11)",
    form=COMPACT_UPPER,
    pattern="[0-9]{9}[0-9X]",
    check=_ISBN_10,
    chance=1 / 11,
    names=("isbn", "isbn10"),
    valid=("0-306-40615-2", "080442957X", "080442957x"),
    invalid=("0-306-40615-3", "08044295X7", "030640615"),
)
ISBN_13 = SemanticType(
    name="isbn13",
    many="ISBN-13s",
    source="ISO 2108:2017",
    form=COMPACT,
    pattern="97[89][0-9]{10}",
    check=_THIRDS,
    chance=0.1,
    names=None,
    valid=("978-0-306-40615-7", "9791034304882"),
    invalid=("978-0-306-40615-8", "9771034304882", "978030640615"),
)
ISBN = SemanticType(
    name="isbn",
    many="ISBNs",
    source="ISO 2108:2017 and ISO 2108:1992",
    form=COMPACT_UPPER,
    pattern="[0-9]{9}[0-9X]|97[89][0-9]{10}",
    check=f"case when length({{t}}) = 10 then {_ISBN_10} else {_THIRDS} end",
    chance=0.1,
    names=("isbn",),
    valid=("0306406152", "978-0-306-40615-7"),
    invalid=("0306406153", "9780306406158", "X306406152"),
)
ISSN = SemanticType(
    name="issn",
    many="ISSNs",
    source="ISO 3297 (modulus 11)",
    form=UPPER,
    pattern="[0-9]{4}-?[0-9]{3}[0-9X]",
    check=f"({weighted(_ISSN_DIGITS, range(8, 1, -1))} + {tail('{t}')}) % 11 = 0",
    chance=1 / 11,
    names=("issn", "eissn"),
    valid=("0378-5955", "2434-561X", "03785955"),
    invalid=("0378-5954", "0378-595", "03-785955"),
)
EAN_8 = SemanticType(
    name="ean8",
    many="EAN-8 numbers",
    source=_GS1,
    form=COMPACT,
    pattern="[0-9]{8}",
    check=_THIRDS,
    chance=0.1,
    names=("ean", "ean8", "gtin", "gtin8", "barcode"),
    valid=("96385074", "7351 3537"),
    invalid=("96385075", "9638507", "9638507X"),
)
EAN_13 = SemanticType(
    name="ean13",
    many="EAN-13 numbers",
    source=_GS1,
    form=COMPACT,
    pattern="[0-9]{13}",
    check=_THIRDS,
    chance=0.1,
    names=("ean", "ean13", "gtin", "gtin13", "barcode"),
    valid=("4006381333931", "5901234123457"),
    invalid=("4006381333930", "400638133393", "4006381333931X"),
)
UPC = SemanticType(
    name="upc",
    many="UPC-A numbers",
    source=_GS1,
    form=COMPACT,
    pattern="[0-9]{12}",
    check=_THIRDS,
    chance=0.1,
    names=("upc", "gtin", "gtin12", "barcode"),
    valid=("036000291452", "0-42100-00526-4"),
    invalid=("036000291453", "03600029145"),
)
GTIN = SemanticType(
    name="gtin",
    many="GTINs",
    source=_GS1,
    form=COMPACT,
    pattern="[0-9]{8}|[0-9]{12,14}",
    check=_THIRDS,
    chance=0.1,
    names=("gtin", "ean", "barcode"),
    valid=("96385074", "036000291452", "4006381333931", "10614141000415"),
    invalid=("10614141000416", "061414100041", "4006381333"),
)
VIN = SemanticType(
    name="vin",
    many="vehicle identification numbers",
    source="ISO 3779; check digit of 49 CFR 565.15(c), as in North America and China",
    form=UPPER,
    pattern="[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{8}",
    check=(
        f"{weighted('{t}', _VIN_WEIGHTS, VEHICLE)} % 11 = "
        "case substr({t}, 9, 1) when 'X' then 10 "
        "else unicode(substr({t}, 9, 1)) - 48 end"
    ),
    looks="[A-HJ-NPR-Z0-9]{17}",
    chance=1 / 11,
    names=None,
    valid=("1HGCM82633A004352", "1M8GDM9AXKP042788", "11111111111111111"),
    invalid=("1HGCM82633A004353", "1HGCM82633A00435", "IHGCM82633A004352"),
)
IMEI = SemanticType(
    name="imei",
    many="IMEIs",
    source="3GPP TS 23.003, annex B (Luhn)",
    form=COMPACT,
    pattern="[0-9]{15}",
    check=f"{luhn('{t}')} = 0",
    chance=0.1,
    names=("imei",),
    valid=("490154203237518", "35-209900-176148-1"),
    invalid=("490154203237519", "49015420323751"),
)

TYPES = (ISBN_10, ISBN_13, ISBN, ISSN, EAN_8, EAN_13, UPC, GTIN, VIN, IMEI)
