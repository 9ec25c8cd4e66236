"""Reads the frame: one scan of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from dsp.detectors.frame import Clock, Dimension, Frame
from dsp.detectors.scores import measure_of
from dsp.engine.arrays import as_numpy
from dsp.engine.duckdb_engine import quote

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

MAX_ROWS = 1_000_000
"""Rows that tests read; of longer tables a random sample of about so many."""
MIN_PERIODS = 12
MAX_PERIODS = 40_000
_EPOCH = date(1970, 1, 1)
_SEED = 20_251


def read_frame(
    engine: DuckEngine,
    source: str,
    *,
    n_rows: int,
    numbers: Mapping[str, tuple[str, str | None]],
    dimensions: Sequence[str],
    entities: Sequence[str],
    gappy: Sequence[str],
    time: str | None,
    target: str | None,
) -> Frame:
    """Read rows as scores and codes.

    Parameters
    ----------
    numbers
        Per measure: SQL of its finite value, and the value that counts as the event.
    dimensions, entities
        Columns to read as codes.
    gappy
        Columns whose missing values are looked at.
    time
        A column of dates or timestamps.
    """
    picked = [
        f"coalesce({sql}, cast('nan' as double)) as x{i}"
        for i, (sql, _) in enumerate(numbers.values())
    ]
    coded = [*dimensions, *entities]
    picked += [f"cast({quote(d)} as varchar) as d{i}" for i, d in enumerate(coded)]
    flags = [name for name in gappy if name not in numbers]
    picked += [f"{quote(name)} is null as g{i}" for i, name in enumerate(flags)]
    if time is not None:
        day = f"case when isfinite({quote(time)}) then cast({quote(time)} as date) end"
        picked.append(f"datediff('day', date '1970-01-01', {day}) as t")
        hour = f"case when isfinite({quote(time)}) then hour({quote(time)}) else -1 end"
        picked.append(f"coalesce({hour}, -1) as h")
    if not picked:
        return Frame(n=0, n_all=n_rows, measures={}, dimensions={}, target=target)
    text = f"select {', '.join(picked)} from {source}"
    table = engine.sql(text) if n_rows <= MAX_ROWS else _drawn(engine, text, n_rows)
    measures = {
        name: measure_of(name, as_numpy(table.column(f"x{i}")), event=event)
        for i, (name, (_, event)) in enumerate(numbers.items())
    }
    groups = [_dimension(d, table.column(f"d{i}")) for i, d in enumerate(coded)]
    missing = {name: as_numpy(table.column(f"g{i}")) for i, name in enumerate(flags)}
    missing |= {name: ~measures[name].has for name in gappy if name in measures}
    return Frame(
        n=table.num_rows,
        n_all=n_rows,
        measures={m.name: m for m in measures.values() if m.n > 1},
        dimensions={g.name: g for g in groups[: len(dimensions)]},
        entities={g.name: g for g in groups[len(dimensions) :]},
        missing={name: missing[name] for name in gappy},
        clock=None
        if time is None
        else _clock(time, *(as_numpy(table.column(c)) for c in ("t", "h"))),
        target=target,
    )


def _drawn(engine: DuckEngine, text: str, n_rows: int) -> Any:
    """Return a random sample of the rows, the same each time."""
    import numpy as np
    import pyarrow as pa

    draw = np.random.default_rng(_SEED)
    share = MAX_ROWS / n_rows
    kept = []
    for batch in engine.ordered_batches(text, n_rows=131_072):
        rows = np.flatnonzero(draw.random(batch.num_rows) < share)
        kept.append(
            batch.take(
                pa.Array.from_buffers(
                    pa.int64(),
                    len(rows),
                    [None, pa.py_buffer(np.ascontiguousarray(rows))],
                )
            )
        )
    return pa.Table.from_batches(kept)


def _dimension(name: str, column: Any) -> Dimension:
    import numpy as np

    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    labels = coded.dictionary.to_pylist()
    known = sorted(
        (at for at, label in enumerate(labels) if label is not None),
        key=lambda at: labels[at],
    )
    rank = np.full(max(len(labels), 1), -1, dtype=np.int64)
    rank[known] = np.arange(len(known))
    code = rank[as_numpy(coded.indices)] if len(labels) else rank[:0]
    return Dimension(name=name, labels=tuple(labels[at] for at in known), code=code)


def _clock(column: str, day: Any, hour: Any) -> Clock | None:
    """Cut time into the finest periods that are filled at least by half."""
    import numpy as np

    known = ~np.isnan(day) if day.dtype.kind == "f" else np.ones(len(day), dtype=bool)
    whole = np.where(known, day, 0).astype(np.int64)
    days = np.unique(whole[known])
    if len(days) < 2:
        return None
    stamps = days.astype("datetime64[D]")
    starts = {
        "day": days,
        "month": stamps.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64),
        "year": stamps.astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64),
    }
    span = int(days[-1] - days[0]) + 1
    for bucket, length in (("day", 1.0), ("month", 30.44), ("year", 365.25)):
        first = np.unique(starts[bucket])
        if not MIN_PERIODS <= len(first) <= MAX_PERIODS:
            continue
        if len(first) < 0.5 * span / length:
            continue
        step = np.searchsorted(first, starts[bucket])[
            np.searchsorted(days, whole).clip(0, len(days) - 1)
        ]
        return Clock(
            column=column,
            bucket=bucket,
            dates=tuple(_EPOCH + timedelta(days=int(d)) for d in first),
            step=np.where(known, step, -1),
            hour=hour if len(np.unique(hour[known])) > 1 else None,
        )
    return None
