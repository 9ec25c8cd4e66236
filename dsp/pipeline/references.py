"""Reads the other tables that rules compare with, before the database is locked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dsp.errors import DspError

if TYPE_CHECKING:
    from dsp.checks import Rule
    from dsp.engine import DuckEngine
    from dsp.events import Tick

SCHEMA = "reference"
"""Schema of the tables, which hold the needed columns only."""
STAGE = "dsp_reference_as_read"


@dataclass(slots=True)
class _Wanted:
    source: Any
    columns: dict[str, None] = field(default_factory=dict)
    is_distinct: bool = True


def load_references(
    rules: Iterable[Rule], engine: DuckEngine, *, tick: Tick
) -> dict[str, Any]:
    """Return the tables that rules name, by name; an error in place of one that fails.

    Tables that an earlier, unfinished run has read are not read again.
    """
    from dsp.engine import StoredTable

    found: dict[str, Any] = {}
    for position, (name, wanted) in enumerate(_wanted(rules).items(), 1):
        table = StoredTable(engine, f"r{position}", SCHEMA)
        try:
            if not table.exists:
                _load(wanted, engine, table.name, tick)
        except DspError as error:
            found[name] = error
        else:
            found[name] = table
    return found


def _wanted(rules: Iterable[Rule]) -> Mapping[str, _Wanted]:
    from dsp.checks import reference_name, references_of

    found: dict[str, _Wanted] = {}
    for rule in rules:
        for reference in references_of(rule):
            name = reference_name(reference.source)
            wanted = found.setdefault(name, _Wanted(reference.source))
            wanted.columns |= dict.fromkeys(reference.columns)
            wanted.is_distinct &= reference.is_distinct
    return found


def _load(wanted: _Wanted, engine: DuckEngine, name: str, tick: Tick) -> None:
    from dsp.engine.duckdb_engine import quote
    from dsp.sources import DataReader

    reader = DataReader(schema=STAGE)
    try:
        loaded = reader.load(reader.locate(wanted.source), engine, tick=tick)
        there = [column for column in wanted.columns if column in loaded.columns]
        listed = ", ".join(map(quote, there)) or "true as is_there"
        distinct = "distinct " if wanted.is_distinct and there else ""
        source = f"{quote(STAGE)}.data"
        engine.create(name, f"select {distinct}{listed} from {source}", schema=SCHEMA)
    finally:
        engine.execute(f"drop schema if exists {quote(STAGE)} cascade")
