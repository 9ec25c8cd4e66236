"""What the searches for structure share: the table and how far to search it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsp.engine.duckdb_engine import DuckEngine
from dsp.records import ColumnProfile
from dsp.statistics.base import Column

KEY_FAMILIES = ("integer", "text", "date", "timestamp", "time", "boolean", "other")
"""Families of columns that may decide; decimals without a fraction may, too."""
AMOUNTS = ("float", "decimal")


@dataclass(frozen=True, slots=True)
class Limits:
    """How far structure is searched for; what is left out is said in `searches`.

    Attributes
    ----------
    most_share
        Share of rows that may violate a near-key or a functional dependency (0-1).
    least_expected
        Violations that chance would bring to independent columns; where it would bring
        fewer, that a dependency holds says nothing.
    least_repeats
        The same for keys of several columns: repetitions that chance would bring.
    gain
        How many times fewer violations there must be than chance would bring.
    sample_rows
        Rows of a sample, at least; larger tables have up to eight times as many.
    key_columns, triple_columns
        Columns that are combined by two and by three to keys, those of most values.
    single_columns, pair_columns, dependents
        Columns that are tried as determinants, alone and by two, and as dependents.
    proved_rows, least_proofs, most_proofs
        Rows that all proofs of a kind may read together, and their number in tables so
        large or so small that this says too little.
    most_outside
        Share of rows whose value may lie outside in an inclusion (0-1).
    least_score
        Score from which an inclusion is listed (0-1).
    most_found
        Rows that one kind may have in the result.
    """

    most_share: float = 0.01
    least_expected: float = 10.0
    least_repeats: float = 5.0
    gain: float = 10.0
    sample_rows: int = 8_000
    key_columns: int = 30
    triple_columns: int = 14
    single_columns: int = 60
    pair_columns: int = 14
    dependents: int = 60
    proved_rows: int = 150_000_000
    least_proofs: int = 4
    most_proofs: int = 60
    most_outside: float = 0.05
    least_score: float = 0.5
    most_found: int = 200

    def n_proofs(self, n_rows: int) -> int:
        """Return how many proofs a table of so many rows may take."""
        affordable = self.proved_rows // max(1, n_rows)
        return max(self.least_proofs, min(self.most_proofs, affordable))

    def n_sampled(self, n_rows: int) -> int:
        """Return the rows of a sample of a table."""
        return max(self.sample_rows, min(8 * self.sample_rows, n_rows // 200))


EXHAUSTIVE = Limits(
    least_expected=0.0,
    least_repeats=0.0,
    least_score=0.0,
    sample_rows=1 << 40,
    key_columns=1_000,
    triple_columns=1_000,
    single_columns=1_000,
    pair_columns=1_000,
    dependents=1_000,
    most_proofs=1_000_000,
    proved_rows=1 << 60,
    most_found=1_000_000,
)
"""No limit but the number of columns of a key and of a determinant; for small tables."""


@dataclass(frozen=True, slots=True)
class Data:
    """A table whose structure is searched for.

    Attributes
    ----------
    engine, source
        The database and SQL that can stand after ``from``.
    profiles
        Profiles of the columns by name, in the order of the table.
    limits
        How far to search.
    """

    engine: DuckEngine
    source: str
    profiles: Mapping[str, ColumnProfile]
    limits: Limits

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return next((p.n_rows for p in self.profiles.values()), 0)

    def column(self, name: str) -> Column:
        """Return a column by name."""
        profile = self.profiles[name]
        return Column(name, profile.data_type, profile.position)

    def value(self, name: str) -> str:
        """Return SQL of a value as it is compared; null where it is missing."""
        return self.column(name).value

    def present(self, names: Sequence[str]) -> str:
        """Return SQL that holds where no column is missing."""
        return " and ".join(f"{self.value(name)} is not null" for name in names)

    def missing(self, name: str) -> int:
        """Return the rows without a value: null or NaN."""
        profile = self.profiles[name]
        return profile.n_null + profile.n_nan

    def most_distinct(self, name: str) -> float:
        """Return a number that the distinct values do not exceed."""
        profile = self.profiles[name]
        room = 1 + (profile.distinct_error or 0.0)
        return min(profile.n_distinct * room, profile.n_rows)

    def deciders(self) -> list[str]:
        """Return the columns that may decide: amounts only when there is nothing else."""
        varied = [n for n, p in self.profiles.items() if p.n_distinct > 1]
        found = [n for n in varied if self._may_decide(n)]
        if found:
            return found
        return [n for n in varied if self.profiles[n].family in AMOUNTS]

    def decided(self) -> list[str]:
        """Return the columns that may be decided: they vary, and their values repeat."""
        return [
            name
            for name, profile in self.profiles.items()
            if profile.n_distinct > 1
            and profile.family in (*KEY_FAMILIES, *AMOUNTS)
            and self.repeats(name)
        ]

    def repeats(self, name: str) -> bool:
        """Return whether enough values of a column may repeat another.

        What repeats in fewer rows is nearly a key: it decides everything, and only what
        is nearly a key decides it.
        """
        present = self.n_rows - self.missing(name)
        profile = self.profiles[name]
        least = profile.n_distinct / (1 + (profile.distinct_error or 0.0))
        return present - least >= self.limits.most_share * present > 0

    def _may_decide(self, name: str) -> bool:
        profile = self.profiles[name]
        if profile.family == "decimal":
            return profile.data_type.replace(" ", "").endswith(",0)")
        return profile.family in KEY_FAMILIES


def repeats(n_rows: float, n_values: float) -> float:
    """Return how many of rows repeat another when each draws one of some values.

    Rows less the expected number of different values, all values equally likely.

    Examples
    --------
    >>> repeats(2, 2), round(repeats(23, 365), 3), repeats(5, 1)
    (0.5, 0.68, 4)
    """
    if n_values <= 1:
        return max(0.0, n_rows - 1)
    x = n_rows / n_values
    if x < 1e-5:
        return n_rows * (n_rows - 1) / (2 * n_values)
    log_none = n_rows * math.log1p(-1 / n_values)
    return n_rows + n_values * math.expm1(log_none)


def short(text: str, limit: int = 60) -> str:
    """Return a value as a text that fits into a sentence."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
