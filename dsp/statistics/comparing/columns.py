"""What is known of each column of both tables: facts, distributions, moments, bins."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dsp.inference.base import Group
from dsp.records.comparison import ComparedColumn, DriftBin, DriftMeasure
from dsp.statistics.comparing import facts as facts_
from dsp.statistics.comparing.distributions import (
    Distribution,
    bin_counts,
    distribution_of,
    ranges_said,
)
from dsp.statistics.comparing.facts import Facts
from dsp.statistics.comparing.keys import is_unique
from dsp.statistics.comparing.measures import Moments, finite, measures_of
from dsp.statistics.comparing.rows import RowCounts
from dsp.statistics.comparing.sides import Pair, Sides

LARGE = 1e100
"""Numbers from which on means and variances are not taken."""
CHUNK = 25
"""Columns in one query of moments and bins."""
KEY = "rows are matched by it"
SPLIT = "the parts were split by it"
IDENTIFIES = 0.8
"""Estimated distinct values a row from which on a text identifies rows."""
LEAST_ROWS = 20


@dataclass(slots=True)
class State:
    """What is known so far of each column, by its name in A."""

    sides: Sides
    a: Mapping[str, Facts]
    b: Mapping[str, Facts]
    reasons: dict[str, str] = field(default_factory=dict)
    found: dict[str, Distribution] = field(default_factory=dict)
    moments: dict[str, Moments] = field(default_factory=dict)
    shapes: dict[str, tuple[Sequence[int], Sequence[int]]] = field(default_factory=dict)

    def facts(self, pair: Pair) -> tuple[Facts, Facts]:
        """Return the facts of a column in A and in B."""
        return self.a[pair.a.name], self.b[pair.b.name]


def all_measures(state: State) -> list[DriftMeasure]:
    """Return the measures of every column, without q values and levels."""
    return [
        measure
        for pair in state.sides.pairs
        if state.reasons.get(pair.name) != SPLIT
        for measure in measures_of(
            state.sides,
            pair,
            state.facts(pair),
            state.found.get(pair.name),
            state.moments.get(pair.name),
        )
    ]


def add_distribution(
    state: State, pair: Pair, *, key: Sequence[Pair], split_by: str | None
) -> None:
    """Add the distribution of a column, or why it has none that is worth judging."""
    a, b = state.facts(pair)
    if reason := _why_not(state.sides, pair, a, b, key=key, split_by=split_by):
        state.reasons[pair.name] = reason
        return
    state.found[pair.name] = distribution_of(state.sides, pair, a, b)


def _why_not(
    sides: Sides,
    pair: Pair,
    a: Facts,
    b: Facts,
    *,
    key: Sequence[Pair],
    split_by: str | None,
) -> str | None:
    if pair.name == split_by:
        return SPLIT
    if pair in key:
        return KEY
    if pair.kind == "other":
        return f"{pair.a.data_type} has no distribution"
    if not (a.n_values and b.n_values):
        empty = "neither has" if not a.n_values and not b.n_values else None
        return f"{empty or ('A has no' if not a.n_values else 'B has no')} values"
    if all(_is_rich(facts) for facts in (a, b)):
        if pair.kind == "category":
            return "nearly every value is there once"
        if pair.a.family == pair.b.family == "integer" and _is_serial(sides, pair, a, b):
            return "it numbers the rows"
    return None


def _is_rich(facts: Facts) -> bool:
    return (
        facts.n_values >= LEAST_ROWS and facts.n_distinct >= IDENTIFIES * facts.n_values
    )


def _is_serial(sides: Sides, pair: Pair, a: Facts, b: Facts) -> bool:
    """Return whether whole numbers are unique, with few gaps in between."""
    tables = ((sides.a, pair.a, a), (sides.b, pair.b, b))
    return all(
        int(facts.high or 0) - int(facts.low or 0) < 2 * facts.n_values
        and is_unique(table, column.sql)
        for table, column, facts in tables
    )


def add_moments(state: State) -> None:
    """Add means and variances of numbers, and the bins that shapes are drawn with."""
    pairs = [pair for pair in state.sides.pairs if pair.name in state.found]
    pairs = [pair for pair in pairs if pair.is_measured]
    for start in range(0, len(pairs), CHUNK):
        part = pairs[start : start + CHUNK]
        cells: list[list[object]] = []
        for side, table in enumerate((state.sides.a, state.sides.b)):
            listed = ", ".join(
                term for pair in part for term in _moment_terms(state, pair, side)
            )
            query = f"select {listed} from {table.sql} as t"
            cells.append(list(table.engine.rows(query)[0]))
        for i, pair in enumerate(part):
            of_a, of_b = (row[4 * i : 4 * i + 4] for row in cells)
            groups = [_group(of_a[:3]), _group(of_b[:3])]
            if pair.kind == "number" and groups[0] and groups[1]:
                middle = _middle(state.found[pair.name])
                state.moments[pair.name] = Moments(groups[0], groups[1], middle)
            if state.found[pair.name].shape:
                state.shapes[pair.name] = (of_a[3], of_b[3])  # type: ignore[assignment]


def _moment_terms(state: State, pair: Pair, side: int) -> tuple[str, ...]:
    found = state.found[pair.name]
    number = finite(pair)[side]
    shifted = f"{number} - '{_middle(found)!r}'::double"
    if not _has_moments(state, pair):
        # Squares of what is so large leave the range of a double.
        shifted = "null::double"
    shape = bin_counts(pair, found.shape)[side] if found.shape else "null"
    return f"count({number})", f"avg({shifted})", f"var_samp({shifted})", shape


def _has_moments(state: State, pair: Pair) -> bool:
    if pair.kind != "number":
        return False
    ends = [end for side in state.facts(pair) for end in (side.low, side.high)]
    return max((abs(float(end)) for end in ends if end is not None), default=0.0) < LARGE


def _middle(found: Distribution) -> float:
    """Return a value in the middle, from which moments keep their digits."""
    value = float(found.bins[len(found.bins) // 2]) if found.bins else 0.0
    return value if math.isfinite(value) else 0.0


def _group(cells: Sequence[object]) -> Group | None:
    n, mean, variance = cells
    if not isinstance(mean, float) or not math.isfinite(mean):
        return None
    spread = variance if isinstance(variance, float) else 0.0
    return Group(int(str(n)), mean, spread) if math.isfinite(spread) else None


def column_of(state: State, pair: Pair, rows: RowCounts) -> ComparedColumn:
    """Return the record of a column, without rank and verdict."""
    a, b = state.facts(pair)
    found = state.found.get(pair.name)
    sides = state.sides
    return ComparedColumn(
        rank=0,
        column_name=pair.name,
        name_b=pair.b.name,
        position_a=pair.a.position + 1,
        position_b=pair.b.position + 1,
        type_a=pair.a.data_type,
        type_b=pair.b.data_type,
        kind=pair.kind,
        statement="",
        n_values_a=a.n_values,
        n_values_b=b.n_values,
        n_missing_a=a.n_missing,
        n_missing_b=b.n_missing,
        min_a=a.low,
        min_b=b.low,
        max_a=a.high,
        max_b=b.high,
        n_new_values=found.n_new if found else None,
        n_lost_values=found.n_lost if found else None,
        new_values=found.new if found else (),
        lost_values=found.lost if found else (),
        n_changed=rows.changed.get(pair.name),
        reason=state.reasons.get(pair.name),
        evidence_sql=" union all ".join(
            (
                facts_.evidence(sides.a, pair.a, "a"),
                facts_.evidence(sides.b, pair.b, "b"),
            )
        ),
    )


def bins_of(state: State) -> list[DriftBin]:
    """Return the bins of every column that has a distribution."""
    bins: list[DriftBin] = []
    for pair in state.sides.pairs:
        found = state.found.get(pair.name)
        if found is None:
            continue
        ends = found.bins if pair.is_measured else ()
        bins += _listed(pair, "index", found.labels, ends, (found.a, found.b))
        if pair.name in state.shapes:
            shape = state.shapes[pair.name]
            labels = ranges_said(pair, found.shape)
            bins += _listed(pair, "shape", labels, found.shape, shape)
    return bins


def _listed(
    pair: Pair,
    purpose: str,
    labels: Sequence[str],
    ends: Sequence[float],
    counted: tuple[Sequence[int], Sequence[int]],
) -> list[DriftBin]:
    lows = [None, *ends] if ends else [None] * len(labels)
    highs = [*ends, None] if ends else [None] * len(labels)
    return [
        DriftBin(
            column_name=pair.name,
            purpose=purpose,
            bin=i,
            label=label,
            low=None if low is None or math.isinf(low) else low,
            high=None if high is None or math.isinf(high) else high,
            n_a=n_a,
            n_b=n_b,
        )
        for i, (label, low, high, n_a, n_b) in enumerate(
            zip(labels, lows, highs, *counted, strict=True), 1
        )
    ]
