"""The rows as scores and codes: what tests read instead of the data.

Numbers become normal scores of their ranks, so that no long tail and no outlier can make
a finding; dimensions become codes; time becomes the number of a period. One row of the
frame is one row of the data, or of a random sample of it where there are very many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

STRETCHES = (1, 3, 7)
"""Lengths of stretches of time, in periods, within which rows may go together."""
PARTS = (40, 20)
"""Numbers of stretches into which the whole time is cut besides."""
N_BINS = 10
"""Bins of equal rank range in which curves are looked for."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Measure:
    """A numeric column, or the event of a two-valued target.

    Attributes
    ----------
    x
        Values as doubles; NaN where missing.
    z
        Normal scores of the mid-ranks, mean 0 and variance 1 over the rows with a value;
        0 where missing. For an event the standardised indicator.
    has
        Which rows have a value.
    event
        The value of a two-valued column that counts as the event.
    """

    name: str
    x: Any
    z: Any
    has: Any
    event: str | None = None

    @cached_property
    def n(self) -> int:
        """Rows with a value."""
        return int(self.has.sum())

    @cached_property
    def bins(self) -> Any:
        """Bin of equal rank range of each row, from 0; -1 where missing (int64)."""
        import numpy as np
        from scipy.special import ndtr

        place = np.minimum((ndtr(self.z) * N_BINS).astype(np.int64), N_BINS - 1)
        return np.where(self.has, place, -1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Dimension:
    """A column of few values, or of entities that own several rows each.

    Attributes
    ----------
    labels
        Its values in order, as text.
    code
        Place of each row's value, -1 where missing (int64).
    """

    name: str
    labels: tuple[str, ...]
    code: Any

    @cached_property
    def n(self) -> Any:
        """Rows of each value."""
        import numpy as np

        return np.bincount(self.code[self.code >= 0], minlength=len(self.labels))


@dataclass(frozen=True, kw_only=True, eq=False)
class Clock:
    """Time cut into periods.

    Attributes
    ----------
    bucket
        ``day``, ``month`` or ``year``: the finest that is filled at least by half.
    dates
        First day of every period that has rows, in order.
    step
        Place of each row's period in `dates`, -1 where the time is missing (int64).
    hour
        Hour of each row (0 to 23), -1 where the time is missing; None where all rows
        have the same (dates).
    """

    column: str
    bucket: str
    dates: tuple[Any, ...]
    step: Any
    hour: Any = None

    @cached_property
    def x(self) -> Any:
        """Position of every period in days from the first one."""
        import numpy as np

        first = self.dates[0].toordinal()
        return np.array([d.toordinal() - first for d in self.dates], dtype=float)

    @cached_property
    def weekday(self) -> Any:
        """Weekday of every period, Monday 0."""
        import numpy as np

        return np.array([d.weekday() for d in self.dates])

    @cached_property
    def month(self) -> Any:
        """Calendar month of every period, January 0."""
        import numpy as np

        return np.array([d.month - 1 for d in self.dates])

    def kept(self, rows: Any) -> Clock:
        """Return the clock of some rows (a mask)."""
        hour = None if self.hour is None else self.hour[rows]
        return replace(self, step=self.step[rows], hour=hour)

    @property
    def is_daily(self) -> bool:
        """Whether periods are days, nearly without gaps."""
        span = float(self.x[-1]) + 1
        return self.bucket == "day" and len(self.dates) >= 0.9 * span


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """Rows as scores and codes.

    Attributes
    ----------
    n, n_all
        Rows here, and of the data; fewer here where rows were drawn.
    measures
        Numbers by name, the target first.
    dimensions
        Columns of 2 to 50 values, by name; a two-valued or classed target among them.
    entities
        Columns of more values that repeat (customers, shops), by name.
    missing
        Per column with gaps: which rows have no value.
    clock
        Time, where there is a column of dates.
    target
        The column to explain.
    """

    n: int
    n_all: int
    measures: Mapping[str, Measure]
    dimensions: Mapping[str, Dimension]
    entities: Mapping[str, Dimension] = field(default_factory=dict)
    missing: Mapping[str, Any] = field(default_factory=dict)
    clock: Clock | None = None
    target: str | None = None

    @property
    def is_sample(self) -> bool:
        """Whether rows were drawn."""
        return self.n < self.n_all

    @cached_property
    def clusters(self) -> dict[str, Any]:
        """Codes by which rows may cluster: entities, and dimensions of 20 values on."""
        large = {d.name: d.code for d in self.dimensions.values() if len(d.labels) >= 20}
        return {**{e.name: e.code for e in self.entities.values()}, **large}

    def stretches(self) -> dict[str, Any]:
        """Return codes of every kind of clusters, periods and stretches of time too."""
        import numpy as np

        if self.clock is None:
            return dict(self.clusters)
        clock, periods = self.clock, len(self.clock.dates)
        lengths = {*STRETCHES, *(max(1, periods // parts) for parts in PARTS)}
        times = {
            clock.bucket if n == 1 else f"{n} {clock.bucket}s": np.where(
                clock.step >= 0, clock.step // n, -1
            )
            for n in sorted(lengths)
        }
        return {**self.clusters, **times}

    def groupings(self) -> dict[str, Dimension]:
        """Return dimensions and entities together."""
        return {**self.dimensions, **self.entities}

    def kept(self, rows: Any) -> Frame:
        """Return the frame of some rows (a mask), scores made anew."""
        from dsp.detectors.scores import measure_of

        measures = {
            m.name: measure_of(m.name, m.x[rows], event=m.event)
            for m in self.measures.values()
        }
        return replace(
            self,
            n=int(rows.sum()),
            measures=measures,
            dimensions={
                k: replace(d, code=d.code[rows]) for k, d in self.dimensions.items()
            },
            entities={k: replace(d, code=d.code[rows]) for k, d in self.entities.items()},
            missing={k: m[rows] for k, m in self.missing.items()},
            clock=self.clock and self.clock.kept(rows),
        )

    def rescaled(self, name: str, rows: Any, factor: float) -> Frame:
        """Return the frame with some values of a measure divided by a factor."""
        import numpy as np

        from dsp.detectors.scores import measure_of

        old = self.measures[name]
        x = np.where(rows, old.x / factor, old.x)
        measures = {**self.measures, name: measure_of(name, x, event=old.event)}
        return replace(self, measures=measures)

    def without(self, *names: str) -> Frame:
        """Return the frame without some columns; the target stays."""
        gone = set(names) - {self.target}
        return replace(
            self,
            measures={k: v for k, v in self.measures.items() if k not in gone},
            dimensions={k: v for k, v in self.dimensions.items() if k not in gone},
            entities={k: v for k, v in self.entities.items() if k not in gone},
            missing={k: v for k, v in self.missing.items() if k not in gone},
        )


def _of_rows(groups: Mapping[str, Dimension], rows: Any) -> dict[str, Dimension]:
    return {k: replace(d, code=d.code[rows]) for k, d in groups.items()}
