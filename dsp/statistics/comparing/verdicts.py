"""The verdict on each column, in words, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dsp.numbers import agreeing, number, share
from dsp.records.comparison import ComparedColumn, DriftMeasure
from dsp.statistics.comparing.measures import LEVELLED

ORDER = {"large": 0, "small": 1, "none": 2, None: 3}
WORDS = {
    "psi": "population stability index",
    "ks": "Kolmogorov-Smirnov distance",
    "missing": "Cohen's h of missing values",
    "jensen_shannon": "Jensen-Shannon distance",
    "chi_square": "chi-square statistic",
    "mean_shift": "shift of the mean",
    "new_values": "rows with new values",
    "out_of_range": "rows out of range",
}
_NAMED = 3
"""New or lost values that are named."""


def ranked(
    columns: Sequence[ComparedColumn],
    measures: Sequence[DriftMeasure],
    threshold: float,
) -> tuple[ComparedColumn, ...]:
    """Return columns with verdict, score, words and rank, the furthest apart first."""
    of: dict[str, list[DriftMeasure]] = {}
    for measure in measures:
        of.setdefault(measure.column_name, []).append(measure)
    found = [_judged(c, of.get(c.column_name, []), threshold) for c in columns]
    found.sort(key=lambda c: (ORDER[c.verdict], -(c.score or 0.0), c.position_a))
    return tuple(replace(column, rank=i) for i, column in enumerate(found, 1))


def _judged(
    column: ComparedColumn, measures: Sequence[DriftMeasure], threshold: float
) -> ComparedColumn:
    levelled = [m for m in measures if m.level is not None and m.measure in LEVELLED]
    if not levelled:
        return replace(column, statement=f"not judged: {column.reason or 'no values'}")
    scores = {
        m.measure: abs(m.value or 0.0) / (threshold * LEVELLED[m.measure])
        for m in levelled
    }
    best = max(levelled, key=lambda m: (-ORDER[m.level], scores[m.measure]))
    return replace(
        column,
        verdict=best.level,
        score=scores[best.measure],
        leading_measure=best.measure,
        statement=_statement(column, {m.measure: m for m in measures}, best, threshold),
    )


def _statement(
    column: ComparedColumn,
    of: dict[str, DriftMeasure],
    best: DriftMeasure,
    threshold: float,
) -> str:
    """Return what differs in one line, what weighs most first."""
    if best.level == "none":
        score = abs(best.value or 0.0) / (threshold * LEVELLED[best.measure])
        said = "no drift" if score < 1 else "not beyond chance"
        return f"{said}; {column.reason}" if column.reason else said
    parts = []
    if any(of[m].level in ("small", "large") for m in ("psi", "ks") if m in of):
        parts += _values(column, of)
    missing = of.get("missing")
    if missing is not None and missing.level in ("small", "large"):
        said = f"missing {share(missing.value_a)} → {share(missing.value_b)}"
        parts.insert(0 if missing is best else len(parts), said)
    return "; ".join(parts)


def _values(column: ComparedColumn, of: dict[str, DriftMeasure]) -> list[str]:
    parts = []
    shift = of.get("mean_shift")
    if shift is not None and shift.value_a is not None and shift.value is not None:
        moved = f"{abs(shift.value):.2g} sd {'up' if shift.value > 0 else 'down'}"
        means = f"mean {number(shift.value_a)} → {number(shift.value_b)}"
        parts.append(f"{means} ({moved})" if abs(shift.value) >= 0.005 else means)
    outside = of.get("out_of_range")
    if outside is not None and outside.value:
        parts.append(f"{share(outside.value)} of B out of the range of A")
    ends = (column.min_a, column.max_a), (column.min_b, column.max_b)
    if column.kind == "moment" and ends[0] != ends[1]:
        parts.append(f"{column.min_a} … {column.max_a} → {column.min_b} … {column.max_b}")
    if column.kind == "category":
        parts += _sets(column, of)
    if not parts or (len(parts) == 1 and shift is not None):
        psi, ks = of.get("psi"), of.get("ks")
        measure = psi if psi is not None and psi.level != "none" else ks
        if measure is not None and measure.value is not None:
            parts.append(f"{measure.measure.upper()} {number(measure.value)}")
    return parts


def _sets(column: ComparedColumn, of: dict[str, DriftMeasure]) -> list[str]:
    parts = []
    new = of.get("new_values")
    if column.n_new_values and new is not None:
        listed = _listed(column.new_values, column.n_new_values)
        word = agreeing(column.n_new_values, "value")
        parts.append(f"new {word} {listed} in {share(new.value)} of B")
    if column.n_lost_values:
        listed = _listed(column.lost_values, column.n_lost_values)
        parts.append(f"lost {agreeing(column.n_lost_values, 'value')} {listed}")
    return parts


def _listed(values: Sequence[str], n: int) -> str:
    shown = [f"“{value[:40]}”" for value in values[:_NAMED]]
    more = n - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")
