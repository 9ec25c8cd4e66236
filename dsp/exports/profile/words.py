"""Text of the data as a page shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dsp.numbers import counted, is_year, level, plain
from dsp.records import Dependency

MEASURES = {
    "pearson": "Pearson r",
    "spearman": "Spearman ρ",
    "kendall": "Kendall τ",
    "cramers_v": "Cramér's V",
    "correlation_ratio": "correlation ratio",
}
"""How a measure of association is written for people."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400.0


def shown(text: object, limit: int) -> str:
    r"""Return text cut to `limit` characters, without those that steer a page.

    Examples
    --------
    >>> shown("a\u202eb", 10) == "a\ufffdb", shown("abcdef", 4)
    (True, 'abc…')
    """
    flat = str(text)
    flat = flat if len(flat) <= limit else f"{flat[: limit - 1]}…"
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in flat
    )


def measure_name(measure: str) -> str:
    """Return how a measure is written for people."""
    return MEASURES.get(measure, measure.replace("_", " "))


def dependency(row: Dependency) -> str:
    """Return a functional dependency in words."""
    broken = "always"
    if row.n_violations:
        exceptions = counted(row.n_violations, "exception")
        broken = f"{exceptions} in {counted(row.n_rows, 'row')}"
    return f"{' + '.join(row.determinant)} → {row.dependent} ({broken})"


def edge(value: float, family: str, step: float, name: str = "") -> str:
    """Return an edge of a bin: a number, or a time for the epoch seconds of dates.

    Parameters
    ----------
    value
        The edge.
    family
        Family of the column's type.
    step
        Width of a bin: times are shown where bins are shorter than a day.
    name
        Name of the column, which says whether its numbers are years.

    Examples
    --------
    >>> edge(86_400.0, "date", 86_400.0), edge(3600.0, "timestamp", 60.0)
    ('1970-01-02', '1970-01-01 01:00')
    >>> edge(12345.678, "float", 10.0)
    '12.3K'
    """
    if family not in ("date", "timestamp"):
        return plain(value) if is_year(name, value) else level(value)
    try:
        at = _EPOCH + timedelta(seconds=value)
    except OverflowError:
        return level(value)
    return f"{at:%Y-%m-%d}" if step >= _DAY else f"{at:%Y-%m-%d %H:%M}"
