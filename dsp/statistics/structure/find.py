"""Finds the structure of a table: one sample, then what it leaves open on all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsp.engine.duckdb_engine import DuckEngine
from dsp.records import (
    ColumnProfile,
    Dependency,
    Inclusion,
    MissingPair,
    MissingPattern,
    MissingPredictor,
    NearDuplicate,
    RepeatedRows,
    StructureSearch,
)
from dsp.statistics.structure.base import Data, Limits
from dsp.statistics.structure.duplicates import repeated_rows
from dsp.statistics.structure.functional import functional
from dsp.statistics.structure.inclusions import inclusions
from dsp.statistics.structure.keys import keys
from dsp.statistics.structure.missing import (
    MOST_GAPPY,
    MOST_PAIRED,
    Gaps,
    gaps,
    missing_pairs,
    missing_patterns,
)
from dsp.statistics.structure.missing_predictors import missing_predictors
from dsp.statistics.structure.near_duplicates import near_duplicates
from dsp.statistics.structure.sample import draw


@dataclass(frozen=True, slots=True)
class Structure:
    """What holds the rows and columns of a table together.

    Attributes
    ----------
    dependencies
        Keys, near-keys and functional dependencies.
    inclusions
        Columns whose values are among those of another one.
    repeated_rows
        How many rows equal another in all columns; None for an empty table.
    near_duplicates
        Texts that are nearly a more frequent one.
    missing_patterns, missing_pairs, missing_predictors
        Which columns are missing together, and what that depends on.
    searches
        How far each kind was searched for.
    """

    dependencies: tuple[Dependency, ...] = ()
    inclusions: tuple[Inclusion, ...] = ()
    repeated_rows: RepeatedRows | None = None
    near_duplicates: tuple[NearDuplicate, ...] = ()
    missing_patterns: tuple[MissingPattern, ...] = ()
    missing_pairs: tuple[MissingPair, ...] = ()
    missing_predictors: tuple[MissingPredictor, ...] = ()
    searches: tuple[StructureSearch, ...] = ()

    @property
    def records(self) -> tuple[object, ...]:
        """All of it as rows of result tables."""
        return (
            *self.dependencies,
            *self.inclusions,
            *((self.repeated_rows,) if self.repeated_rows else ()),
            *self.near_duplicates,
            *self.missing_patterns,
            *self.missing_pairs,
            *self.missing_predictors,
            *self.searches,
        )


@dataclass(frozen=True, slots=True)
class Inclusions:
    """Columns of some tables whose values are among those of another column.

    Attributes
    ----------
    inclusions
        What was found, the likeliest foreign keys first.
    searches
        How far was searched.
    """

    inclusions: tuple[Inclusion, ...] = ()
    searches: tuple[StructureSearch, ...] = ()


def between(
    engine: DuckEngine,
    tables: Mapping[str, tuple[str, Sequence[ColumnProfile]]],
    *,
    limits: Limits | None = None,
) -> Inclusions:
    """Return inclusions within and between tables, given with source and profile."""
    found, search = inclusions(
        [
            (name, Data(engine, source, _by_name(profiles), limits or Limits()))
            for name, (source, profiles) in tables.items()
        ]
    )
    return Inclusions(tuple(found), (search,))


def _by_name(profiles: Sequence[ColumnProfile]) -> dict[str, ColumnProfile]:
    return {p.column_name: p for p in profiles}


def structure(
    engine: DuckEngine,
    source: str,
    profiles: Sequence[ColumnProfile],
    *,
    limits: Limits | None = None,
    is_distinct: bool = False,
) -> Structure:
    """Return the structure of a table from its profile and some scans."""
    data = Data(engine, source, _by_name(profiles), limits or Limits())
    dependencies, searches = _dependencies(data)
    has_key = is_distinct or any(d.kind == "key" for d in dependencies)
    within, inclusion_search = inclusions([("data", data)])
    spelt, spelling_search = near_duplicates(data)
    holes = gaps(data)
    return Structure(
        dependencies=tuple(dependencies),
        inclusions=tuple(within),
        repeated_rows=repeated_rows(data, has_key=has_key),
        near_duplicates=tuple(spelt),
        missing_patterns=tuple(missing_patterns(holes)),
        missing_pairs=tuple(missing_pairs(holes)),
        missing_predictors=tuple(missing_predictors(holes)),
        searches=(
            *searches,
            inclusion_search,
            spelling_search,
            _missing_search(data, holes),
        ),
    )


def _missing_search(data: Data, holes: Gaps) -> StructureSearch:
    n = sum(0 < data.missing(name) < data.n_rows for name in data.profiles)
    reasons = []
    if n > MOST_GAPPY:
        reasons.append(f"patterns are of {MOST_GAPPY} of {n} columns")
    if len(holes.patterns) < holes.n_patterns:
        reasons.append(f"{holes.n_patterns} patterns are too many to list")
    if n > MOST_PAIRED:
        reasons.append(f"{MOST_PAIRED} of {n} columns are compared by two")
    return StructureSearch(
        search="missing",
        n_columns=n,
        n_candidates=n,
        n_refuted=0,
        n_tested=len(holes.names),
        n_found=holes.n_patterns,
        is_complete=not reasons,
        reason="; ".join(reasons) or None,
    )


def _dependencies(data: Data) -> tuple[list[Dependency], list[StructureSearch]]:
    limits = data.limits
    deciders = data.deciders()
    if data.n_rows < 2 or not deciders:
        return [], []
    most = max(limits.key_columns, limits.single_columns)
    by_values = sorted(deciders, key=lambda n: (-data.profiles[n].n_distinct, n))
    names = list(dict.fromkeys([*by_values[:most], *data.decided()[: limits.dependents]]))
    sample = draw(data, names)
    found, known, search = keys(data, sample)
    decided, other = functional(data, sample, known)
    return [*found, *decided], [search, other]
