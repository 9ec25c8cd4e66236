"""Fifty rules on the table of ``generate.py``, written once for every tool.

Each rule is ``(kind, column, *arguments)`` of plain values, so that an environment
without dsp can read this file too. A few rules fail on purpose.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

COMPLETE = (
    "order_id", "customer_id", "order_date", "ordered_at", "region", "channel",
    "category", "product", "segment", "units", "unit_price", "discount", "revenue",
    "cost", "ship_days", "is_returned",
)  # fmt: skip
CATEGORIES = (
    "Electronics", "Furniture", "Clothing", "Groceries", "Toys", "Books", "Garden",
    "Sports",
)  # fmt: skip
RULES: tuple[tuple[Any, ...], ...] = (
    *(("not_null", column) for column in COMPLETE),
    ("unique", "order_id"),
    ("between", "units", 1, 30),  # a few orders are larger
    ("between", "unit_price", 5.0, 400.0),
    ("between", "discount", 0.0, 0.2),
    ("between", "revenue", 0.0, 100_000.0),
    ("between", "cost", 0.0, 200.0),
    ("between", "ship_days", 1, 20),
    ("between", "rating", 1, 5),
    ("between", "latitude", 47.0, 50.0),
    ("between", "longitude", 6.0, 10.0),
    ("between", "order_date", date(2021, 1, 1), date(2024, 12, 31)),
    ("between", "ordered_at", datetime(2021, 1, 1), datetime(2025, 1, 1)),  # noqa: DTZ001
    ("in_set", "region", ("North", "South", "East", "West")),
    ("in_set", "channel", ("Online", "Retail")),  # partners fail
    ("in_set", "category", CATEGORIES),
    ("in_set", "segment", ("Consumer", "Corporate", "Home Office")),
    ("in_set", "rating", (1, 2, 3, 4, 5)),
    ("in_set", "discount", (0.0, 0.05, 0.1, 0.2)),
    ("regex", "customer_id", "^C[0-9]{6}$"),
    ("regex", "product", "^SKU-[0-9]+$"),
    ("regex", "remark", "^order [0-9]+ was (late|fine)$"),  # broken ones fail
    ("length", "customer_id", 7, 7),
    ("length", "product", 5, 7),
    ("length", "remark", 1, 40),
    ("greater", "units", 0),
    ("greater", "unit_price", 0.0),
    ("greater", "revenue", 0.0),
    ("greater", "cost", 0.0),
    ("greater", "ship_days", 0),
    ("at_least_column", "revenue", "cost"),  # some orders make a loss
    ("at_least_column", "unit_price", "discount"),
    ("at_least_column", "units", "discount"),
    ("n_rows_at_least", None, 1),
    ("exists", "remark"),
)
