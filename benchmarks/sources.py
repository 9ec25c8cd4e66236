"""Sources for the benchmark of suggestions: real data where it is, and made data."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import generate

SUFFIXES = (".csv", ".json", ".arrow", ".parquet")
MOST_ROWS = 50_000
"""Rows of a source that are used."""

# u(k) is uniform in [0, 1), fixed by the row number and k.
DRAWS = """
with draws as (
    select range as i, list_transform(
        range(12), lambda k: (hash(range * 16 + k + 77) >> 11) / 9007199254740992.0
    ) as u
    from range({rows})
)
"""
CUSTOMERS = """
select
    i + 1001 as customer_id,
    'user' || (hash(i) % 1000000000) || '@example.'
        || ['com', 'org', 'net'][1 + (u[1] * 3)::int % 3] as email,
    ['DE', 'FR', 'IT', 'CH', 'AT'][1 + floor(u[2] * u[2] * 5)::int] as country,
    lpad(floor(u[3] * 89999 + 10000)::int::varchar, 5, '0') as postcode,
    date '1940-01-01' + floor(u[4] * 24000)::int as born_on,
    date '2019-01-01' + (i // 8)::int as signed_up_on,
    case
        when u[5] < 0.3
        then date '2019-01-01' + (i // 8)::int + floor(-90 * ln(u[6]))::int
    end as left_on,
    '+49 ' || floor(u[7] * 899 + 100)::int
        || ' ' || floor(u[8] * 8999999 + 1000000)::int as phone,
    ['free', 'basic', 'pro'][1 + floor(u[9] * u[9] * 3)::int] as plan,
    u[10] < 0.4 as has_newsletter
from draws order by i
"""
INVOICES = """
select
    'INV-' || lpad((i + 1)::varchar, 7, '0') as invoice,
    timestamp '2024-01-01' + to_minutes((i * 7 + floor(u[1] * 7)::int)::int) as issued_at,
    timestamp '2024-01-01' + to_minutes((i * 7 + 8)::int)
        + to_seconds(floor(u[2] * 900000)::int) as paid_at,
    exp(3 + 1.1 * sqrt(-2 * ln(1 - u[3])) * cos(6.2831853 * u[4]))::decimal(12, 2)
        as net,
    (net * 0.19)::decimal(12, 2) as tax,
    net + tax as gross,
    ['EUR', 'USD', 'GBP'][1 + floor(u[5] * u[5] * 3)::int] as currency,
    ['Berlin', 'Hamburg', 'München', 'Köln', 'Frankfurt'][1 + floor(u[6] * 5)::int]
        as city,
    ['BE', 'HH', 'BY', 'NW', 'HE'][1 + floor(u[6] * 5)::int] as state,
    floor(1 + u[7] * 100)::int as discount_percent
from draws order by i
"""
SENSORS = """
select
    timestamp '2023-01-01' + to_minutes((10 * i)::int) as measured_at,
    'S' || lpad((i % 12)::varchar, 2, '0') as sensor,
    round(
        12 + 10 * sin(6.2831853 * i / 52560)
        + 3 * sqrt(-2 * ln(1 - u[1])) * cos(6.2831853 * u[2]),
        1
    ) as temperature,
    round(100 * (0.5 + 0.4 * sin(6.2831853 * i / 144)) * (0.9 + 0.1 * u[3]), 1)
        as humidity,
    round(1013 + 8 * sin(6.2831853 * i / 1500) + 2 * u[4], 1) as pressure,
    case when u[5] < 0.02 then null else round(3.6 + 0.5 * u[6], 2) end as battery,
    ['ok', 'ok', 'ok', 'ok', 'weak', 'error'][1 + floor(u[7] * 6)::int] as status,
    floor(-20 * ln(1 - u[8]))::int as retries
from draws order by i
"""
MADE = {
    "sales": generate.SELECT,
    "customers": DRAWS + CUSTOMERS,
    "invoices": DRAWS + INVOICES,
    "sensors": DRAWS + SENSORS,
}


@dataclass(frozen=True)
class Source:
    """A source: its name, and how it becomes a table of an engine."""

    name: str
    load: Callable[[Any], str]


def all_sources(folder: Path | None) -> Iterator[Source]:
    """Yield made sources, then the real ones of a folder and the folders in it."""
    for name in MADE:
        yield made(name, 20_000)
    if folder is None or not folder.is_dir():
        print(
            f"no real data: {folder or '--data'} is not given or no folder",
            file=sys.stderr,
        )
        return
    files = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES)
    stems = {p.with_suffix("") for p in files if p.suffix == ".parquet"}
    for path in files:
        # A CSV file beside a Parquet file of the same name is the same data.
        if path.suffix == ".parquet" or path.with_suffix("") not in stems:
            yield real(path)


def made(name: str, rows: int) -> Source:
    """Return a made source."""

    def load(engine: Any) -> str:
        text = MADE[name]
        if name == "sales":
            text = text.replace("$rows", str(rows)).replace("$seed", "1")
        engine.execute(f"create table source as {text.replace('{rows}', str(rows))}")
        return "source"

    return Source(name, load)


def real(path: Path) -> Source:
    """Return a source that is a file."""

    def load(engine: Any) -> str:
        from dsp.sources import DataReader

        reader = DataReader()
        with engine.transaction():
            reader.load(reader.locate(str(path)), engine, materialize="always")
        engine.execute(f"create table source as from raw.data limit {MOST_ROWS}")
        return "source"

    return Source(path.stem, load)
