"""Texts of a category that are nearly the same: written differently, or mistyped."""

from __future__ import annotations

from collections.abc import Mapping

from dsp.engine.duckdb_engine import literal
from dsp.numbers import counted
from dsp.records import NearDuplicate, StructureSearch
from dsp.semantic.spelling import near, same
from dsp.statistics.structure.base import Data, short

MOST_VALUES = 2_000
"""Different texts of a column that is looked at."""
MOST_COLUMNS = 60
MOST_LETTERS = 100
FEWEST_LETTERS = 5
"""Letters of a text whose typos are looked for."""
TIMES = 10
"""How many times as frequent a text must be to make another a typo of it."""
_CODES = ("email", "url", "uuid", "ip_address", "phone", "date", "identifier")


def near_duplicates(data: Data) -> tuple[list[NearDuplicate], StructureSearch]:
    """Return rarer spellings with the most frequent one, and what was searched.

    Of columns of texts that repeat, with at most 2,000 different ones. ``writing``: only
    case, spaces, marks between letters or accents differ. ``letter``: a letter is
    missing, added, wrong or exchanged in a text of five letters or more that is ten times
    rarer; never the first letter, never a digit, and only one text is that near.
    """
    texts = [
        name
        for name, p in data.profiles.items()
        if p.family == "text"
        and p.semantic_type not in _CODES
        and 2 < 2 * p.n_distinct <= data.n_rows - data.missing(name)
    ]
    chosen = [
        name
        for name in texts
        if data.profiles[name].n_distinct <= MOST_VALUES
        and (data.profiles[name].length_max or 0) <= MOST_LETTERS
    ][:MOST_COLUMNS]
    found: list[NearDuplicate] = []
    for name in chosen:
        counts = _counts(data, name)
        written = same(counts)
        worded = {t: n for t, n in counts.items() if _n_letters(t) >= FEWEST_LETTERS}
        mistyped = near(worded, times=TIMES)
        for value, canonical in sorted((written | mistyped).items()):
            differs = "writing" if written.get(value) == canonical else "letter"
            found.append(_row(data, name, counts, value, canonical, differs_by=differs))
    found.sort(key=lambda r: (data.profiles[r.column_name].position, -r.n_rows, r.value))
    n_left = len(texts) - len(chosen)
    left = f"{counted(n_left, 'text column')} with too many or too long values"
    if len(chosen) == MOST_COLUMNS:
        left = f"{n_left:,} of {counted(len(texts), 'text column')}"
    return found[: data.limits.most_found], StructureSearch(
        search="near_duplicates",
        n_columns=len(texts),
        n_candidates=len(texts),
        n_refuted=0,
        n_tested=len(chosen),
        n_found=len(found),
        is_complete=not n_left,
        reason=f"{left} not looked at" if n_left else None,
    )


def _counts(data: Data, name: str) -> dict[str, int]:
    value = data.column(name).text
    rows = data.engine.rows(
        f"select {value}, count(*) from {data.source} where {value} is not null "
        f"group by 1 limit {2 * MOST_VALUES}"
    )
    return {str(text): int(n) for text, n in rows}


def _n_letters(text: str) -> int:
    return sum(letter.isalpha() for letter in text)


def _row(
    data: Data,
    name: str,
    counts: Mapping[str, int],
    value: str,
    canonical: str,
    *,
    differs_by: str,
) -> NearDuplicate:
    text = data.column(name).text
    return NearDuplicate(
        column_name=name,
        canonical=canonical,
        n_canonical=counts[canonical],
        value=value,
        n_rows=counts[value],
        differs_by=differs_by,
        fix_hint=(
            f"set {name} to {_shown(canonical)} where it is {_shown(value)} "
            f"({counted(counts[value], 'row')})"
        ),
        evidence_sql=(
            f"select\n    count(*) filter ({text} = {literal(value)}) as n_rows,\n"
            f"    count(*) filter ({text} = {literal(canonical)}) as n_canonical\n"
            f"from {data.source}"
        ),
    )


def _shown(text: str) -> str:
    return repr(text) if "\0" in text or text != short(text) else literal(text)
