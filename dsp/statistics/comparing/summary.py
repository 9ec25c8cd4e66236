"""What a comparison found, in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dsp.numbers import counted
from dsp.records.comparison import ComparedColumn, SchemaDifference
from dsp.statistics.comparing.rows import RowCounts

_CHANGES = {
    "added": "added",
    "removed": "removed",
    "renamed": "renamed",
    "type": "of another type",
    "nullable": "of other nullability",
    "moved": "moved",
}


def summary(
    schema: Sequence[SchemaDifference], columns: Sequence[ComparedColumn], rows: RowCounts
) -> str:
    """Return the outcome in one line: drift, columns, rows; or that nothing differs."""
    parts = [*_drift(columns), *_schema(schema), *_rows(rows)]
    return ", ".join(parts) or "no differences found"


def _drift(columns: Sequence[ComparedColumn]) -> list[str]:
    n = Counter(column.verdict for column in columns)
    n_drifted = n["small"] + n["large"]
    if not n_drifted:
        return []
    text = f"{counted(n_drifted, 'column')} drifted"
    if n["large"] and n["small"]:
        return [f"{text} ({n['large']:,} much)"]
    return [f"{text} much"] if n["large"] else [f"{text} a little"]


def _schema(schema: Sequence[SchemaDifference]) -> list[str]:
    n = Counter(item.change for item in schema if not item.is_guess)
    n_guessed = sum(item.is_guess for item in schema)
    parts = [
        f"{counted(n[change], 'column')} {words}"
        for change, words in _CHANGES.items()
        if n[change]
    ]
    if n_guessed:
        parts.append(f"{counted(n_guessed, 'column')} perhaps renamed")
    return parts


def _rows(rows: RowCounts) -> list[str]:
    parts = []
    if rows.n_changed:
        parts.append(f"{counted(rows.n_changed, 'row')} changed")
    for n, side in ((rows.n_only_a, "A"), (rows.n_only_b, "B")):
        if n:
            parts.append(f"{counted(n, 'row')} only in {side}")
    n_duplicated = rows.n_duplicated_a + rows.n_duplicated_b
    if n_duplicated:
        parts.append(f"{counted(n_duplicated, 'row')} with a key that is not unique")
    return parts
