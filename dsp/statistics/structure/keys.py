"""Candidate keys of up to three columns, and columns that nearly are one."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from dsp.records import Dependency, StructureSearch
from dsp.statistics.structure.base import Data, repeats
from dsp.statistics.structure.fixes import key_hint, key_violations_sql
from dsp.statistics.structure.refuting import combined, exceeds, repeated
from dsp.statistics.structure.sample import ROWS, Sample, arrays, hash_sql, hashes
from dsp.statistics.structure.sql import key_evidence, pair_name

Columns = tuple[str, ...]

HELD_ROWS = 250_000
"""Rows whose hashes are held in memory when a key has to be proved."""
MOST_STRIPPED = 20_000
"""Rows with a repeated value that are fetched to settle what holds more columns."""


@dataclass(slots=True)
class _Search:
    """What has been found and spent so far."""

    data: Data
    sample: Sample
    names: list[str]
    n_left: int
    keys: list[Columns] = field(default_factory=list)
    near: list[Columns] = field(default_factory=list)
    found: list[Dependency] = field(default_factory=list)
    stripped: dict[Columns, dict[str, Any]] = field(default_factory=dict)
    n_candidates: int = 0
    n_refuted: int = 0
    n_tested: int = 0
    n_unproved: int = 0
    held: dict[str, Any] = field(default_factory=dict)
    n_values: dict[str, int] = field(default_factory=dict)

    @property
    def all_rows(self) -> dict[str, Any]:
        """Hashes of all rows of a small table, read when first asked for."""
        if not self.held:
            whole = self.data.engine.sql(hashes(self.data, self.names))
            self.held = arrays(whole, self.names)
        return self.held


def keys(
    data: Data, sample: Sample
) -> tuple[list[Dependency], list[Columns], StructureSearch]:
    """Return keys and near-keys, the columns of the keys, and what was searched.

    A key has a value in every row and no value twice; only minimal ones are listed. A
    near-key is violated by at most 1 % of the rows: those that lack one of its values and
    those that repeat an earlier row. Two or three columns are a near-key only when chance
    would bring ten times as many repetitions, and when no part of them is one; and
    nothing where chance would bring fewer than five, for then having none says nothing.
    """
    limits = data.limits
    names = data.deciders()
    sampled = [name for name in names if name in sample.parts[ROWS]]
    search = _Search(data, sample, sampled, limits.n_proofs(data.n_rows))
    if data.n_rows > 1:
        for name in names:
            _single(search, name)
        for size, most in ((2, limits.key_columns), (3, limits.triple_columns)):
            _level(search, size, most)
    reasons = []
    whole = [n for n in names if _is_whole(data, n)]
    for word, most in (("two", limits.key_columns), ("three", limits.triple_columns)):
        if most < len(whole):
            reasons.append(f"{most} of {len(whole)} columns were combined by {word}")
    if search.n_unproved:
        reasons.append(f"{search.n_unproved} candidates were left unproved")
    return (
        search.found[: limits.most_found],
        search.keys,
        StructureSearch(
            search="key",
            n_columns=len(names),
            n_candidates=search.n_candidates,
            n_refuted=search.n_refuted,
            n_tested=search.n_tested,
            n_found=len(search.found),
            is_complete=not reasons,
            reason="; ".join(reasons) or None,
        ),
    )


def _is_whole(data: Data, name: str) -> bool:
    """Return whether a column lacks few enough values to be part of a near-key."""
    return data.missing(name) <= data.limits.most_share * data.n_rows


def _single(search: _Search, name: str) -> None:
    data, profile = search.data, search.data.profiles[name]
    search.n_candidates += 1
    if not _is_whole(data, name):
        return
    most = data.limits.most_share * data.n_rows
    if profile.distinct_exact:
        violations = data.n_rows - profile.n_distinct
    elif _may_be_unique(search, name):
        search.n_tested += 1
        violations = int(data.engine.rows(key_evidence(data, (name,)))[0][0])
        search.n_values[name] = data.n_rows - violations
    else:
        return
    if violations <= most:
        _found(search, (name,), violations)
    if 0 < violations <= most and data.n_rows > HELD_ROWS and not data.missing(name):
        _repetitions(search, (name,), is_stripped=True)


def _may_be_unique(search: _Search, name: str) -> bool:
    """Return whether a rough count and the sample leave a key or near-key open."""
    profile, n_rows = search.data.profiles[name], search.data.n_rows
    # Estimates of the number of values now and then miss by more than they say.
    if profile.n_distinct * (1 + 3 * (profile.distinct_error or 0.0)) < n_rows:
        return False
    share = search.data.limits.most_share
    return not any(
        exceeds(repeated(part[name]), share * len(part[name]))
        for part in search.sample.parts.values()
        if name in part
    )


def _level(search: _Search, size: int, most: int) -> None:
    """Try all sets of columns of a size that hold no key."""
    data = search.data
    known = {k[0] for k in search.keys if len(k) == 1}
    usable = [n for n in search.names if n not in known and _is_whole(data, n)]
    usable.sort(key=lambda n: (-data.profiles[n].n_distinct, data.profiles[n].position))
    usable = sorted(usable[:most], key=lambda n: data.profiles[n].position)
    kept = []
    for combination in combinations(usable, size):
        if any({*k} <= {*combination} for k in search.keys):
            continue
        search.n_candidates += 1
        if _is_open(search, combination):
            kept.append(combination)
        else:
            search.n_refuted += 1
    kept.sort(key=lambda c: (-_chance(search, c), c))
    for combination in kept:
        # Found in the meantime, at the same level, is no part of it.
        _settle(search, combination)


def _chance(search: _Search, columns: Columns) -> float:
    """Return how many rows would repeat another if the columns were independent.

    The column of most values repeats as it does; within each of its values, the others
    are drawn by chance.
    """
    profiles = search.data.profiles
    first, *others = sorted(
        (
            float(max(1, search.n_values.get(name, profiles[name].n_distinct)))
            for name in columns
        ),
        reverse=True,
    )
    return first * repeats(search.data.n_rows / first, math.prod(others))


def _most(search: _Search, columns: Columns) -> float:
    """Return how many violations a set of columns may have to be found."""
    if any({*n} <= {*columns} for n in search.near):
        return 0.0
    limits, n_rows = search.data.limits, search.data.n_rows
    by_chance = _chance(search, columns) / limits.gain
    return min(limits.most_share * n_rows, by_chance)


def _is_open(search: _Search, columns: Columns) -> bool:
    """Return whether distinct counts and the sample leave a key or near-key open."""
    data, sample = search.data, search.sample
    product = 1.0
    for name in columns:
        product *= data.most_distinct(name)
    if product < (1 - data.limits.most_share) * data.n_rows:
        return False
    if _chance(search, columns) < data.limits.least_repeats:
        return False
    most = _most(search, columns)
    share = most / data.n_rows
    lacks = any(data.missing(name) for name in columns)
    parts = {ROWS, sample.part_of(columns, data) or ROWS}
    for part in sorted(parts):
        columns_of = sample.parts[part]
        values = combined(columns_of, columns)
        n = repeated(values)
        if not n:
            continue
        if sample.is_all:
            n_missing = int((values == 0).sum())
            if n + n_missing > most:
                return False
        elif lacks or most:
            if exceeds(n, share * len(values)):
                return False
        else:
            return False
    return not lacks or most > 0


def _settle(search: _Search, columns: Columns) -> None:
    """Prove or refute a set of columns on all rows."""
    data = search.data
    lacks = any(data.missing(name) for name in columns)
    most = _most(search, columns)
    base = next((b for b in search.stripped if {*b} <= {*columns}), None)
    if search.sample.is_all:
        n = repeated(combined(search.sample.parts[ROWS], columns))
    elif base is not None and not lacks:
        n = repeated(combined(search.stripped[base], columns))
    elif data.n_rows <= HELD_ROWS:
        search.n_tested += 1
        n = repeated(combined(search.all_rows, columns))
    elif search.n_left < 1 or len(search.found) >= data.limits.most_found:
        search.n_unproved += 1
        return
    else:
        search.n_left -= 1
        search.n_tested += 1
        n = _repetitions(search, columns, is_stripped=not lacks and len(columns) < 3)
    if n == 0 and not lacks:
        _found(search, columns, 0)
    elif 0 < n <= most or (lacks and n <= most):
        violations = int(data.engine.rows(key_evidence(data, columns))[0][0])
        if violations <= most:
            _found(search, columns, violations)


def _repetitions(search: _Search, columns: Columns, *, is_stripped: bool) -> int:
    """Return the rows less different hashes of their values.

    Equal values have equal hashes: that no hash repeats proves a key. Where few do, the
    rows are kept, for they settle every set that holds these columns.
    """
    data = search.data
    values = ", ".join(data.value(name) for name in columns)
    grouped = (
        f"select hash({values}) as h, count(*) as n from {data.source} "
        f"where {data.present(columns)} group by 1"
    )
    n, rows = data.engine.rows(
        f"select cast(sum(n) - count(*) as bigint), cast(sum(n) filter (n > 1) as bigint)"
        f" from ({grouped})"
    )[0]
    if is_stripped and n and rows <= MOST_STRIPPED:
        listed = ", ".join(hash_sql(data, name) for name in search.names)
        found = data.engine.sql(
            f"select {listed} from {data.source} where {data.present(columns)} and "
            f"hash({values}) in (select h from ({grouped}) where n > 1)"
        )
        search.stripped[columns] = arrays(found, search.names)
    return int(n or 0)


def _found(search: _Search, columns: Columns, violations: int) -> None:
    data = search.data
    is_key = violations == 0
    (search.keys if is_key else search.near).append(columns)
    expected = _chance(search, columns) if len(columns) > 1 else None
    hint = None
    if not is_key:
        n_missing = int(
            data.engine.rows(
                f"select count(*) from {data.source} where not ({data.present(columns)})"
            )[0][0]
        )
        hint = key_hint(data, columns, n_missing, violations - n_missing)
    search.found.append(
        Dependency(
            dependency_id=f"{'key' if is_key else 'near_key'}_{pair_name(data, columns)}",
            kind="key" if is_key else "near_key",
            determinant=columns,
            n_violations=violations,
            n_rows=data.n_rows,
            is_exact=True,
            share=violations / data.n_rows,
            n_expected=expected,
            fix_hint=hint,
            violations_sql=key_violations_sql(data, columns),
            evidence_sql=key_evidence(data, columns),
        )
    )
