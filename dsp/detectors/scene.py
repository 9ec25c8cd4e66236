"""The data as detectors see it: roles and sufficient statistics, each read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from dsp.detectors.base import Repair
from dsp.detectors.frame import Frame
from dsp.detectors.gram import Gram
from dsp.detectors.matrix import Sums, read_correlations, read_sums
from dsp.detectors.number import Number, fixed, scaling
from dsp.detectors.reading import read_frame
from dsp.detectors.repairs import repaired
from dsp.engine.duckdb_engine import literal, quote
from dsp.engine.tables import source_of
from dsp.records import Association, CheckResult, ColumnProfile, RepeatedRows

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

MAX_MEASURES = 30
MAX_DIMENSIONS = 30
MAX_VALUES = 50
MAX_PAIRED = 12
MAX_ENTITIES = 6
_NUMERIC = ("integer", "decimal", "float")
_YES = ("true", "yes", "1", "y", "t", "positive")


class Moments(NamedTuple):
    """Rows, mean and sample variance of a number."""

    n: int
    mean: float
    var: float


class Groups(NamedTuple):
    """Per value of a dimension: rows, moments of every number, values of columns.

    Arrays have one entry a value; the missing value is not among them.
    """

    labels: tuple[str, ...]
    n: Any
    moments: Mapping[str, tuple[Any, Any, Any]]
    present: Mapping[str, Any]


class Scene:
    """Everything detectors may ask about the data.

    Parameters
    ----------
    table
        The data as an `ibis.Table`.
    columns
        Profiles with roles.
    """

    def __init__(
        self,
        engine: DuckEngine,
        table: Any,
        columns: Sequence[ColumnProfile],
        *,
        target: str | None = None,
        time: str | None = None,
        checks: Sequence[CheckResult] = (),
        associations: Sequence[Association] = (),
        repeated: RepeatedRows | None = None,
    ) -> None:
        self.engine = engine
        names = set(table.columns)
        self.columns = {c.column_name: c for c in columns if c.column_name in names}
        self.target = target if target in self.columns else None
        found = [c.column_name for c in columns if c.role == "time"]
        self.time = time if time in self.columns else next(iter(found), None)
        self.checks = checks
        self.repeated = repeated
        self.source = source_of(engine, table)
        self._links: dict[str, float] = {}
        for a in associations:
            if self.target in (a.column_a, a.column_b):
                name = a.column_a if a.column_b == self.target else a.column_b
                self._links[name] = max(self._links.get(name, 0.0), a.strength or 0.0)
        self._groups: dict[str, Groups] = {}
        self._frame: Frame | None = None
        self._gram: Gram | None = None

    @property
    def frame(self) -> Frame:
        """Rows as scores and codes; after the faults phase, repaired."""
        if self._frame is None:
            self._frame = self._read_frame()
        return self._frame

    def repair(self, repairs: Sequence[Repair]) -> None:
        """Make the frame fit for relations: copies, units and leaks out."""
        if repairs:
            self._frame = repaired(self.frame, repairs)
            self._gram = None

    @property
    def gram(self) -> Gram:
        """Sufficient statistics of all pairs of columns of the frame."""
        if self._gram is None:
            self._gram = Gram(self.frame)
        return self._gram

    @property
    def n_left_out(self) -> int:
        """Columns beyond the pools; passing each over was a look at it."""
        listed = sum(c.role in ("measure", "dimension") for c in self.columns.values())
        return max(0, listed - len(self.measures) - len(self.dimensions))

    @property
    def n_rows(self) -> int:
        """Rows of the data."""
        return max((c.n_rows for c in self.columns.values()), default=0)

    @cached_property
    def target_task(self) -> str | None:
        """How the target is read: number, event (two values), classes, or None."""
        profile = self.columns.get(self.target or "")
        if profile is None or profile.n_distinct < 2:
            return None
        if profile.n_distinct == 2 and profile.family not in ("nested", "binary"):
            return "event"
        is_number = profile.family in _NUMERIC and not profile.is_level
        if is_number and profile.n_distinct >= 6:
            return "number"
        if profile.n_distinct <= MAX_VALUES and profile.family in (
            "text",
            "boolean",
            *_NUMERIC,
        ):
            return "classes"
        return None

    @cached_property
    def measures(self) -> list[ColumnProfile]:
        """Measures, those most related to the target first, at most 30."""
        listed = [
            c
            for c in self.columns.values()
            if c.role == "measure" and c.family in _NUMERIC and not c.is_constant
        ]
        return sorted(listed, key=self._closeness)[:MAX_MEASURES]

    @cached_property
    def dimensions(self) -> list[ColumnProfile]:
        """Dimensions with 2 to 50 values, at most 30; the target is not one."""
        listed = [
            c
            for c in self.columns.values()
            if c.role == "dimension"
            and 2 <= c.n_distinct <= MAX_VALUES
            and c.family not in ("nested", "binary", "other")
        ]
        return sorted(listed, key=self._closeness)[:MAX_DIMENSIONS]

    @cached_property
    def numbers(self) -> dict[str, Number]:
        """The target (when numeric or an event) and the measures, by name."""
        wanted: list[tuple[str, str, str | None]] = []
        if self.target is not None and self.target_task == "number":
            wanted.append((self.target, self._value(self.target), None))
        elif self.target is not None and self.target_task == "event":
            event = self.event or ""
            wanted.append((self.target, self._event(self.target, event), event))
        wanted += [
            (c.column_name, self._value(c.column_name), None)
            for c in self.measures
            if c.column_name != self.target
        ]
        if not wanted:
            return {}
        picked = ", ".join(
            f"min({sql}), max({sql}), count({sql}), count(*)" for _, sql, _ in wanted
        )
        (row,) = self.engine.rows(f"select {picked} from {self.source}")
        numbers = {}
        for i, (name, sql, event_value) in enumerate(wanted):
            low, high, n, n_all = row[4 * i : 4 * i + 4]
            scaled = scaling(low, high)
            if scaled is not None:
                numbers[name] = Number(
                    name=name,
                    sql=sql,
                    centre=scaled[0],
                    scale=scaled[1],
                    has_nulls=n < n_all,
                    event=event_value,
                )
        return numbers

    @cached_property
    def subjects(self) -> list[str]:
        """Numbers that findings over time and by segment speak of, target first."""
        return list(self.numbers)

    @cached_property
    def event(self) -> str | None:
        """The value of a two-valued target that counts as the event."""
        if self.target is None or self.target_task != "event":
            return None
        rows = self.engine.rows(
            f"select cast({quote(self.target)} as varchar) as label, count(*) as n "
            f"from {self.source} where {quote(self.target)} is not null "
            "group by 1 order by n, label"
        )
        labels = [str(label) for label, _ in rows]
        yes = [label for label in labels if label.casefold() in _YES]
        if not labels:
            return None
        if self.columns[self.target].family in _NUMERIC:
            return max(labels, key=float)
        return (yes or labels)[0]

    @cached_property
    def moments(self) -> dict[str, Moments]:
        """Moments of every number."""
        if not self.numbers:
            return {}
        (row,) = self.engine.rows(
            f"select {self._sums()} from (select {self._scaled()} from {self.source})"
        )
        return {
            number.name: Moments(
                row[3 * i],
                number.mean(int(row[3 * i + 1] or 0), row[3 * i]),
                number.variance(
                    int(row[3 * i + 1] or 0), int(row[3 * i + 2] or 0), row[3 * i]
                ),
            )
            for i, number in enumerate(self.numbers.values())
        }

    @cached_property
    def gappy(self) -> list[str]:
        """Columns with some missing values (1 to 99 of 100), at most 30."""
        listed = [
            c.column_name
            for c in self.columns.values()
            if c.n_rows and 0.01 <= (c.n_null + c.n_nan) / c.n_rows <= 0.99
        ]
        return listed[:MAX_DIMENSIONS]

    def groups(self, dimension: str) -> Groups:
        """Return what is known per value of a dimension."""
        if dimension not in self._groups:
            self._groups[dimension] = self._read_groups(dimension)
        return self._groups[dimension]

    def table_of(self, a: str, b: str) -> tuple[tuple[str, ...], tuple[str, ...], Any]:
        """Return the values of two dimensions and the counts of their pairs."""
        import numpy as np

        cells = self.sums.pairs[a, b]
        left = tuple(sorted({x for x, _ in cells}))
        right = tuple(sorted({y for _, y in cells}))
        counts = np.array([[cells.get((x, y), 0) for y in right] for x in left], float)
        return left, right, counts.reshape(len(left), len(right))

    @cached_property
    def correlations(self) -> dict[tuple[str, str], tuple[int, float]]:
        """Rows with both values and Pearson's r, for every pair of numbers."""
        return read_correlations(
            self.engine, self.source, list(self.numbers.values()), self.n_rows
        )

    @cached_property
    def sums(self) -> Sums:
        """Sums by dimension and by the pairs of dimensions that are compared."""
        wanted = [c.column_name for c in self.dimensions]
        pairs = list(
            combinations([n for n in wanted if n != self.target][:MAX_PAIRED], 2)
        )
        if self.target is not None and self.target_task in ("event", "classes"):
            others = [name for name in wanted if name != self.target]
            pairs += [(name, self.target) for name in others]
            wanted = [self.target, *others]
        return read_sums(
            self.engine,
            self.source,
            n_rows=self.n_rows,
            numbers=list(self.numbers.values()),
            dimensions=wanted,
            pairs=pairs,
            gappy=self.gappy,
        )

    @cached_property
    def entities(self) -> list[str]:
        """Columns of more than 50 values that repeat, as customers do."""
        listed = [
            c
            for c in self.columns.values()
            if (c.family == "text" or (c.family == "integer" and c.role == "identifier"))
            and c.role in ("identifier", "text", "dimension")
            and c.column_name != self.target
            and MAX_VALUES < c.n_distinct <= c.n_rows / 5
        ]
        return [c.column_name for c in listed[:MAX_ENTITIES]]

    def _read_frame(self) -> Frame:
        profile = self.columns.get(self.time or "")
        is_dated = profile is not None and profile.family in ("date", "timestamp")
        wanted = [c.column_name for c in self.dimensions]
        classes = [] if self.target_task not in ("event", "classes") else [self.target]
        return read_frame(
            self.engine,
            self.source,
            n_rows=self.n_rows,
            numbers={n.name: (n.sql, n.event) for n in self.numbers.values()},
            dimensions=[c for c in classes if c is not None and c not in wanted] + wanted,
            entities=self.entities,
            gappy=self.gappy,
            time=self.time if is_dated else None,
            target=self.target,
        )

    def value_sql(self, name: str) -> str:
        """Return SQL of a number as written for readers."""
        return self.numbers[name].sql

    def _value(self, name: str) -> str:
        profile = self.columns[name]
        column = quote(name)
        if profile.family != "float":
            return f"cast({column} as double)"
        if profile.n_nan or profile.n_infinite:
            return f"case when isfinite({column}) then cast({column} as double) end"
        return (
            f"cast({column} as double)"
            if "DOUBLE" not in profile.data_type.upper()
            else column
        )

    def _event(self, name: str, event: str) -> str:
        return f"cast(cast({quote(name)} as varchar) = {literal(event)} as double)"

    def _closeness(self, column: ColumnProfile) -> tuple[float, int]:
        return -self._links.get(column.column_name, 0.0), column.position

    def _scaled(self) -> str:
        return ", ".join(f"{n.z} as z{i}" for i, n in enumerate(self.numbers.values()))

    def _sums(self) -> str:
        return ", ".join(
            f"count(z{i}), sum({fixed(f'z{i}')}), sum({fixed(f'z{i} * z{i}')})"
            for i in range(len(self.numbers))
        )

    def _read_groups(self, dimension: str) -> Groups:
        import numpy as np

        known = self.sums.groups[dimension]
        labels = tuple(sorted(known))
        rows = [known[label] for label in labels]
        moments = {}
        for i, number in enumerate(self.numbers.values()):
            sums = [totals[i] for _, totals, _ in rows]
            moments[number.name] = (
                np.array([s[0] for s in sums], dtype=float),
                np.array([number.mean(s[1], s[0]) for s in sums]),
                np.array([number.variance(s[1], s[2], s[0]) for s in sums]),
            )
        present = {
            name: np.array([counts[i] for _, _, counts in rows], dtype=float)
            for i, name in enumerate(self.gappy)
            if name != dimension
        }
        return Groups(labels, np.array([r[0] for r in rows], float), moments, present)
