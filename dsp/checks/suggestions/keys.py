"""Proposals between rows: keys, order of rows, dependencies, repeated rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

from dsp.checks.base import Field, count_if, name_words
from dsp.checks.rule import rule
from dsp.checks.suggestions.record import Seen, Suggestion
from dsp.checks.suggestions.summaries import N_BLOCKS

LEAST = 100
"""Rows below which nothing between rows is proposed."""
COLLISIONS = 20.0
"""Repetitions that chance would bring; none then shows a key."""
NAMES = frozenset({"id", "ids", "key", "uuid", "guid", "code", "number", "no", "nr"})
"""Words of names that let a column without repetitions be a key."""
PAIRS = 15
"""Pairs of columns that are tried as keys."""
MOST_DETERMINED = 40
"""Pairs of columns that are tried as dependencies."""
CONTINUOUS = ("float", "decimal", "timestamp")


def distinct_sql(columns: Sequence[Field]) -> str:
    """Return the aggregate that counts different rows of some columns."""
    if len(columns) == 1:
        return f"count(distinct {columns[0].sql})"
    present = " and ".join(f"{c.sql} is not null" for c in columns)
    row = ", ".join(c.sql for c in columns)
    return f"count(distinct case when {present} then row({row}) end)"


def rows_sql(seen: Seen) -> str:
    """Return the aggregate that counts different rows."""
    return f"count(distinct hash({', '.join(c.sql for c in seen.columns)}))"


def near_unique(seen: Seen) -> list[Field]:
    """Return the columns that may be keys, by a rough count."""
    return [
        c
        for c in seen.columns
        if c.family in ("integer", "text", "date", "timestamp", "other")
        and seen.n_values(c) >= LEAST
        and seen.count(f"approx_count_distinct({c.sql})") >= 0.85 * seen.n_values(c)
    ]


def key_pairs(seen: Seen) -> list[tuple[Field, Field]]:
    """Return pairs of columns that would repeat by chance, most different first."""
    full = [
        c
        for c in seen.columns
        if c.family in ("integer", "text", "date", "timestamp", "enum")
        and seen.n_values(c) == seen.n_rows
        and seen.count(f"approx_count_distinct({c.sql})") > 1
    ]
    full.sort(key=lambda c: -seen.count(f"approx_count_distinct({c.sql})"))
    pairs = [
        (a, b)
        for a, b in combinations(full[:8], 2)
        if _product(seen, a, b) >= 0.9 * seen.n_rows
    ]
    return pairs[:PAIRS] if seen.n_rows >= LEAST else []


def rising(seen: Seen) -> list[Field]:
    """Return the columns whose blocks follow each other without overlap."""
    found = []
    for column in seen.columns:
        key = (column.name,)
        if key not in seen.blocks or seen.n_rows < LEAST:
            continue
        parts = [b for b in seen.blocks.each(key, "row") if b.n]
        ordered = all(a.high[0] <= b.low[0] for a, b in pairwise(parts))
        if ordered and len(parts) > N_BLOCKS // 2 and parts[0].low < parts[-1].high:
            found.append(column)
    return found


def steps_sql(columns: Sequence[Field], relation: str) -> str:
    """Return the query that counts falls and repetitions from row to row.

    DuckDB looks one row back while it reads: there is no sort.
    """
    inner = ", ".join(
        f"{c.sql} as c{i}, lag({c.sql}) over () as b{i}" for i, c in enumerate(columns)
    )
    outer = ", ".join(
        f"{count_if(f'c{i} < b{i}')}, {count_if(f'c{i} = b{i}')}"
        for i in range(len(columns))
    )
    return f"select {outer} from (select {inner} from {relation} as t)"


def determined(seen: Seen) -> list[tuple[Field, Field]]:
    """Return pairs of columns of which the first may determine the second."""
    n = {c: seen.count(f"approx_count_distinct({c.sql})") for c in seen.columns}
    usable = [
        c
        for c in seen.columns
        if c.family in ("text", "integer", "enum", "boolean")
        and n[c] > 1
        and seen.n_values(c) >= LEAST
    ]
    found = []
    for a in usable:
        for b in usable:
            is_fine = a != b and n[b] <= 1.1 * n[a] and 5 * n[a] <= seen.n_values(a)
            if is_fine and n[a] >= 5 and _in_sample(seen, a, b):
                found.append((a, b))
    return found[:MOST_DETERMINED]


def keys(seen: Seen, risen: Mapping[str, tuple[int, int]]) -> Iterator[Suggestion]:
    """Propose keys of one column, else of two."""
    n, found = seen.n_rows, False
    for column in near_unique(seen):
        n_values = seen.n_values(column)
        if seen.count(distinct_sql([column])) != n_values:
            continue
        if not _is_key(seen, column, is_strict=risen.get(column.name) == (0, 0)):
            continue
        found = found or n_values == n
        yield Suggestion(
            rule("unique", column.name), f"{n_values:,} values, all different"
        )
    if found:
        return
    for a, b in key_pairs(seen):
        if seen.count(distinct_sql([a, b])) == n and _collisions(seen, a, b):
            yield Suggestion(
                rule("unique", a.name, b.name), f"{n:,} rows, all pairs different"
            )
            return


def order_of_rows(
    seen: Seen, risen: Mapping[str, tuple[int, int]]
) -> Iterator[Suggestion]:
    """Propose that values rise from row to row."""
    for name, (falls, repeats) in risen.items():
        if falls == 0:
            given: dict[str, Any] = {} if repeats else {"strictly": True}
            yield Suggestion(
                rule("increasing", name, **given), f"0 falls in {seen.n_rows:,} rows"
            )


def repeated_rows(seen: Seen) -> Iterator[Suggestion]:
    """Propose that no row repeats, where the columns leave that to be expected."""
    if seen.n_rows < LEAST or seen.count(rows_sql(seen)) != seen.n_rows:
        return
    rich = [
        c
        for c in seen.columns
        if c.family not in ("nested", "binary", "json")
        and seen.count(f"approx_count_distinct({c.sql})") > 0.5 * seen.n_rows
    ]
    wide = [
        c
        for c in seen.columns
        if seen.count(f"approx_count_distinct({c.sql})") > 0.05 * seen.n_rows
    ]
    if rich or len(wide) >= 3:
        yield Suggestion(
            rule("no_duplicate_rows"), f"{seen.n_rows:,} rows, all different"
        )


def dependencies(seen: Seen) -> Iterator[Suggestion]:
    """Propose functional dependencies, each dependent column once."""
    done: set[str] = set()
    for a, b in determined(seen):
        n_keys, n_both = seen.count(distinct_sql([a])), seen.count(distinct_sql([a, b]))
        if n_both != n_keys or b.name in done:
            continue
        n_tests = seen.n_values(a) - n_keys
        done.add(b.name)
        yield Suggestion(
            rule("determines", a.name, dependents=[b.name]),
            f"{n_keys:,} values, each with one value of the other column in all of "
            f"{n_tests:,} repetitions",
        )


def _is_key(seen: Seen, column: Field, *, is_strict: bool) -> bool:
    """Return whether having no repetitions says more than that values are many."""
    if is_strict:
        return True
    if column.is_temporal:
        return False
    if NAMES & set(name_words(column.name)) or column.family == "other":
        return True
    key = (column.name,)
    if column.family == "integer" and key in seen.blocks:
        whole = seen.blocks.all(key)
        width = whole.high[0] - whole.low[0] + 1
        return whole.n**2 / (2 * width) >= COLLISIONS
    return False


def _collisions(seen: Seen, a: Field, b: Field) -> bool:
    """Return whether independent columns would repeat often."""
    return seen.n_rows**2 / (2 * _product(seen, a, b)) >= COLLISIONS


def _product(seen: Seen, a: Field, b: Field) -> float:
    counts = [seen.count(f"approx_count_distinct({c.sql})") for c in (a, b)]
    return float(max(counts[0], 1) * max(counts[1], 1))


def _in_sample(seen: Seen, a: Field, b: Field) -> bool:
    """Return whether some rows leave open that a column determines another.

    Guessing the most frequent value must be wrong ten times more often than knowing the
    first column could be.
    """
    known: dict[object, object] = {}
    n_again, values = 0, []
    for first, second in zip(seen.sample[a.name], seen.sample[b.name], strict=True):
        if first is None or second is None:
            continue
        values.append(second)
        if known.setdefault(first, second) != second:
            return False
        n_again += 1
    n_most = max((values.count(v) for v in set(values)), default=0)
    return n_again - len(known) >= 20 and len(values) - n_most >= 10
