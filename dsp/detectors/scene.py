"""The data as detectors see it: roles and sufficient statistics, each read once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from dsp.detectors.base import Repair
from dsp.detectors.frame import Frame
from dsp.detectors.gram import Gram
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
MAX_ENTITIES = 6
_NUMERIC = ("integer", "decimal", "float")
_YES = ("true", "yes", "1", "y", "t", "positive")


class Number(NamedTuple):
    """A numeric column, or the event of a two-valued target as 0 and 1.

    `sql` gives a finite double or null.
    """

    name: str
    sql: str
    event: str | None


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
        return {
            name: Number(name=name, sql=sql, event=event) for name, sql, event in wanted
        }

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
    def gappy(self) -> list[str]:
        """Columns with some missing values (1 to 99 of 100), at most 30."""
        listed = [
            c.column_name
            for c in self.columns.values()
            if c.n_rows and 0.01 <= (c.n_null + c.n_nan) / c.n_rows <= 0.99
        ]
        return listed[:MAX_DIMENSIONS]

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
