"""Numbers that may stand for missing values: proposed with evidence, never applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dsp.engine import DuckEngine
from dsp.engine.words import NUMBERS
from dsp.numbers import counted

MIN_OTHERS = 5


def suspect_of(texts: Iterable[str]) -> str:
    """Return a number far from all others that often stands for nothing, or ``""``.

    Examples
    --------
    >>> suspect_of([*map(str, range(50)), "-999"])
    '-999'
    >>> suspect_of(map(str, range(-1, 50)))
    ''
    """
    values = {text: float(text) for text in texts}
    for text in NUMBERS:
        others = [value for other, value in values.items() if other != text]
        is_rare = text in values and len(others) >= MIN_OTHERS
        if is_rare and _is_far(values[text], min(others), max(others)):
            return text
    return ""


def proposals(
    engine: DuckEngine, table: str, columns: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    """Return a sentence for each column whose every row bears a suspicion out.

    Parameters
    ----------
    table
        Quoted name.
    columns
        SQL of the number and the suspect, by the name of the column.
    """
    if not columns:
        return {}
    parts: list[str] = []
    for sql, suspect in columns.values():
        is_it = f"{sql} = {float(suspect)}"
        parts.append(f"count_if({is_it})")
        parts += [
            f"{bound}({sql}) filter (where not ({is_it}))" for bound in ("min", "max")
        ]
    row = engine.rows(f"select {', '.join(parts)} from {table}")[0]
    found: dict[str, str] = {}
    for i, (name, (_, suspect)) in enumerate(columns.items()):
        n, low, high = row[3 * i : 3 * i + 3]
        if n > 1 and _is_far(float(suspect), low, high):
            found[name] = (
                f"{suspect} may stand for missing: {counted(n, 'value')}, all others lie "
                f"between {low} and {high} (option null={suspect})"
            )
    return found


def _is_far(value: float, low: float | None, high: float | None) -> bool:
    """Say whether a value lies further out than all others lie apart."""
    if low is None or high is None:
        return False
    room = float(high) - float(low)
    return not float(low) - room <= value <= float(high) + room
