"""What only columns of one family have: texts, dates, nested values, fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsp.engine.duckdb_engine import DuckEngine
from dsp.events import Tick, no_tick
from dsp.records import ColumnProfile
from dsp.statistics.base import DATED, NUMERIC
from dsp.statistics.dates import date_profiles
from dsp.statistics.fits import distribution_fits
from dsp.statistics.nested import nested_profiles
from dsp.statistics.personal import personal_data
from dsp.statistics.texts import counted_texts, text_patterns, text_profiles

MOST_COLUMNS = 100
"""Columns of a family that are looked at in detail."""
VERY_WIDE, FEWER_COLUMNS = 500, 30
"""In tables of more columns than the first, the second is how many are."""


def details(
    engine: DuckEngine,
    source: str,
    columns: Sequence[ColumnProfile],
    *,
    tick: Tick = no_tick,
) -> tuple[object, ...]:
    """Return the records of what columns hold in detail.

    Of every family the first `MOST_COLUMNS` columns are looked at (`FEWER_COLUMNS` in
    very wide tables, where every query has to know all columns); names that speak of
    personal data are found in all columns.

    Parameters
    ----------
    engine, source
        The database and SQL that can stand after ``from``.
    columns
        The profile of the columns.
    tick
        Told before every family.
    """
    texts = _of(columns, "text")
    dates = _of(columns, *DATED, "time")
    numbers = _of(columns, *NUMERIC)
    found: list[object] = []
    with counted_texts(engine, source, texts) as stored:
        steps: tuple[tuple[str, Iterator[object]], ...] = (
            ("texts", text_profiles(engine, source, texts, stored)),
            ("patterns", text_patterns(engine, source, texts, stored)),
            (
                "personal data",
                personal_data(engine, source, columns, stored, searched=texts),
            ),
            ("dates", date_profiles(engine, source, dates)),
            ("nested values", nested_profiles(engine, source, _of(columns, "nested"))),
            ("distributions", distribution_fits(engine, source, numbers)),
        )
        for i, (name, records) in enumerate(steps):
            tick(i, len(steps), unit="details", message=name)
            found += records
    tick(len(steps), len(steps), unit="details")
    return tuple(found)


def _of(columns: Sequence[ColumnProfile], *families: str) -> list[ColumnProfile]:
    n_most = MOST_COLUMNS if len(columns) <= VERY_WIDE else FEWER_COLUMNS
    return [c for c in columns if c.family in families][:n_most]
