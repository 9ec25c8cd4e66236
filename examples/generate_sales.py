"""Write examples/sales.parquet: 20,000 orders of two years with stories planted in them.

The same seed gives the same table on every machine. The stories:

* revenue grows slowly over the two years, and weekend days sell 40 % more units;
* for two weeks in March 2024 a stock-out halves the orders;
* the segment "Home Office" shrinks to a third over the two years;
* region "West" gives twice the discount of the others, and earns less for it;
* category "Furniture" ships slowest, and slow orders are rated lower;
* ratings are missing for 18 % of orders, more often in the channel "Partner";
* a dozen unit prices are negative, and thirty orders are stored twice.

Run it from anywhere: ``python examples/generate_sales.py``.
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SEED = 20240229
N_ORDERS = 20_000
N_TWICE = 30
START = date(2023, 1, 1)
N_DAYS = 730
DIP = (date(2024, 3, 4), date(2024, 3, 17))
REGIONS = ("North", "South", "East", "West")
CATEGORIES = ("Electronics", "Furniture", "Clothing", "Groceries", "Toys")
PRICES = {
    "Electronics": 180.0,
    "Furniture": 240.0,
    "Clothing": 45.0,
    "Groceries": 12.0,
    "Toys": 28.0,
}


def generate(n_orders: int = N_ORDERS, *, seed: int = SEED) -> Any:
    """Return the orders as a `pyarrow.Table`, sorted by date."""
    import numpy as np
    import pyarrow as pa

    rng = np.random.default_rng(seed)
    day = order_days(rng, n_orders)
    share = day / N_DAYS
    weekend = (day + START.weekday()) % 7 >= 5
    region = rng.choice(
        ["North", "South", "East", "West"], n_orders, p=[0.3, 0.3, 0.2, 0.2]
    )
    channel = rng.choice(["Online", "Retail", "Partner"], n_orders, p=[0.55, 0.3, 0.15])
    category = rng.choice(CATEGORIES, n_orders, p=[0.25, 0.15, 0.25, 0.2, 0.15])
    segment = segments(rng, share)

    base = np.array([PRICES[name] for name in category])
    unit_price = np.maximum(base * rng.lognormal(0, 0.35, n_orders), 0.5).round(2)
    units = 1 + rng.poisson((1.6 + 0.8 * share) * np.where(weekend, 1.4, 1.0))
    discount = rng.choice([0.0, 0.05, 0.1, 0.15], n_orders, p=[0.5, 0.2, 0.2, 0.1])
    discount = np.where(region == "West", discount * 2, discount).round(2)
    revenue = (units * unit_price * (1 - discount)).round(2)
    cost = (units * unit_price * rng.normal(0.62, 0.06, n_orders)).round(2)
    ship_days = 1 + rng.poisson(np.where(category == "Furniture", 6.0, 2.2))
    rating = np.clip(np.rint(rng.normal(4.6 - 0.16 * ship_days, 0.8)), 1, 5).astype(int)
    is_missing = rng.random(n_orders) < np.where(channel == "Partner", 0.4, 0.14)
    wrong = rng.choice(n_orders, 12, replace=False)
    unit_price[wrong] = -unit_price[wrong]

    table = pa.table(
        {
            "order_id": [f"SO-{i:06d}" for i in range(1, n_orders + 1)],
            "order_date": [START + timedelta(days=int(d)) for d in day],
            "region": region.tolist(),
            "channel": channel.tolist(),
            "category": category.tolist(),
            "segment": segment.tolist(),
            "units": pa.array(units, pa.int64()),
            "unit_price": unit_price,
            "discount": discount,
            "revenue": revenue,
            "cost": cost,
            "ship_days": pa.array(ship_days, pa.int64()),
            "rating": pa.array(rating, pa.int64(), mask=is_missing),
            "is_returned": (rng.random(n_orders) < 0.02 + 0.02 * (rating <= 2)).tolist(),
        }
    )
    n_twice = min(N_TWICE, n_orders)
    twice = rng.choice(n_orders, n_twice, replace=False)
    order = np.sort(np.concatenate([np.arange(n_orders), twice]))
    return table.take(pa.array(order))


def order_days(rng: Any, n_orders: int) -> Any:
    """Return the day of each order (0 is the first), sorted; the dip has half as many."""
    import numpy as np

    weight = 1 + 0.25 * np.arange(N_DAYS) / N_DAYS
    first, last = ((moment - START).days for moment in DIP)
    weight[first : last + 1] *= 0.5
    return np.sort(rng.choice(N_DAYS, n_orders, p=weight / weight.sum()))


def segments(rng: Any, share: Any) -> Any:
    """Return the customer segment of each order; Home Office shrinks to a third."""
    import numpy as np

    home_office = 0.3 * (1 - share * 2 / 3)
    draw = rng.random(len(share))
    rest = (draw - home_office) / (1 - home_office)
    names = np.where(rest < 0.6, "Consumer", "Corporate")
    return np.where(draw < home_office, "Home Office", names)


def main() -> None:
    """Write the file."""
    import pyarrow.parquet as pq

    parser = argparse.ArgumentParser(description="write the example orders")
    parser.add_argument("--rows", type=int, default=N_ORDERS)
    parser.add_argument(
        "--output", type=Path, default=Path(__file__).parent / "sales.parquet"
    )
    given = parser.parse_args()
    table = generate(given.rows)
    pq.write_table(table, given.output, compression="zstd", write_page_checksum=True)
    print(f"{table.num_rows:,} rows x {table.num_columns} columns -> {given.output}")


if __name__ == "__main__":
    main()
