"""Write a sales-like table of 20 columns of mixed types, the same for the same seed.

    python benchmarks/generate.py --rows 1000000 --format parquet

Files are kept in ``benchmarks/out/``. DuckDB makes the values from a hash of the row
number, so that ten million rows take seconds and do not depend on threads.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from common import OUT, show

# u(k) is uniform in [0, 1), fixed by the row number, the seed and k.
SELECT = """
with base as (
    select range as i from range($rows)
), draws as (
    select
        i,
        i / $rows as share,
        date '2021-01-01' + (i * 1400 / $rows)::int as order_date,
        list_transform(
            range(16),
            lambda k: (hash(i * 16 + k + $seed * 1000003) >> 11) / 9007199254740992.0
        ) as u
    from base
), orders as (
    select
        *,
        (1 + floor(-3 * ln(1 - u[8])) + 2 * (isodow(order_date) > 5)::int)::int as units,
        5 + 40 * sqrt(-2 * ln(1 - u[9])) * (1 + 0.2 * share) as price,
        [0.0, 0.0, 0.0, 0.05, 0.1, 0.2][1 + floor(u[10] * 6)::int]::double as discount
    from draws
)
select
    i + 1 as order_id,
    'C' || lpad(floor(u[1] * 50000)::int::varchar, 6, '0') as customer_id,
    order_date,
    order_date::timestamp + to_seconds(floor(u[2] * 86400)::int) as ordered_at,
    ['North', 'South', 'East', 'West'][1 + floor(u[3] * 4)::int] as region,
    ['Online', 'Retail', 'Partner'][1 + floor(u[4] * u[4] * 3)::int] as channel,
    [
        'Electronics', 'Furniture', 'Clothing', 'Groceries',
        'Toys', 'Books', 'Garden', 'Sports'
    ][1 + floor(u[5] * 8)::int] as category,
    'SKU-' || floor(u[6] * u[6] * 900)::int::varchar as product,
    ['Consumer', 'Corporate', 'Home Office'][1 + floor(u[7] * 3)::int] as segment,
    units,
    round(price, 2) as unit_price,
    discount,
    round(units * price * (1 - discount), 2) as revenue,
    (20 * u[11] + 30 * u[9])::decimal(12, 2) as cost,
    1 + floor(u[12] * u[12] * 20)::int as ship_days,
    case when u[13] > 0.15 then 1 + floor(u[14] * 5)::int end as rating,
    u[15] < 0.08 as is_returned,
    case when u[16] > 0.3 then 47 + 3 * u[11] end as latitude,
    case when u[16] > 0.3 then 6 + 4 * u[12] end as longitude,
    case
        when u[13] < 0.2
        then 'order ' || (i % 977) || ' was ' || ['late', 'fine', 'broken'][1 + i % 3]
    end as remark
from orders
order by i
"""
SEED = 1


def table(rows: int, format: str = "parquet") -> Path:
    """Return the file of a table, written when it is not there yet."""
    import duckdb

    path = OUT / f"sales_{rows}.{format}"
    if path.is_file():
        return path
    OUT.mkdir(exist_ok=True)
    unfinished = path.with_suffix(f".{format}.tmp")
    options = (
        "format parquet, compression zstd"
        if format == "parquet"
        else "format csv, header"
    )
    with duckdb.connect() as con:
        con.execute(
            f"copy ({SELECT}) to '{unfinished}' ({options})", {"rows": rows, "seed": SEED}
        )
    unfinished.rename(path)
    return path


def main() -> None:
    """Write the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    given = parser.parse_args()
    made = []
    for rows in given.rows:
        started = time.perf_counter()
        path = table(rows, given.format)
        size = f"{path.stat().st_size / 1e6:.1f} MB"
        made.append((f"{rows:,}", path.name, size, time.perf_counter() - started))
    show(("rows", "file", "size", "seconds"), made)


if __name__ == "__main__":
    main()
