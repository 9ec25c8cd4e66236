"""Fixtures that every room uses: an engine, a small sales table, nasty tables."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from dsp.engine import DuckEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path(__file__).resolve().parents[2] / "shared"
HOSTILE_NAMES = [
    "it's",
    'a "quoted" name',
    "select",
    "🦆 emoji",
    "</script><script>alert(1)</script>",
    "n" * 300,
    "semi;colon -- comment",
    "dot.ted $name {brace} %s",
    "café Ünïcode 名前",
    "=1+1",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests on shared data where that folder is not beside the project."""
    if not (SHARED / "data").is_dir():
        skip = pytest.mark.skip(reason="needs ../shared/data beside the project")
        for item in items:
            if "shared" in item.keywords:
                item.add_marker(skip)


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    """Return an empty database in memory."""
    made = DuckEngine(threads=2)
    yield made
    made.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data sets (mark the test ``shared``)."""
    return SHARED / "data"


@pytest.fixture(scope="session")
def sales() -> pa.Table:
    """Return 2,000 orders with planted stories.

    Revenue is units x price less discount; region West sells at 60 % of the price; Friday
    and Saturday bring 1.5 times the units; units rise over time; ratings miss at random.
    """
    rng = np.random.default_rng(7)
    n = 2_000
    start = date(2024, 1, 1)
    days = np.sort(rng.integers(0, 364, n))
    dates = [start + timedelta(days=int(day)) for day in days]
    region = rng.choice(["North", "South", "East", "West"], n)
    channel = rng.choice(["Online", "Retail", "Partner"], n, p=[0.6, 0.3, 0.1])
    weekend = np.array([day.weekday() in (4, 5) for day in dates])
    units = rng.poisson(3 + 3 * days / 364 + 2 * weekend) + 1
    price = rng.gamma(4, 10, n).round(2)
    price = np.where(region == "West", price * 0.6, price).round(2)
    discount = rng.choice([0.0, 0.1, 0.2], n, p=[0.7, 0.2, 0.1])
    revenue = (units * price * (1 - discount)).round(2)
    rating = [None if rng.random() < 0.15 else int(rng.integers(1, 6)) for _ in range(n)]
    return pa.table(
        {
            "order_id": pa.array(range(1, n + 1), pa.int64()),
            "order_date": pa.array(dates, pa.date32()),
            "region": region.tolist(),
            "channel": channel.tolist(),
            "units": pa.array(units, pa.int64()),
            "unit_price": price,
            "discount": discount,
            "revenue": revenue,
            "rating": pa.array(rating, pa.int64()),
            "returned": (rng.random(n) < 0.08).tolist(),
        }
    )


def _nasty() -> dict[str, pa.Table]:
    utc = UTC
    moments = [datetime(2024, 1, 1, tzinfo=utc) + timedelta(hours=i) for i in range(40)]
    mixed = {
        "f": [1.5, float("nan"), math.inf, -math.inf, None] * 8,
        "big": pa.array([2**62, -(2**62), 0, None, 1] * 8, pa.int64()),
        "dec": pa.array(
            [Decimal("12345678901234.5678"), None] * 20, pa.decimal128(38, 4)
        ),
        "t": ["", "  ", "ß", "</script>", None, "a\x00b", "🦆", "=1+1"] * 5,
        "flag": [True, False, None, True] * 10,
        "at": pa.array(moments, pa.timestamp("us", tz="Europe/Zurich")),
        "nested": pa.array([[1, 2], [], None, [3]] * 10, pa.list_(pa.int64())),
        "blob": pa.array([b"\x00\xff", None] * 20, pa.binary()),
    }
    return {
        "hostile_names": pa.table(
            {name: [1.0, 2.0, 3.5, None] * 10 for name in HOSTILE_NAMES[:5]}
            | {name: ["x", "it's", "</script>", None] * 10 for name in HOSTILE_NAMES[5:]}
        ),
        "mixed_types": pa.table(mixed),
        "no_rows": pa.table(
            {"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}
        ),
        "one_row": pa.table({"a": [1], "b": ["x"], "c": [1.5], "d": [date(2024, 1, 1)]}),
        "all_null": pa.table(
            {"a": pa.nulls(30, pa.float64()), "b": pa.nulls(30, pa.string())}
        ),
        "constant": pa.table({"a": [7] * 30, "b": ["same"] * 30, "c": [0.1] * 30}),
        "all_unique": pa.table({"a": list(range(50)), "b": [f"k{i}" for i in range(50)]}),
        "one_column": pa.table({"only": [3, 1, 2] * 10}),
        "wide": pa.table({f"c{i}": [i, i + 1, None, i * 2] * 5 for i in range(120)}),
        "huge_values": pa.table(
            {"a": [1e308, -1e308, 1e-308, 0.0] * 10, "b": [1e16 + i for i in range(40)]}
        ),
    }


NASTY = _nasty()


@pytest.fixture(params=sorted(NASTY))
def nasty(request: pytest.FixtureRequest) -> tuple[str, Any]:
    """Return the name and content of one nasty table; runs the test for each."""
    return request.param, NASTY[request.param]
