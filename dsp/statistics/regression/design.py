"""The rows of a regression: which terms, how they are scaled, and blocks of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsp.engine.arrays import as_numpy
from dsp.engine.duckdb_engine import DuckEngine, literal
from dsp.statistics.base import Column
from dsp.statistics.exact import Moved
from dsp.statistics.regression.terms import INTERCEPT, Term

BLOCK = 8_192
"""Rows of a block; the same whatever the engine sends, so that sums do not move."""
KEPT_BYTES = 64 * 1024**2
"""Size of blocks up to which they are kept for further passes."""


@dataclass(frozen=True, slots=True)
class Design:
    """A regression ready to be streamed.

    Attributes
    ----------
    engine, source
        The data base and SQL that can stand after ``from``.
    terms
        Columns of the design, the intercept first where there is one.
    numbers
        How each number is moved and scaled, by column.
    target
        The same of a measured target, or None for a target of two values.
    event
        The value of the target that counts as 1, and SQL that compares with it.
    where
        SQL condition of the rows with all values.
    n_rows, n_left_out
        Rows with all values, and the others.
    constant
        Columns of one value.
    """

    engine: DuckEngine
    source: str
    terms: tuple[Term, ...]
    numbers: dict[str, Moved]
    levels: dict[str, tuple[Column, tuple[str, ...]]]
    target: Moved | None
    event: tuple[str, str] | None
    where: str
    n_rows: int
    n_left_out: int
    constant: frozenset[str]
    _kept: list[tuple[Any, Any]] = field(default_factory=list)

    @property
    def has_intercept(self) -> bool:
        """Whether the first term is the intercept."""
        return INTERCEPT in self.terms

    @property
    def target_sql(self) -> str:
        """SQL of the target as it is solved for."""
        return self.target.z if self.target else (self.event or ("", ""))[1]

    def blocks(self) -> Iterator[tuple[Any, Any]]:
        """Yield the scaled terms and the target, `BLOCK` rows at a time."""
        if self._kept:
            yield from self._kept
            return
        is_kept = self.n_rows * (len(self.terms) + 1) * 8 <= KEPT_BYTES
        kept = []
        for block in self._streamed():
            if is_kept:
                kept.append(block)
            yield block
        self._kept.extend(kept)

    def _streamed(self) -> Iterator[tuple[Any, Any]]:
        import numpy as np

        x, y = np.empty((BLOCK, len(self.terms))), np.empty(BLOCK)
        filled = 0
        for batch in self.engine.ordered_batches(self._select()):
            part, target = self._columns(batch)
            start = 0
            while start < len(target):
                n = min(BLOCK - filled, len(target) - start)
                x[filled : filled + n] = part[start : start + n]
                y[filled : filled + n] = target[start : start + n]
                filled, start = filled + n, start + n
                if filled == BLOCK:
                    yield x, y
                    x, y, filled = np.empty_like(x), np.empty_like(y), 0
        if filled:
            yield x[:filled], y[:filled]

    def _select(self) -> str:
        terms = [f"cast({self.target_sql} as double) as y"]
        terms += [f"{n.z} as x{i}" for i, n in enumerate(self.numbers.values())]
        terms += [
            f"cast({c.value} as varchar) as g{i}"
            for i, (c, _) in enumerate(self.levels.values())
        ]
        return f"select {', '.join(terms)} from {self.source} where {self.where}"

    def _columns(self, batch: Any) -> tuple[Any, Any]:
        """Return the terms and the target of a batch of rows."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        numbers = {
            name: as_numpy(batch.column(1 + i)) for i, name in enumerate(self.numbers)
        }
        codes = {
            name: as_numpy(
                pc.index_in(
                    batch.column(1 + len(numbers) + i), value_set=pa.array(levels)
                )
            )
            for i, (name, (_, levels)) in enumerate(self.levels.items())
        }
        x = np.empty((batch.num_rows, len(self.terms)))
        for j, term in enumerate(self.terms):
            if term.level is not None:
                levels = self.levels[term.column][1]
                x[:, j] = codes[term.column] == levels.index(term.level)
            elif term.power:
                x[:, j] = numbers[term.column] ** term.power
            else:
                x[:, j] = 1.0
        return x, as_numpy(batch.column(0))

    def texts(self) -> list[tuple[Any, ...]]:
        """Return all rows as text: target, numbers, levels. For few rows only."""
        target = self.target.text if self.target else self.target_sql
        terms = [target, *(n.text for n in self.numbers.values())]
        terms += [f"cast({c.value} as varchar)" for c, _ in self.levels.values()]
        return self.engine.rows(
            f"select {', '.join(terms)} from {self.source} where {self.where}"
        )

    @property
    def evidence_sql(self) -> str:
        """SQL of the means and covariances of the terms and the target."""
        sql = [self.target.shown if self.target else self.target_sql]
        sql += [self._term_sql(t) for t in self.terms if t != INTERCEPT][:30]
        listed = ",\n        ".join(
            f"cast({text} as double) as {'y' if i == 0 else f'x{i}'}"
            for i, text in enumerate(sql)
        )
        names = ["y", *(f"x{i}" for i in range(1, len(sql)))]
        sums = [f"avg({name}) as mean_{name}" for name in names]
        sums += [
            f"covar_samp({a}, {b}) as {a}_{b}"
            for i, a in enumerate(names)
            for b in names[i:]
        ]
        return (
            f"-- {', '.join(self._offsets())}\nwith terms as (\n    select\n"
            f"        {listed}\n    from {self.source}\n    where {self.where}\n)\n"
            "select\n    count(*) as n_rows,\n    "
            + ",\n    ".join(sums)
            + "\nfrom terms"
        )

    def _offsets(self) -> list[str]:
        shown = ["numbers are moved (or scaled) as written"]
        return shown if self.has_intercept else ["numbers as they are"]

    def _term_sql(self, term: Term) -> str:
        if term.level is not None:
            value = self.levels[term.column][0].value
            return f"cast(cast({value} as varchar) = {literal(term.level)} as integer)"
        return f"pow({self.numbers[term.column].shown}, {term.power})"


def centre_of(mean: object, low: float, high: float) -> float:
    """Return a number near the middle of the values that is finite."""
    if isinstance(mean, float) and math.isfinite(mean):
        return mean
    return low / 2 + high / 2


def condition_of(columns: Sequence[Column]) -> str:
    """Return SQL that holds where all columns have a finite value."""
    listed = [
        c.number if c.family in ("date", "timestamp", "float") else c.sql for c in columns
    ]
    return " and ".join(f"{sql} is not null" for sql in dict.fromkeys(listed)) or "true"
