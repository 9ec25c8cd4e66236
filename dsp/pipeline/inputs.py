"""New data for a model: cleaned as the old ones were, and compared with them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsp.numbers import counted, share
from dsp.records import ColumnProfile, HistogramBin, ModelQuery, Step, TopValue

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

FLOOR = 1e-4
"""Least share of a bin: the index of empty ones is infinite."""

LARGE = 0.25
MAX_BINS = 20


@dataclass(frozen=True, slots=True)
class Shift:
    """How far an input is from the rows that the model was fitted on.

    Attributes
    ----------
    index
        Population stability index over bins or frequent values and the missing ones.
    noise
        What the index is on average between two samples of these sizes.
    missing_before, missing
        Shares of rows without a value, then and now.
    outside
        Share of rows outside of the range, or with a value that was not seen.
    """

    column: str
    index: float
    noise: float
    missing_before: float
    missing: float
    outside: float

    @property
    def is_large(self) -> bool:
        """Whether the index is large beyond what chance explains."""
        return self.index > LARGE + 3 * self.noise

    @property
    def sentence(self) -> str:
        """What has moved, in words."""
        parts = [f"{self.column} has moved (stability index {self.index:.2f})"]
        if abs(self.missing - self.missing_before) > 0.05:
            parts.append(
                f"{share(self.missing)} missing, {share(self.missing_before)} before"
            )
        if self.outside > 0.05:
            parts.append(f"{share(self.outside)} not seen before")
        return ": ".join([parts[0], ", ".join(parts[1:])]) if parts[1:] else parts[0]


def inputs_sql(
    columns: Sequence[str], steps: Sequence[Step]
) -> tuple[str, tuple[str, ...]]:
    """Return a ``with`` clause that ends in ``cleaned``, and the names of its columns.

    Repeats the steps of the run that keep all rows and whose columns are there. The row
    as it came goes along as ``dsp_row``.
    """
    from dsp.engine.duckdb_engine import quote

    names = list(columns)
    row = "select given as dsp_row, given.* from raw.data as given"
    parts = [f"s0 as not materialized ({row})"]
    for step in steps:
        if step.status != "applied" or step.n_rows_after != step.n_rows_before:
            continue
        folded = {name.lower() for name in names}
        if step.transform == "names":
            renames = dict(json.loads(step.evidence or "{}").get("names", {}))
            renames = {o: n for o, n in renames.items() if o.lower() in folded and o != n}
            listed = ", ".join(f"{quote(o)} as {quote(n)}" for o, n in renames.items())
            query = f"select * rename ({listed}) from input"
            names = [renames.get(name, name) for name in names]
            if not renames:
                continue
        elif all(column.lower() in folded for column in step.columns):
            query = step.sql
        else:
            continue
        place = len(parts)
        before = f"input as not materialized (from s{place - 1})"
        parts.append(f"s{place} as not materialized (with {before}\n{query})")
    parts.append(f"cleaned as not materialized (from s{len(parts) - 1})")
    return "with " + ",\n".join(parts), tuple(names)


def unreadable(engine: DuckEngine, model: ModelQuery) -> Iterator[str]:
    """Yield a warning for every input with values that the model takes for missing."""
    from dsp.engine.duckdb_engine import quote

    casts = {"number": "double", "date": "timestamp"}
    read = [
        (name, casts[kind])
        for name, kind in zip(model.inputs, model.kinds, strict=True)
        if kind in casts
    ]
    if not read:
        return
    counts = ", ".join(
        f"count({quote(name)}) - count(try_cast({quote(name)} as {cast}))"
        for name, cast in read
    )
    found = engine.rows(f"select {counts} from prepared")[0]
    for (name, cast), n in zip(read, found, strict=True):
        if n:
            what = "numbers" if cast == "double" else "dates"
            held = counted(int(n), "value")
            yield f"{held} of {name} are no {what} and count as missing"


def shifts(
    engine: DuckEngine, model: ModelQuery, store: Mapping[type, Sequence[Any]]
) -> list[Shift]:
    """Return how far every input is from what it was, the furthest first."""
    profiles = {c.column_name: c for c in store[ColumnProfile]}
    bins: dict[str, list[HistogramBin]] = {}
    for one in store[HistogramBin]:
        if one.kind == "width":
            bins.setdefault(one.column_name, []).append(one)
    values: dict[str, list[TopValue]] = {}
    for value in store[TopValue]:
        values.setdefault(value.column_name, []).append(value)
    asked: list[tuple[str, list[float], ColumnProfile]] = []
    selected: list[str] = []
    for name, kind in zip(model.inputs, model.kinds, strict=True):
        profile = profiles.get(name)
        if profile is None or not profile.n_rows:
            continue
        if kind == "number" and bins.get(name):
            old, queries = _of_bins(name, profile, bins[name])
        elif kind == "category" and values.get(name):
            old, queries = _of_values(name, profile, values[name])
        else:
            continue
        asked.append((name, old, profile))
        selected.append(f"[{', '.join(queries)}]")
    if not asked:
        return []
    counts = engine.rows(f"select count(*), {', '.join(selected)} from prepared")[0]
    n_rows = int(counts[0])
    found = [
        _shift(name, old, [int(n) for n in new], profile, n_rows)
        for (name, old, profile), new in zip(asked, counts[1:], strict=True)
    ]
    return sorted(found, key=lambda shift: (-shift.index, shift.column)) if n_rows else []


def _of_bins(
    name: str, profile: ColumnProfile, bins: list[HistogramBin]
) -> tuple[list[float], list[str]]:
    """Return the old counts and the queries of the new ones: bins, outside, missing."""
    from dsp.engine.duckdb_engine import quote

    value = f"try_cast({quote(name)} as double)"
    ordered = sorted(bins, key=lambda one: one.low)
    size = max(1, math.ceil(len(ordered) / MAX_BINS))
    old: list[float] = []
    queries: list[str] = []
    for start in range(0, len(ordered), size):
        group = ordered[start : start + size]
        low, high = group[0].low, group[-1].high
        end = "<=" if start + size >= len(ordered) else "<"
        old.append(float(sum(one.n_rows for one in group)))
        queries.append(
            f"count(*) filter ({value} >= {low!r}::double "
            f"and {value} {end} {high!r}::double)"
        )
    outside = (
        f"count(*) filter ({value} < {ordered[0].low!r}::double "
        f"or {value} > {ordered[-1].high!r}::double)"
    )
    missing = f"count(*) - count({value})"
    return [*old, 0.0, float(profile.n_null)], [*queries, outside, missing]


def _of_values(
    name: str, profile: ColumnProfile, values: list[TopValue]
) -> tuple[list[float], list[str]]:
    """Return the old counts and the queries of the new ones: values, others, missing."""
    from dsp.engine.duckdb_engine import literal, quote

    text = f"{quote(name)}::varchar"
    kept = [one for one in values if one.value is not None][:MAX_BINS]
    old = [float(one.n_rows) for one in kept]
    listed = ", ".join(literal(str(one.value)) for one in kept)
    queries = [f"count(*) filter ({text} = {literal(str(one.value))})" for one in kept]
    rest = profile.n_rows - profile.n_null - sum(old)
    queries.append(f"count(*) filter ({text} not in ({listed}))")
    return [*old, max(0.0, rest), float(profile.n_null)], [
        *queries,
        f"count(*) - count({quote(name)})",
    ]


def _shift(
    name: str, old: list[float], new: list[int], profile: ColumnProfile, n_rows: int
) -> Shift:
    total = sum(old) or 1.0
    index = 0.0
    for before, now in zip(old, new, strict=True):
        p, q = max(now / n_rows, FLOOR), max(before / total, FLOOR)
        index += (p - q) * math.log(p / q)
    return Shift(
        column=name,
        index=index,
        noise=(len(old) - 1) * (1 / n_rows + 1 / total),
        missing_before=profile.n_null / profile.n_rows,
        missing=new[-1] / n_rows,
        # Values beyond the frequent ones may have been there before.
        outside=new[-2] / n_rows if old[-2] == 0 else 0.0,
    )
