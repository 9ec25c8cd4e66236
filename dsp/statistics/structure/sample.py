"""A sample of rows as hashes of their values: it may refute what the table must prove.

Missing values are 0. Equal values have equal hashes; that different ones do, too, happens
to fewer than one in a thousand million pairs of rows, and can only lose a finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsp.engine.arrays import as_numpy
from dsp.statistics.structure.base import Data

ROWS = ""
"""Name of the part that holds rows from all over the table."""
LEADS = 6
"""Columns of many values that have a part of their own."""
MANY_VALUES = 500
"""Distinct values above which a column may lead a part."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of a table by parts.

    Attributes
    ----------
    is_all
        Whether the part `ROWS` is the whole table.
    parts
        Part by name: an array of hashes by column. The part `ROWS` holds rows from all
        over the table; a part named after a column holds all rows of some of its values,
        as far as they fit.
    """

    is_all: bool
    parts: Mapping[str, Mapping[str, Any]]

    def part_of(self, names: Sequence[str], data: Data) -> str | None:
        """Return the part that holds whole groups of rows equal in some columns."""
        leads = [name for name in names if name in self.parts]
        return max(leads, key=lambda n: data.profiles[n].n_distinct, default=None)


def hash_sql(data: Data, name: str) -> str:
    """Return SQL of the hash of a value, 0 where it is missing.

    All missing values have the same hash, which `xor` turns into 0.
    """
    return f"xor(hash({data.value(name)}), hash(null))"


def hashes(data: Data, names: Sequence[str]) -> str:
    """Return the query of the hashes of some columns, named h0, h1 and so on."""
    listed = ", ".join(f"{hash_sql(data, name)} as h{i}" for i, name in enumerate(names))
    return f"select {listed} from {data.source}"


def draw(data: Data, names: Sequence[str]) -> Sample:
    """Return a sample of some columns, in one scan.

    The same rows whatever the order of the rows and the number of threads, as long as
    no part overflows.
    """
    size = data.limits.n_sampled(data.n_rows)
    if data.n_rows <= size:
        whole = data.engine.sql(hashes(data, names))
        return Sample(is_all=True, parts={ROWS: arrays(whole, names)})
    step = max(2, data.n_rows // size)
    at = {name: i for i, name in enumerate(names)}
    by_values = sorted(names, key=lambda n: -data.profiles[n].n_distinct)
    spread = ", ".join(f"h{at[name]}" for name in by_values[:3])
    flags = {ROWS: f"hash({spread}, 7) % {step} = 0"} | {
        name: f"h{at[name]} % {step} = {step // 2}"
        for name in by_values[:LEADS]
        if data.profiles[name].n_distinct > MANY_VALUES
    }
    listed = ", ".join(f"{flag} as f{i}" for i, flag in enumerate(flags.values()))
    found = data.engine.sql(
        f"select *, {listed} from ({hashes(data, names)}) "
        f"where {' or '.join(flags.values())} limit {2 * size * len(flags)}"
    )
    columns = arrays(found, names)
    parts = {}
    for i, name in enumerate(flags):
        chosen = as_numpy(found.column(len(names) + i)).nonzero()[0][: 2 * size]
        parts[name] = {key: column[chosen] for key, column in columns.items()}
    return Sample(is_all=False, parts=parts)


def groups_of(data: Data, x: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    """Return hashes of all rows of some groups of rows equal in the columns `x`."""
    size = data.limits.n_sampled(data.n_rows)
    step = max(2, (data.n_rows - max(map(data.missing, x))) // size)
    found = data.engine.sql(
        f"{hashes(data, names)} where {data.present(x)} and "
        f"hash({', '.join(data.value(name) for name in x)}) % {step} = {step // 2} "
        f"limit {2 * size}"
    )
    return arrays(found, names)


def arrays(table: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return the first columns of an Arrow table without nulls as arrays by name."""
    return {name: as_numpy(table.column(i)) for i, name in enumerate(names)}
