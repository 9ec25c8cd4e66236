"""A table of every family of types, with what real files rarely hold."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from tests.conftest import HOSTILE_NAMES

N_ROWS = 240
TEXTS = [
    "",
    " ",
    "\u00a0\t",
    "a",
    "A",
    "ß",
    "日本",
    "🦆",
    "é",
    "e\u0301",
    "zz",
    "x" * 300,
]
MOMENTS = [
    datetime.fromisoformat(text)
    for text in (
        *("1969-12-31T23:59:59.999999", "1582-10-14T03:00:00", "2024-02-29"),
        *("0001-01-01", "9999-12-31T23:00:00"),
    )
]


def some(rng: np.random.Generator, items: list[Any], data_type: pa.DataType) -> pa.Array:
    """Return items drawn at random."""
    return pa.array([items[i] for i in rng.integers(0, len(items), N_ROWS)], data_type)


def numbers(rng: np.random.Generator) -> list[pa.Array]:
    """Return columns of doubles, whole numbers and decimals."""
    nan, inf, n = math.nan, math.inf, N_ROWS
    double, wide = pa.float64(), pa.decimal128(38, 0)
    return [
        pa.array([None] * n, double),
        pa.array([nan] * n),
        some(rng, [nan, None], double),
        some(rng, [inf, -inf, nan, None, 0.0, -0.0, 1.5, -2.25], double),
        some(rng, [inf, -inf], double),
        pa.array(rng.normal(1e12, 1, n)),
        pa.array([None, None, *(i / 7 for i in range(50))] * 4 + [nan] * 32),
        pa.array(rng.integers(0, 1 << 40, n).astype(float) * 5e-324),
        some(rng, [0.0, 5e-324, None], double),
        pa.array(rng.lognormal(0, 9, n)),
        some(rng, [1e308, -1e308, 1.7e308, 3.0], double),
        pa.array(rng.normal(size=n).astype(np.float32)),
        some(rng, [2**63 - 1, -(2**63), 0, None, 2**53 + 1], pa.int64()),
        some(rng, [2**64 - 1, 0, 2**63], pa.uint64()),
        some(rng, [-128, 127, 0, 3, 3, 3], pa.int8()),
        pa.array([7] * n),
        pa.array(range(n)),
        some(rng, [Decimal("0.10"), Decimal("-99999999.99"), None], pa.decimal128(12, 2)),
        some(rng, [Decimal(10) ** 37, Decimal(-1), Decimal(3)], wide),
        some(rng, [Decimal(10**9) + i for i in range(3)], pa.decimal128(18, 4)),
    ]


def others(rng: np.random.Generator) -> list[pa.Array]:
    """Return columns of texts, dates, times, booleans, bytes and nested values."""
    n, pairs = N_ROWS, pa.struct({"a": pa.int8(), "b": pa.string()})
    days = [date(1950, 1, 1) + timedelta(days=int(i)) for i in rng.integers(0, 9_000, n)]
    return [
        some(rng, [True, False, None], pa.bool_()),
        pa.array([True] * n),
        some(rng, TEXTS, pa.string()),
        pa.array([f"row {i}" for i in range(n)]),
        some(rng, [None, "one"], pa.string()),
        pa.array(rng.choice(["b", "a", "c"], n)).dictionary_encode(),
        some(
            rng,
            [date(1969, 12, 31), date(1900, 1, 1), date(2024, 2, 29), None],
            pa.date32(),
        ),
        pa.array(days),
        some(rng, [*MOMENTS, None], pa.timestamp("us")),
        some(
            rng, [m.replace(tzinfo=UTC) for m in MOMENTS[1:3]], pa.timestamp("us", "UTC")
        ),
        some(rng, [time(0), time(23, 59, 59, 999_999), time(12), None], pa.time64("us")),
        some(rng, [b"", b"\x00\xff", None], pa.binary()),
        some(rng, [[1, None], [], None, [2, 3, 3]], pa.list_(pa.int64())),
        some(rng, [{"a": 1, "b": None}, {"a": None, "b": "x"}, None], pairs),
    ]


def made_table() -> pa.Table:
    """Return the table; its first columns have names that are hard to quote."""
    rng = np.random.default_rng(11)
    arrays = [*numbers(rng), *others(rng)]
    names = [*HOSTILE_NAMES, *(f"x{i}" for i in range(len(arrays) - len(HOSTILE_NAMES)))]
    return pa.table(dict(zip(names, arrays, strict=True)))
