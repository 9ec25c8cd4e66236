"""What texts mean: a sample says what they may be, all values prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dsp.engine.duckdb_engine import DuckEngine
from dsp.semantic import TYPES, SemanticType
from dsp.semantic.names import name_words
from dsp.statistics.base import SMALL_CHUNK, Column, chunks
from dsp.statistics.scans import Counts

MOSTLY = 0.95
"""Share of the values that must be valid, blank ones left out."""

NAMES = {
    "ip": "ip_address",
    "ipv4": "ip_address",
    "ipv6": "ip_address",
    "phone_e164": "phone",
}
"""Names in the table `columns`, where they are not those of `TYPES`."""
DATES = replace(
    TYPES["iso_datetime"],
    name="date",
    pattern=f"({TYPES['iso_date'].pattern})|({TYPES['iso_datetime'].pattern})",
)
"""Dates with or without a time of day; no name has to allow them."""

Candidate = tuple[Column, SemanticType]


def text_types(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
    samples: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    """Return the semantic type of every text column that has one, by its name.

    A type is a candidate when the name of the column and the texts of the sample allow
    it, and is proven when 95 of 100 texts in all rows are valid, check digits included;
    of several the one with most valid texts, the first in `TYPES` among equals.

    Parameters
    ----------
    engine, source
        The database and SQL that can stand after ``from``.
    columns, counts
        Columns and their counts.
    samples
        Some texts of each text column, perhaps cut.
    """
    candidates = [
        (column, kind)
        for column in columns
        for kind in _candidates(column, samples.get(column.name, ()))
    ]
    best: dict[str, tuple[int, str]] = {}
    for part in chunks(candidates, SMALL_CHUNK):
        proofs = [proof_sql(c, kind, counts[c.name], source) for c, kind in part]
        text = "\nunion all\n".join(
            f"select {i} as i, * from ({proof})" for i, proof in enumerate(proofs)
        )
        for i, n_valid, n in sorted(engine.rows(text)):
            name, kind = part[i][0].name, part[i][1].name
            known, _ = best.get(name, (0, ""))
            if n_valid >= MOSTLY * n and n_valid > known:
                best[name] = n_valid, NAMES.get(kind, kind)
    return {name: kind for name, (_, kind) in best.items()}


def proof_sql(column: Column, kind: SemanticType, counts: Counts, source: str) -> str:
    """Return a query of how many texts are valid, of how many that are not blank.

    Where values repeat, each is judged once.
    """
    is_grouped = 4 * counts.n_distinct <= counts.n_rows - counts.n_null
    n, group = ("count(*)", " group by 1") if is_grouped else ("1", "")
    terms = ((kind.valid_sql("t"), "n_valid"), ("trim(t) <> ''", "n_values"))
    listed = ",\n    ".join(
        f"cast(coalesce(sum(n) filter (where {sql}), 0) as bigint) as {name}"
        for sql, name in terms
    )
    return (
        f"select {listed}\nfrom (select {column.text} as t, {n} as n from {source} "
        f"where {column.sql} is not null{group})"
    )


def _candidates(column: Column, texts: Sequence[str]) -> list[SemanticType]:
    distinct = list(dict.fromkeys(t for t in texts if t.strip()))
    if column.family != "text" or not distinct:
        return []
    words = name_words(column.name)
    found = [kind for kind in TYPES.values() if kind.may_be(words, distinct)]
    return [*found, DATES] if DATES.may_look_like(distinct) else found
