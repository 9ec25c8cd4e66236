"""Orders of the reference dashboard: two years with planted effects, and none.

`reference_sales` plants what `PLANTED` says; `null_sales` has the same columns, all
independent of each other.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

FIRST_DAY = date(2024, 11, 1)
N_DAYS = 730
N_ORDERS = 59_746
SEED = 20_241_101

REGIONS = {"North": 0.268, "South": 0.219, "West": 0.199, "East": 0.194, "Central": 0.12}
CHANNELS = ["Online", "Retail", "Partner"]
CATEGORIES = {
    "Accessories": (0.29, 45.0),
    "Audio": (0.215, 140.0),
    "Phones": (0.21, 760.0),
    "Displays": (0.125, 380.0),
    "Services": (0.10, 110.0),
    "Laptops": (0.06, 1_400.0),
}
"""Share of orders and usual price."""
SEGMENTS = {"Consumer": 0.609, "Small business": 0.272, "Enterprise": 0.119}
UNITS = {"Consumer": 0.32, "Small business": 1.35, "Enterprise": 4.25}
"""Mean number of units beyond the first."""
DISCOUNTS = {0.0: 0.66, 0.05: 0.10, 0.1: 0.11, 0.15: 0.07, 0.2: 0.04, 0.3: 0.02}
SHIP_DAYS = {"North": 2.4, "South": 2.8, "West": 2.7, "East": 3.1, "Central": 4.2}

PLANTED: dict[str, Any] = {
    "growth": 1.2,
    "outage": {"first": date(2026, 5, 15), "last": date(2026, 5, 28), "change": -0.32},
    "decline": {
        "region": "West",
        "category": "Audio",
        "since": date(2026, 7, 1),
        "change": -0.48,
    },
    "shift": {"column": "channel", "value": "Online", "from": 0.39, "to": 0.60},
    "rating": {"column": "ship_days", "slope": -0.16},
    "concentration": {"value": "Enterprise", "orders": 0.12, "revenue": 0.30},
    "negative_prices": 37,
}
"""What `reference_sales` holds, for tests to compare with."""


def reference_sales(seed: int = SEED) -> pa.Table:
    """Return 59,746 orders of two years, sorted by date, with the effects of `PLANTED`.

    Revenue is units x price x (1 - discount) to the cent; on the orders whose price is
    negative it is what the price without its sign gives.
    """
    rng = np.random.default_rng(seed)
    n_drawn = N_ORDERS + 2_000
    day = np.sort(rng.choice(N_DAYS, n_drawn, p=_day_weights(rng)))
    region = _pick(rng, REGIONS.values(), n_drawn)
    category = _pick(rng, [share for share, _ in CATEGORIES.values()], n_drawn)
    decline = PLANTED["decline"]
    lost = (
        (region == list(REGIONS).index(decline["region"]))
        & (category == list(CATEGORIES).index(decline["category"]))
        & (day >= _day_of(decline["since"]))
        & (rng.random(n_drawn) < -decline["change"])
    )
    kept = np.sort(rng.choice(np.flatnonzero(~lost), N_ORDERS, replace=False))
    day, region, category = day[kept], region[kept], category[kept]
    return _orders(rng, day, region, category, _channels(rng, day))


def _day_of(day: date) -> int:
    return (day - FIRST_DAY).days


def _day_weights(rng: np.random.Generator) -> Any:
    """Return the share of each day in all orders: growth, seasons, outage, some noise."""
    days = np.datetime64(FIRST_DAY) + np.arange(N_DAYS)
    weekday = (days.astype("datetime64[D]").view("int64") - 4) % 7
    month = days.astype("datetime64[M]").view("int64") % 12
    by_weekday = np.array([0.97, 0.94, 0.93, 0.95, 1.17, 1.19, 0.85])
    by_month = np.array(
        [0.82, 0.9, 0.97, 1.0, 1.06, 1.14, 1.06, 1.0, 0.98, 0.97, 1.03, 1.07]
    )
    outage = PLANTED["outage"]
    is_out = np.zeros(N_DAYS, bool)
    is_out[_day_of(outage["first"]) : _day_of(outage["last"]) + 1] = True
    weights = (
        PLANTED["growth"] ** (1.2 * np.arange(N_DAYS) / 365)
        * by_weekday[weekday]
        * by_month[month]
        * np.where(is_out, 1 + outage["change"], 1.0)
        * np.exp(rng.normal(0, 0.03, N_DAYS))
    )
    return weights / weights.sum()


def _pick(rng: np.random.Generator, shares: Any, n: int) -> Any:
    """Return codes 0, 1, ... drawn by their shares."""
    edges = np.cumsum(list(shares))
    return np.searchsorted(edges / edges[-1], rng.random(n), side="right")


def _channels(rng: np.random.Generator, day: Any) -> Any:
    """Return codes of channels: Online gains what Retail and Partner lose."""
    shift = PLANTED["shift"]
    online = shift["from"] + (shift["to"] - shift["from"]) * day / (N_DAYS - 1)
    drawn = rng.random(len(day))
    retail = online + (1 - online) * 0.62
    return (drawn >= online).astype("int64") + (drawn >= retail)


def _orders(
    rng: np.random.Generator, day: Any, region: Any, category: Any, channel: Any
) -> pa.Table:
    """Return the table of orders whose days and groups are given as codes."""
    n = len(day)
    segment = _pick(rng, SEGMENTS.values(), n)
    units = 1 + rng.poisson(np.array(list(UNITS.values()))[segment])
    usual = np.array([price for _, price in CATEGORIES.values()])[category]
    price = (usual * np.exp(rng.normal(0, 0.25, n))).round(2)
    discount = np.array(list(DISCOUNTS))[_pick(rng, DISCOUNTS.values(), n)]
    revenue = (units * price * (1 - discount)).round(2)
    cost = (units * price * 0.82 * np.exp(rng.normal(0, 0.06, n))).round(2)
    wait = np.array(list(SHIP_DAYS.values()))[region]
    ship_days = np.maximum(rng.gamma(3.0, wait / 3.0), 0.2).round(1)
    liked = 4.46 + PLANTED["rating"]["slope"] * 1.02 * ship_days + rng.normal(0, 0.62, n)
    rating = np.clip(liked.round(), 1, 5).astype("int64")
    sign_lost = rng.choice(n, PLANTED["negative_prices"], replace=False)
    price[sign_lost] *= -1
    return pa.table(
        {
            "order_id": pa.array(np.arange(100_001, 100_001 + n)),
            "order_date": _dates(day),
            "region": _named(list(REGIONS), region, rng.random(n) < 0.0035),
            "channel": _named(CHANNELS, channel),
            "category": _named(list(CATEGORIES), category),
            "segment": _named(list(SEGMENTS), segment),
            "units": pa.array(units),
            "unit_price": price,
            "discount": discount,
            "revenue": revenue,
            "cost": cost,
            "ship_days": ship_days,
            "rating": pa.array(rating, mask=rng.random(n) < 0.18),
        }
    )


def _dates(day: Any) -> pa.Array:
    return pa.array(np.datetime64(FIRST_DAY) + day.astype("timedelta64[D]"), pa.date32())


def _named(names: list[str], codes: Any, missing: Any = None) -> pa.Array:
    return pa.array(names).take(pa.array(codes, mask=missing))


def null_sales(seed: int, n: int = 400) -> pa.Table:
    """Return orders with the same kinds of columns, each independent of all others.

    Revenue is a column of its own here: it is not units x price.
    """
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            "order_id": pa.array(np.arange(100_001, 100_001 + n)),
            "order_date": _dates(np.sort(rng.integers(0, N_DAYS, n))),
            "region": _named(
                list(REGIONS), _pick(rng, REGIONS.values(), n), rng.random(n) < 0.004
            ),
            "channel": _named(CHANNELS, _pick(rng, [0.5, 0.3, 0.2], n)),
            "category": _named(list(CATEGORIES), _pick(rng, [1.0] * 6, n)),
            "segment": _named(list(SEGMENTS), _pick(rng, [0.4, 0.35, 0.25], n)),
            "units": pa.array(1 + rng.poisson(1.1, n)),
            "unit_price": rng.gamma(4.0, 40.0, n).round(2),
            "discount": np.array(list(DISCOUNTS))[_pick(rng, DISCOUNTS.values(), n)],
            "revenue": rng.gamma(3.0, 120.0, n).round(2),
            "cost": rng.gamma(3.0, 90.0, n).round(2),
            "ship_days": np.maximum(rng.gamma(3.0, 1.0, n), 0.2).round(1),
            "rating": pa.array(
                np.clip(rng.normal(3.9, 0.8, n).round(), 1, 5).astype("int64"),
                mask=rng.random(n) < 0.18,
            ),
        }
    )
