"""What only columns of one family have: texts, dates, nested values, fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dsp.engine.duckdb_engine import DuckEngine
from dsp.events import Tick, no_tick
from dsp.records import ColumnProfile
from dsp.statistics.base import NUMERIC
from dsp.statistics.dates import date_profiles
from dsp.statistics.fits import distribution_fits
from dsp.statistics.personal import personal_data
from dsp.statistics.texts import text_patterns, text_profiles

MOST_COLUMNS = 200
"""Columns of a family that are looked at in detail."""


Detail = Callable[[DuckEngine, str, Sequence[ColumnProfile]], Iterator[object]]
DETAILS: tuple[tuple[str, Detail, tuple[str, ...]], ...] = (
    ("texts", text_profiles, ("text",)),
    ("patterns", text_patterns, ("text",)),
    ("dates", date_profiles, ("date", "timestamp", "time")),
    ("distributions", distribution_fits, NUMERIC),
    ("personal data", personal_data, ()),
)
"""What is looked at, by what, in columns of which families (all when none)."""


def details(
    engine: DuckEngine,
    source: str,
    columns: Sequence[ColumnProfile],
    *,
    tick: Tick = no_tick,
) -> tuple[object, ...]:
    """Return the records of what columns hold in detail.

    Of every family the first `MOST_COLUMNS` columns are looked at.

    Parameters
    ----------
    engine, source
        The database and SQL that can stand after ``from``.
    columns
        The profile of the columns.
    tick
        Told before every family.
    """
    found: list[object] = []
    for i, (name, detail, families) in enumerate(DETAILS):
        tick(i, len(DETAILS), unit="details", message=name)
        wanted = [c for c in columns if not families or c.family in families]
        found += detail(engine, source, wanted[:MOST_COLUMNS])
    tick(len(DETAILS), len(DETAILS), unit="details")
    return tuple(found)
