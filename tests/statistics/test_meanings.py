"""Semantic types and roles of columns, by hand."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from dsp.engine import DuckEngine, StoredTable
from dsp.semantic import TYPES
from dsp.statistics import StatisticsEngine

N = 300
RANDOM = random.Random(11)


def drawn(*values: Any) -> list[Any]:
    return [RANDOM.choice(values) for _ in range(N)]


def between(low: int, high: int) -> list[int]:
    return [RANDOM.randint(low, high) for _ in range(N)]


def meanings(
    engine: DuckEngine, columns: dict[str, Any], **options: Any
) -> dict[str, tuple[str, str]]:
    engine.put(pa.table(columns), "data", schema="clean")
    profile = StatisticsEngine(engine).profile(
        StoredTable(engine, "data", "clean"), **options
    )
    return {c.column_name: (c.semantic_type, c.role) for c in profile.columns}


NUMBERS: dict[str, tuple[list[Any], str, str]] = {
    "order_id": (list(range(5_000, 5_000 + N)), "identifier", "identifier"),
    "customerId": (between(1, 200), "identifier", "identifier"),
    "store_id": (between(1, 9), "category", "dimension"),
    "rowid": (list(range(N)), "identifier", "identifier"),
    "anything": (list(range(1, N + 1)), "identifier", "identifier"),
    "height_cm": (list(range(50, 50 + N // 5)) * 5, "number", "measure"),
    "year": (between(1990, 2020), "year", "dimension"),
    "model_year": (between(1920, 2020), "year", "measure"),
    "zip": (between(10_000, 99_999), "postcode", "identifier"),
    "home_zip_code": ([10_115 + 7 * (i % 9) for i in range(N)], "postcode", "dimension"),
    "phone": (between(2_000_000_000, 9_999_999_999), "phone", "identifier"),
    "account number": (between(10_000, 99_999), "identifier", "identifier"),
    "sales_zone": (between(1, 12), "category", "dimension"),
    "rating": (between(1, 5), "category", "dimension"),
    "units": (between(1, 40), "number", "measure"),
    "price": ([i / 7 for i in range(N)], "number", "measure"),
    "latitude": ([i / 7 for i in range(N)], "latitude", "measure"),
    "dropLng": ([-i / 7 for i in range(N)], "longitude", "measure"),
    "flat": ([i / 7 for i in range(N)], "number", "measure"),
    "price_index": ([i / 7 for i in range(N)], "number", "measure"),
    "years_employed": (between(0, 40), "number", "measure"),
    "one": ([3] * N, "category", "constant"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(engine: DuckEngine, name: str) -> None:
    values, meaning, role = NUMBERS[name]
    assert meanings(engine, {name: values}) == {name: (meaning, role)}


def texts_of(name: str) -> list[str]:
    valid = TYPES[name].valid
    return [valid[i % len(valid)] for i in range(N)]


TEXTS: dict[str, tuple[list[Any], str, str]] = {
    "contact": ([f"user{i}@example.com" for i in range(N)], "email", "text"),
    "site": ([f"https://example.com/{i}" for i in range(N)], "url", "text"),
    "k": (
        [f"123e4567-e89b-12d3-a456-{i:012}" for i in range(N)],
        *("uuid", "identifier"),
    ),
    "host": ([f"10.0.{i % 200}.{i % 7}" for i in range(N)], "ip_address", "text"),
    "mobile": (
        [f"+49 30 {100_000 + i}" for i in range(N)],
        *("phone", "text"),
    ),
    "iban": (texts_of("iban"), "iban", "dimension"),
    "country": (drawn("DE", "FR", "IT"), "country_code", "dimension"),
    "day": (
        [(date(2024, 1, 1) + timedelta(days=i)).isoformat() for i in range(N)],
        *("date", "text"),
    ),
    "mixed times": (drawn("2024-02-29", "2024-02-29T10:30"), "date", "dimension"),
    "colour": (drawn("red", "green"), "category", "dimension"),
    "sku": ([f"SKU-{i}" for i in range(N)], "identifier", "identifier"),
    "note": ([f"came late by {i} minutes today" for i in range(N)], "text", "text"),
    "nothing": ([None] * N, "category", "constant"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(engine: DuckEngine, name: str) -> None:
    values, meaning, role = TEXTS[name]
    column = pa.array(values, pa.string())
    assert meanings(engine, {name: column}) == {name: (meaning, role)}


def test_a_sample_proves_nothing(engine: DuckEngine) -> None:
    # The first rows are valid; more than one in twenty of all are not.
    emails = [f"user{i}@example.com" for i in range(2_000)]
    for n_wrong, meaning in ((100, "email"), (101, "text")):
        values = emails[: 2_000 - n_wrong] + ["nobody there at all today"] * n_wrong
        column = meanings(engine, {"contact": values})["contact"]
        assert column == (meaning, "text")


def test_blank_texts_speak_neither_way(engine: DuckEngine) -> None:
    values = [*("", "  ", None) * 40, *[f"u{i}@example.com" for i in range(90)]]
    column = pa.array(values, pa.string())
    assert meanings(engine, {"contact": column})["contact"][0] == "email"


def test_wrong_check_digits_are_no_cards(engine: DuckEngine) -> None:
    right = ["4111 1111 1111 1111", "5500 0000 0000 0004"] * 20
    wrong = ["4111 1111 1111 1112", "5500 0000 0000 0005"] * 20
    found = meanings(engine, {"card": right, "card no": wrong})
    assert found["card"][0] == "payment_card"
    assert found["card no"][0] == "category"


def test_a_target_and_a_time_keep_their_roles(engine: DuckEngine) -> None:
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(N)]
    found = meanings(engine, {"at": days, "year": between(1990, 2020)}, target="year")
    assert found == {"at": ("date", "time"), "year": ("year", "target")}


def test_birthdays_are_no_time_of_the_rows(engine: DuckEngine) -> None:
    days = [date(1960, 1, 1) + timedelta(days=30 * i) for i in range(N)]
    found = meanings(engine, {"date_of_birth": days, "units": between(1, 40)})
    assert found["date_of_birth"] == ("date", "ignored")
    assert meanings(engine, {"updated_at": days})["updated_at"] == ("date", "time")
    named = meanings(engine, {"birthday": days}, time="birthday")
    assert named["birthday"] == ("date", "time")
