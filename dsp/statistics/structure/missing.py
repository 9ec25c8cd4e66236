"""Which columns are missing together: patterns of rows, and pairs of columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from dsp.inference.multiplicity import benjamini_hochberg
from dsp.inference.tables import chi_square
from dsp.records import MissingPair, MissingPattern
from dsp.statistics.structure.base import Data

MOST_GAPPY = 200
"""Columns with missing values whose patterns are looked at."""
MOST_PATTERNS = 20_000
"""Patterns that are read; where there are more, pairs are counted by the database."""
LISTED_PATTERNS = 50
MOST_PAIRED = 40
"""Columns, those of most missing values, whose missingness is compared by two."""
_BITS = 60


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where values are missing in a table.

    Attributes
    ----------
    names
        Columns that have some missing values and some others, in order.
    patterns
        Rows by pattern: which of the columns are missing, and how many rows; the most
        frequent first. Not all of them when there are more than 20,000.
    n_patterns
        How many patterns there are.
    """

    data: Data
    names: tuple[str, ...]
    patterns: tuple[tuple[tuple[int, ...], int], ...]
    n_patterns: int

    @property
    def keys(self) -> str:
        """SQL of the pattern of a row, in one or more numbers k0, k1 and so on."""
        return ", ".join(
            f"{sql} as k{i}" for i, sql in enumerate(masks(self.data, self.names))
        )


def masks(data: Data, names: Sequence[str]) -> list[str]:
    """Return SQL of numbers whose bits tell which columns are missing in a row."""
    parts = []
    for start in range(0, len(names), _BITS):
        terms = (
            f"case when {data.value(name)} is null then {1 << i} else 0 end::bigint"
            for i, name in enumerate(names[start : start + _BITS])
        )
        parts.append(" + ".join(terms))
    return parts


def gaps(data: Data) -> Gaps:
    """Return the patterns of missing values, from one scan; none where all are there."""
    gappy = [n for n in data.profiles if 0 < data.missing(n) < data.n_rows]
    gappy.sort(key=lambda n: -data.missing(n))
    names = tuple(sorted(gappy[:MOST_GAPPY], key=lambda n: data.profiles[n].position))
    if not names:
        return Gaps(data, (), (), 0)
    keys = masks(data, names)
    listed = ", ".join(f"{sql} as k{i}" for i, sql in enumerate(keys))
    order = ", ".join(f"k{i}" for i in range(len(keys)))
    rows = data.engine.rows(
        f"select {order}, n, count(*) over () from (select {listed}, count(*) as n "
        f"from {data.source} group by all) order by n desc, {order} "
        f"limit {MOST_PATTERNS}"
    )
    patterns = tuple(
        (
            tuple(
                _BITS * k + bit
                for k, mask in enumerate(row[: len(keys)])
                for bit in range(_BITS)
                if mask >> bit & 1
            ),
            row[-2],
        )
        for row in rows
    )
    return Gaps(data, names, patterns, rows[0][-1] if rows else 0)


def missing_patterns(found: Gaps) -> list[MissingPattern]:
    """Return the most frequent patterns: columns that are missing in the same rows."""
    data = found.data
    listed = []
    for rank, (missing, n) in enumerate(found.patterns[:LISTED_PATTERNS], 1):
        lacking = set(missing)
        conditions = "\n    and ".join(
            f"{data.value(name)} is {'' if i in lacking else 'not '}null"
            for i, name in enumerate(found.names)
        )
        listed.append(
            MissingPattern(
                rank=rank,
                columns=tuple(found.names[i] for i in missing),
                n_columns=len(missing),
                n_rows=n,
                share=n / data.n_rows,
                evidence_sql=(
                    f"select count(*) as n_rows\nfrom {data.source}\nwhere {conditions}"
                ),
            )
        )
    return listed


def missing_pairs(found: Gaps) -> list[MissingPair]:
    """Return whether columns miss their values together, for each pair of columns.

    The correlation is that of two columns of "is missing" (phi); ``implies`` says that
    the second column is missing wherever the first one is, ``same`` that both are missing
    in the same rows, ``exclusive`` that they never are. q values are Benjamini and
    Hochberg's over all pairs.
    """
    data = found.data
    ranked = sorted(range(len(found.names)), key=lambda i: -data.missing(found.names[i]))
    chosen = sorted(ranked[:MOST_PAIRED])
    both = _both(found, chosen)
    rows = [
        _pair(data, found.names[a], found.names[b], both[a, b])
        for a, b in combinations(chosen, 2)
    ]
    tested = [row.p_value for row in rows if row.p_value is not None]
    adjusted = iter(benjamini_hochberg(tested))
    return [
        replace(
            row,
            q_value=None if row.p_value is None else next(adjusted),
            n_tests=len(tested),
        )
        for row in rows
    ]


def _both(found: Gaps, chosen: Sequence[int]) -> dict[tuple[int, int], int]:
    """Return the rows that lack two columns, by pair."""
    pairs = list(combinations(chosen, 2))
    if not pairs:
        return {}
    if found.n_patterns <= MOST_PATTERNS:
        return dict(_counted(found, chosen))
    both: dict[tuple[int, int], int] = {}
    for start in range(0, len(pairs), 400):
        part = pairs[start : start + 400]
        terms = ", ".join(
            f"cast(coalesce(sum(n) filter ({_is_set(a)} and {_is_set(b)}), 0) as bigint)"
            for a, b in part
        )
        row = found.data.engine.rows(
            f"select {terms} from (select {found.keys}, count(*) as n "
            f"from {found.data.source} group by all)"
        )[0]
        both |= dict(zip(part, map(int, row), strict=True))
    return both


def _counted(found: Gaps, chosen: Sequence[int]) -> Iterator[tuple[tuple[int, int], int]]:
    import numpy as np

    at = {column: i for i, column in enumerate(chosen)}
    bits: Any = np.zeros((len(found.patterns), len(chosen)), dtype=np.int64)
    for row, (missing, _) in enumerate(found.patterns):
        for column in missing:
            if column in at:
                bits[row, at[column]] = 1
    weights = np.array([n for _, n in found.patterns], dtype=np.int64)
    counts = bits.T @ (bits * weights[:, None])
    for a, b in combinations(chosen, 2):
        yield (a, b), int(counts[at[a], at[b]])


def _is_set(column: int) -> str:
    return f"k{column // _BITS} & {1 << column % _BITS} > 0"


def _pair(data: Data, a: str, b: str, n_both: int) -> MissingPair:
    n, n_a, n_b = data.n_rows, data.missing(a), data.missing(b)
    table = ((n_both, n_a - n_both), (n_b - n_both, n - n_a - n_b + n_both))
    test = chi_square(table)
    spread = math.sqrt(n_a * (n - n_a)) * math.sqrt(n_b * (n - n_b))
    phi = (n * n_both - n_a * n_b) / spread if spread else None
    missing_a, missing_b = f"{data.value(a)} is null", f"{data.value(b)} is null"
    return MissingPair(
        column_a=a,
        column_b=b,
        n_a=n_a,
        n_b=n_b,
        n_both=n_both,
        n_rows=n,
        correlation=None if phi is None else max(-1.0, min(1.0, phi)),
        share_of_a=n_both / n_a,
        share_of_b=n_both / n_b,
        relation=_relation(n_a, n_b, n_both),
        statistic=test.statistic if test else None,
        p_value=test.p_value if test else None,
        q_value=None,
        n_tests=0,
        evidence_sql=(
            f"select\n    count(*) filter ({missing_a}) as n_a,\n"
            f"    count(*) filter ({missing_b}) as n_b,\n"
            f"    count(*) filter ({missing_a} and {missing_b}) as n_both,\n"
            f"    count(*) as n_rows\nfrom {data.source}"
        ),
    )


def _relation(n_a: int, n_b: int, n_both: int) -> str:
    if n_both == n_a == n_b:
        return "same"
    if n_both == n_a:
        return "implies"
    if n_both == n_b:
        return "implied"
    return "none" if n_both else "exclusive"
