"""Semantic types agree with libraries and definitions that know nothing of SQL."""

from __future__ import annotations

import ipaddress
import json
import random
import re
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from stdnum import cusip, ean, iban, imei, isbn, isin, isni, issn, lei, luhn
from stdnum.cz import rc
from stdnum.eu import vat as eu_vat
from stdnum.iso7064 import mod_97_10
from stdnum.us import rtn

import dsp
from dsp.checks import DataValidator
from dsp.errors import RuleError
from dsp.semantic import TYPES, SemanticType, postcode_beside, semantic_type
from dsp.semantic.codes import COUNTRIES, CURRENCIES, LANGUAGES
from dsp.semantic.money import accounts
from dsp.semantic.postcodes import POSTCODES
from dsp.semantic.vat import VAT_PATTERNS

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GARBAGE = (
    "", " ", "\t", "0", "-1", "NaN", "é", "🦆", "'", '"', "\\", "%", "{c}", "{t}", "null",
    "1e999", "9" * 400, "A" * 400, "0" * 16, "X" * 12, "9" * 19, "ſ" * 20, "İ" * 17, "ß",
    "\u00a0", "\x00", "\ud7ff", "::", "@", "1" * 15 + "\n", "()", "[", "DE" + "9" * 32,
)  # fmt: skip


def judged(
    engine: DuckEngine, kind: SemanticType, values: Sequence[object]
) -> list[bool | None]:
    """Return what the SQL of a type says of each value."""
    table = pa.table({"t": pa.array(values)})
    engine.put(table, "judged")
    family = "text" if pa.types.is_string(table["t"].type) else "integer"
    sql = kind.valid_sql('"t"', family)
    return [row[0] for row in engine.rows(f"select {sql} from judged order by rowid")]


def written(rng: random.Random, letters: str, n: int) -> str:
    return "".join(rng.choice(letters) for _ in range(n))


def other_digit(rng: random.Random, text: str) -> str:
    """Return a text with one digit changed to another digit."""
    place = rng.choice([i for i, c in enumerate(text) if c in DIGITS])
    digit = rng.choice([d for d in DIGITS if d != text[place]])
    return f"{text[:place]}{digit}{text[place + 1 :]}"


@pytest.mark.parametrize("name", TYPES)
def test_examples(engine: DuckEngine, name: str):
    kind = TYPES[name]
    values = [*kind.valid, *kind.invalid, None]
    wanted = [True] * len(kind.valid) + [False] * len(kind.invalid) + [None]
    assert judged(engine, kind, values) == wanted


@pytest.mark.parametrize("name", TYPES)
def test_no_value_raises_and_only_null_is_null(engine: DuckEngine, name: str):
    rng = random.Random(name)
    noise = [
        "".join(chr(rng.choice((rng.randrange(32, 127), rng.randrange(1, 0xD7FF))))
                for _ in range(rng.randrange(1, 40)))
        for _ in range(300)
    ]  # fmt: skip
    broken = [other_digit(rng, v)[: rng.randrange(1, 30)] for v in TYPES[name].valid
              if set(v) & set(DIGITS)]  # fmt: skip
    found = judged(engine, TYPES[name], [*GARBAGE, *noise, *broken, None])
    assert found[-1] is None
    assert None not in found[:-1]


@pytest.mark.parametrize("name", TYPES)
def test_numbers_are_judged_as_they_are_written(engine: DuckEngine, name: str):
    found = judged(engine, TYPES[name], [4006381333931, 91, 0, -1, 12, None])
    assert found[-1] is None
    assert None not in found[:-1]
    assert found[0] == (name in {"ean13", "gtin", "json", "phone"})
    assert found[1] == (name in {"longitude", "json"})


def random_iban(rng: random.Random) -> str:
    classes = {"n": DIGITS, "a": CAPITALS, "c": CAPITALS + DIGITS}
    country = rng.choice(sorted(accounts()))
    parts = re.findall(r"(\d+)([nac])", accounts()[country])
    account = "".join(written(rng, classes[kind], int(n)) for n, kind in parts)
    return f"{country}{mod_97_10.calc_check_digits(account + country)}{account}"


def random_lei(rng: random.Random) -> str:
    body = written(rng, DIGITS + CAPITALS, 18)
    return body + mod_97_10.calc_check_digits(body)


def random_isin(rng: random.Random) -> str:
    body = written(rng, CAPITALS, 2) + written(rng, DIGITS * 3 + CAPITALS, 9)
    return body + isin.calc_check_digit(body)


def random_cusip(rng: random.Random) -> str:
    body = written(rng, DIGITS, 3) + written(rng, DIGITS + CAPITALS + "*@#", 5)
    return body + cusip.calc_check_digit(body)


def random_card(rng: random.Random) -> str:
    body = rng.choice("3456") + written(rng, DIGITS, rng.randrange(10, 18))
    return body + luhn.calc_check_digit(body)


def random_imei(rng: random.Random) -> str:
    body = written(rng, DIGITS, 14)
    return body + luhn.calc_check_digit(body)


def random_isbn10(rng: random.Random) -> str:
    body = written(rng, DIGITS, 9)
    total = sum((10 - i) * int(c) for i, c in enumerate(body))
    return body + "0123456789X"[-total % 11]


def gs1(length: int, start: str = "") -> Callable[[random.Random], str]:
    def number(rng: random.Random) -> str:
        body = start + written(rng, DIGITS, length - 1 - len(start))
        return body + ean.calc_check_digit(body)

    return number


def random_issn(rng: random.Random) -> str:
    body = written(rng, DIGITS, 7)
    return f"{body[:4]}-{body[4:]}{issn.calc_check_digit(body)}"


def random_orcid(rng: random.Random) -> str:
    body = written(rng, DIGITS, 15)
    total = 0
    for digit in body:
        total = (total + int(digit)) * 2
    full = body + "0123456789X"[(12 - total % 11) % 11]
    return "-".join(full[i : i + 4] for i in range(0, 16, 4))


VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin_digit(vin: str) -> str:
    """Return the check digit as 49 CFR 565.15(c) describes it, by a table of letters."""
    values = (int(VALUES.get(c, c)) for c in vin)
    total = sum(w * v for w, v in zip(WEIGHTS, values, strict=True))
    return "0123456789X"[total % 11]


def random_vin(rng: random.Random) -> str:
    body = written(rng, DIGITS + "".join(VALUES), 17)
    body = f"{body[:8]}0{body[9:]}"
    return body[:8] + vin_digit(body) + body[9:]


def random_routing(rng: random.Random) -> str:
    body = "0" + written(rng, DIGITS, 7)
    return body + rtn.calc_check_digit(body)


CHECKED: dict[str, tuple[Callable[[random.Random], str], Callable[[str], bool]]] = {
    "iban": (random_iban, lambda v: iban.is_valid(v, check_country=False)),
    "payment_card": (random_card, luhn.is_valid),
    "lei": (random_lei, lei.is_valid),
    "isin": (random_isin, lambda v: isin.calc_check_digit(v[:-1]) == v[-1]),
    "cusip": (random_cusip, cusip.is_valid),
    "aba_routing": (random_routing, rtn.is_valid),
    "isbn10": (random_isbn10, isbn.is_valid),
    "isbn13": (gs1(13, "978"), isbn.is_valid),
    "isbn": (gs1(13, "979"), isbn.is_valid),
    "issn": (random_issn, issn.is_valid),
    "ean8": (gs1(8), ean.is_valid),
    "ean13": (gs1(13), ean.is_valid),
    "upc": (gs1(12), ean.is_valid),
    "gtin": (gs1(14), ean.is_valid),
    "imei": (random_imei, imei.is_valid),
    "orcid": (random_orcid, isni.is_valid),
    "vin": (random_vin, lambda v: vin_digit(v) == v[8]),
}


@pytest.mark.parametrize("name", CHECKED)
def test_check_digits_agree_with_a_reference(engine: DuckEngine, name: str):
    made, is_valid = CHECKED[name]
    rng = random.Random(name)
    right = [made(rng) for _ in range(500)]
    wrong = [other_digit(rng, value) for value in right]
    assert [is_valid(v) for v in right] == [True] * 500
    assert judged(engine, TYPES[name], right) == [True] * 500
    assert judged(engine, TYPES[name], wrong) == [False] * 500


def by_pattern(rng: random.Random, country: str) -> str:
    """Return a text of the first form that a country's VAT numbers have."""
    form = re.sub(r"\(.*|\|.*", "", VAT_PATTERNS[country])
    text = ""
    for letters, count in re.findall(r"(\[[^]]+\]|[A-Z])(?:\{(\d+)(?:,\d+)?\})?", form):
        inside = re.compile(letters)
        allowed = [c for c in DIGITS + CAPITALS if inside.fullmatch(c)]
        text += written(rng, "".join(allowed), int(count or 1))
    return country + text + ("01" if country == "SE" else "")


def valid_vat(rng: random.Random, country: str) -> list[str]:
    """Return VAT numbers that the reference knows; birth numbers are none here."""
    made = {by_pattern(rng, country) for _ in range(1_500)}
    return [v for v in sorted(made) if eu_vat.is_valid(v) and not rc.is_valid(v[2:])]


@pytest.mark.parametrize("country", sorted(set(VAT_PATTERNS) - {"GB"}))
def test_vat_numbers_agree_with_a_reference(engine: DuckEngine, country: str):
    rng = random.Random(country)
    right = valid_vat(rng, country)
    assert right
    assert set(judged(engine, semantic_type("vat", country), right)) == {True}


CHECKED_VAT = ["AT", "BE", "DE", "DK", "EE", "EL", "FI", "HR", "HU", "IT", "LU", "MT",
               "PL", "PT", "SE", "SI", "SK"]  # fmt: skip


@pytest.mark.parametrize("country", CHECKED_VAT)
def test_a_wrong_digit_of_a_vat_number_is_seen(engine: DuckEngine, country: str):
    rng = random.Random(country)
    end = "01" if country == "SE" else ""
    right = [value.removesuffix(end) for value in valid_vat(rng, country)]
    changed = [other_digit(rng, value) + end for value in right]
    wrong = [value for value in changed if not eu_vat.is_valid(value)]
    assert len(wrong) >= 0.9 * len(right) > 0
    assert set(judged(engine, TYPES["vat"], wrong)) == {False}


def test_ipv4_agrees_with_the_standard_library(engine: DuckEngine):
    rng = random.Random(4)
    values = [
        ".".join(rng.choice(("0", "1", "01", "255", "256", "99", "1000", ""))
                 for _ in range(rng.choice((3, 4, 4, 4, 5))))
        for _ in range(2_000)
    ]  # fmt: skip
    assert judged(engine, TYPES["ipv4"], values) == [
        is_address(ipaddress.IPv4Address, v) for v in values
    ]


def test_ipv6_agrees_with_the_standard_library(engine: DuckEngine):
    rng = random.Random(6)
    parts = ("0", "ffff", "A1", "db8", "12345", "g", "", "", "192.0.2.1", "1.2.3")
    values = [
        ":".join(rng.choice(parts) for _ in range(rng.randrange(2, 10)))
        for _ in range(20_000)
    ]
    values += [":".join(["1"] * n + [""] * e + ["2"] * m)
               for n in range(9) for e in range(4) for m in range(9)]  # fmt: skip
    wanted = [is_address(ipaddress.IPv6Address, v) for v in values]
    assert sum(wanted) > 200
    assert judged(engine, TYPES["ipv6"], values) == wanted


def is_address(kind: Callable[[str], object], text: str) -> bool:
    try:
        kind(text)
    except ipaddress.AddressValueError:
        return False
    return True


def test_uuids_agree_with_the_standard_library(engine: DuckEngine):
    rng = random.Random(1)
    values = [str(uuid.UUID(int=rng.getrandbits(128), version=v)) for v in (1, 3, 4, 5)]
    assert judged(engine, TYPES["uuid"], values) == [True] * 4


def test_json_agrees_with_the_standard_library(engine: DuckEngine):
    rng = random.Random(2)
    pieces = [
        '{"a":',
        "}",
        "[",
        "]",
        "1",
        ",",
        '"x"',
        "null",
        "t",
        "-",
        "{}",
        " ",
        "1.5e3",
    ]
    values = ["".join(rng.choices(pieces, k=rng.randrange(1, 6))) for _ in range(3_000)]
    wanted = [is_json(value) for value in values]
    assert sum(wanted) > 100
    assert judged(engine, TYPES["json"], values) == wanted


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def test_days_that_do_not_exist(engine: DuckEngine):
    days = [f"{y}-02-{d}" for y in (1900, 2000, 2023, 2024) for d in (28, 29, 30)]
    assert judged(engine, TYPES["iso_date"], days) == [
        True, False, False, True, True, False, True, False, False, True, True, False,
    ]  # fmt: skip


POSTAL = {
    "US": ("10001", "10001-1234", "!1000", "!10001-12"),
    "GB": ("SW1A 1AA", "m11ae", "!SW1A", "!Q1 1AA"),
    "DE": ("01067", "99998", "!00123", "!1067"),
    "CA": ("K1A 0B6", "!D1A 0B6", "!K1A0B"),
    "NL": ("1012AB", "!0012 AB"),
    "JP": ("100-0001", "1000001", "!100-001"),
    "BR": ("01310-100", "!01310-10"),
    "PL": ("00-950", "!00950"),
    "SE": ("114 55", "11455", "!014 55"),
    "FR": ("75001", "20000", "!99000"),
    "ES": ("28013", "!53000"),
    "IE": ("D02 AF30", "!B02 AF30"),
    "PT": ("1000-001", "!0000-001"),
    "IN": ("110 001", "!010001"),
    "CH": ("8001", "!0801"),
}


@pytest.mark.parametrize("country", POSTAL)
def test_postcodes_of_a_country(engine: DuckEngine, country: str):
    codes = [code.removeprefix("!") for code in POSTAL[country]]
    wanted = [not code.startswith("!") for code in POSTAL[country]]
    assert judged(engine, semantic_type("postcode", country), codes) == wanted
    pairs = pa.table({"c": [country.lower()] * len(codes), "p": codes})
    engine.put(pairs, "pairs")
    sql = postcode_beside('"c"').valid_sql('"p"')
    rows = engine.rows(f"select {sql} from pairs order by rowid")
    assert [row[0] for row in rows] == wanted


def test_a_postcode_of_an_unknown_country_is_not_judged(engine: DuckEngine):
    engine.put(pa.table({"c": ["ZZ", None, "DE", "DE"], "p": ["1", "1", "1", None]}), "p")
    sql = postcode_beside('"c"').valid_sql('"p"')
    found = [row[0] for row in engine.rows(f"select {sql} from p order by rowid")]
    assert found == [None, None, False, None]


def test_the_tables_are_complete():
    assert len(POSTCODES) >= 25
    assert set(POSTCODES) <= set(COUNTRIES.split())
    assert (len(COUNTRIES.split()), len(LANGUAGES.split())) == (249, 184)
    assert {"EUR", "USD", "XCG"} <= set(CURRENCIES.split())
    assert all(re.fullmatch("([0-9]+[nac])+", form) for form in accounts().values())
    for kind in TYPES.values():
        assert kind.source
        assert len(kind.valid) >= 2
        assert len(kind.invalid) >= 2


def test_an_unknown_type_or_country_names_the_nearest():
    with pytest.raises(RuleError, match='no semantic type "ibann"') as error:
        semantic_type("ibann")
    assert error.value.hint == 'did you mean "iban"?'
    with pytest.raises(RuleError, match='postcodes for the country "ZZ"'):
        semantic_type("postcode", "ZZ")
    with pytest.raises(RuleError, match="email has no countries"):
        semantic_type("email", "DE")


GUESSED = {
    "iban": "account",
    "isbn13": "book",
    "isin": "security",
    "lei": "party",
    "vin": "car",
    "email": "contact",
    "url": "page",
    "ipv4": "host",
    "uuid": "key",
    "payment_card": "card_number",
    "country_code": "country",
    "postcode": "zip",
}


@pytest.mark.parametrize("name", GUESSED)
def test_a_type_is_guessed_and_what_fails_is_named(engine: DuckEngine, name: str):
    rng = random.Random(name)
    values = CHECKED[name][0] if name in CHECKED else None
    some = [values(rng) for _ in range(40)] if values else list(TYPES[name].valid) * 20
    some = [*some, "no such thing", TYPES[name].invalid[0]]
    engine.put(pa.table({GUESSED[name]: some, "other": ["word"] * len(some)}), "data")
    found = DataValidator(engine).validate(engine.table("data")).results
    (result,) = [r for r in found if r.kind == "formats"]
    assert (result.outcome, result.n_failed) == ("failed", 2)
    assert TYPES[name].many in result.observed


def test_words_and_arbitrary_codes_are_nothing(engine: DuckEngine):
    rng = random.Random(0)
    table = {
        "word": [written(rng, CAPITALS.lower(), 6) for _ in range(200)],
        "number": [written(rng, DIGITS, 13) for _ in range(200)],
        "state": [written(rng, CAPITALS, 2) for _ in range(200)],
        "code": [
            written(rng, CAPITALS, 2) + written(rng, DIGITS, 10) for _ in range(200)
        ],
        "isbn": [written(rng, DIGITS, 13) for _ in range(200)],
    }
    engine.put(pa.table(table), "data")
    found = DataValidator(engine).validate(engine.table("data")).results
    assert [r.name for r in found if r.kind == "formats"] == []


def test_a_rule_takes_the_country_from_a_column(engine: DuckEngine):
    table = {
        "land": ["DE", "NL", "DE", "??"],
        "zip": ["80331", "1012 AB", "1012 AB", "x"],
    }
    engine.put(pa.table(table), "data")
    kept = dsp.rule("semantic", "zip", type="postcode", country_column="land")
    both = dsp.rule("semantic", "zip", type="vat", country_column="land")
    found = DataValidator(engine).validate(engine.table("data"), rules=[kept, both])
    assert [(r.outcome, r.n_failed) for r in found.results] == [
        ("failed", 1),
        ("not_evaluated", 0),
    ]
    assert "country_column is for postcodes" in found.problems[0].error


def test_numbers_and_decimals_are_read_without_a_point(engine: DuckEngine):
    numbers = pa.array([4006381333931.0, 4006381333930.0, 0.5, None])
    engine.put(pa.table({"ean": numbers}), "data")
    rule = dsp.rule("semantic", "ean", type="ean13")
    (result,) = DataValidator(engine).validate(engine.table("data"), rules=[rule]).results
    assert (result.n_rows, result.n_failed) == (3, 2)
