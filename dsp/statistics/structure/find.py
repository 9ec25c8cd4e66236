"""Finds the structure of a table: one sample, then what it leaves open on all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsp.engine.duckdb_engine import DuckEngine
from dsp.records import ColumnProfile, Dependency, StructureSearch
from dsp.statistics.structure.base import Data, Limits
from dsp.statistics.structure.functional import functional
from dsp.statistics.structure.keys import keys
from dsp.statistics.structure.sample import draw


@dataclass(frozen=True, slots=True)
class Structure:
    """What holds the rows and columns of a table together.

    Attributes
    ----------
    dependencies
        Keys, near-keys and functional dependencies.
    searches
        How far each kind was searched for.
    """

    dependencies: tuple[Dependency, ...] = ()
    searches: tuple[StructureSearch, ...] = ()

    @property
    def records(self) -> tuple[object, ...]:
        """All of it as rows of result tables."""
        return (*self.dependencies, *self.searches)


def structure(
    engine: DuckEngine,
    source: str,
    profiles: Sequence[ColumnProfile],
    *,
    limits: Limits | None = None,
) -> Structure:
    """Return the structure of a table from its profile and some scans."""
    data = Data(engine, source, {p.column_name: p for p in profiles}, limits or Limits())
    dependencies, searches = _dependencies(data)
    return Structure(tuple(dependencies), tuple(searches))


def _dependencies(data: Data) -> tuple[list[Dependency], list[StructureSearch]]:
    deciders = data.deciders()
    names = list(dict.fromkeys([*deciders, *data.decided()[: data.limits.dependents]]))
    if data.n_rows < 2 or not deciders:
        return [], []
    sample = draw(data, names)
    found, known, search = keys(data, sample)
    decided, other = functional(data, sample, known)
    return [*found, *decided], [search, other]
