"""Findings as all their renderings show them: one record, in one order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dsp.numbers import counted, shape
from dsp.records import ColumnProfile, DetectorTests, Insight, Problem


@dataclass(frozen=True, kw_only=True)
class InsightReport:
    """What was found in a source; iterates over the findings, best first.

    Attributes
    ----------
    source
        What was read, as people name it.
    n_rows, n_columns
        Its size.
    found_at
        When, in UTC.
    insights
        Findings that hold, best first: one for every effect, and with `explained` asked
        for also those that another one explains.
    n_left
        Findings that hold and are of another kind, or beyond the wanted number.
    n_explained
        Findings that hold and are left out because another one explains them.
    set_aside
        Tests that came near a finding and did not pass.
    columns
        Profiles of the columns.
    n_tests
        Tests that ran; every one counts for the adjusted p values.
    tests
        Tests by detector, with what came of them.
    target, time
        The column that was explained, and the one that orders the rows in time.
    problems
        What could not be computed.
    n_rejected
        Records of the source that could not be read.
    elapsed_ms
        What it took, in all and by part.
    """

    source: str
    n_rows: int
    n_columns: int
    found_at: datetime
    insights: tuple[Insight, ...]
    n_left: int = 0
    n_explained: int = 0
    set_aside: tuple[Insight, ...] = ()
    columns: tuple[ColumnProfile, ...] = ()
    n_tests: int = 0
    tests: tuple[DetectorTests, ...] = ()
    target: str | None = None
    time: str | None = None
    problems: tuple[Problem, ...] = ()
    n_rejected: int = 0
    elapsed_ms: Mapping[str, float] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Insight]:
        """Iterate over the findings, best first."""
        return iter(self.insights)

    def __len__(self) -> int:
        """Return the number of findings."""
        return len(self.insights)

    @property
    def size(self) -> str:
        """Rows, columns and tests in words."""
        return f"{shape(self.n_rows, self.n_columns)}, {counted(self.n_tests, 'test')}"

    def __repr__(self) -> str:
        """Return one line: what was read, and how much was found."""
        found = counted(len(self.insights), "insight")
        return (
            f"<Insights of {self.source}: {found} from {counted(self.n_tests, 'test')}>"
        )
