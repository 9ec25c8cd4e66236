"""A validation as all its reports show it: one record, in one order, with one verdict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dsp.engine.store import Store
from dsp.events import PipelineStage
from dsp.numbers import counted, shape, share
from dsp.records import CheckResult, FailureRow, Problem, RunRow

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

SEVERITIES = ("critical", "error", "warning", "info")
"""From the worst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationReport:
    """What a validation found, for a report.

    Attributes
    ----------
    source
        What was checked, as people name it.
    n_rows, n_columns
        Its size.
    checked_at
        When, in UTC.
    results, failures, problems, untranslated
        What the checks found; see `dsp.checks.Validation`.
    failing
        Ids of the checks that make the validation fail.
    fail_on
        Least severity that does.
    """

    source: str
    n_rows: int
    n_columns: int
    checked_at: datetime
    results: tuple[CheckResult, ...]
    failures: tuple[FailureRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    untranslated: tuple[str, ...] = ()
    failing: frozenset[str] = frozenset()
    fail_on: str = "error"

    @classmethod
    def of_run(cls, engine: DuckEngine) -> ValidationReport:
        """Return the report of a finished run, from its result tables."""
        store = Store(engine)
        runs, results = store.read(RunRow), tuple(store.read(CheckResult))
        run = runs[0] if runs else None
        return cls(
            source=run.source if run else "data",
            n_rows=run.n_rows if run else 0,
            n_columns=run.n_columns if run else 0,
            checked_at=(run.started_at if run else None)
            or datetime.fromtimestamp(0, UTC),
            results=results,
            failures=tuple(store.read(FailureRow)),
            problems=tuple(
                p
                for p in store.read(Problem)
                if p.stage == PipelineStage.VALIDATION.value
            ),
            failing=frozenset(
                r.check_id
                for r in results
                if r.outcome == "failed" and r.severity in SEVERITIES[:2]
            ),
        )

    @property
    def is_passed(self) -> bool:
        """Whether nothing makes the validation fail."""
        return not self.failing

    @property
    def failed(self) -> list[CheckResult]:
        """Failed checks, the worst first."""
        found = [r for r in self.results if r.outcome == "failed"]
        return sorted(found, key=lambda r: SEVERITIES.index(r.severity))

    @property
    def blocked(self) -> list[CheckResult]:
        """Checks that are not evaluated although they should be."""
        return [r for r in self.not_evaluated if r.check_id in self.failing]

    @property
    def not_evaluated(self) -> list[CheckResult]:
        """Checks that had nothing to look at, or could not be evaluated."""
        return [r for r in self.results if r.outcome == "not_evaluated"]

    @property
    def passed(self) -> list[CheckResult]:
        """Passed checks."""
        return [r for r in self.results if r.outcome == "passed"]

    @property
    def size(self) -> str:
        """Rows and columns in words."""
        return shape(self.n_rows, self.n_columns)

    @property
    def verdict(self) -> str:
        """The outcome in one sentence; what fails below the level is told apart."""
        n_failing = sum(r.check_id in self.failing for r in self.failed)
        n_below = sum(r.is_failure for r in self.failed) - n_failing
        level = self.fail_on if self.fail_on == "critical" else f"{self.fail_on} or worse"
        found = counted(n_failing, "check") if n_failing else "No check"
        parts = [f"{found} failed with severity {level}"]
        if self.blocked:
            parts.append(f"{counted(len(self.blocked), 'rule')} could not be evaluated")
        if n_below > 0:
            parts.append(f"{n_below} failed below that")
        return f"{'; '.join(parts)} (of {counted(len(self.results), 'check')})."

    @property
    def title(self) -> str:
        """The last part of the source: the name of the file or table."""
        return self.source.rstrip("/").rsplit("/", 1)[-1] or self.source

    @property
    def counts(self) -> dict[str, int]:
        """Number of checks by outcome; failed ones of severity info are notes."""
        n_notes = sum(r.is_note for r in self.results)
        return {
            "checks": len(self.results),
            "passed": len(self.passed),
            "failed": len(self.failed) - n_notes,
            "notes": n_notes,
            "not_evaluated": len(self.not_evaluated),
        }

    def rows_of(self, result: CheckResult) -> list[FailureRow]:
        """Return the sample of failing rows of a check."""
        return [row for row in self.failures if row.check_id == result.check_id]


def place(row: FailureRow) -> str:
    """Return where a failing row stands: its line in the file, else its number.

    Examples
    --------
    >>> place(FailureRow(check_id="c0001", sample=1, row_number=7, row="{}"))
    'row 7'
    """
    if row.line_number is not None:
        return f"line {row.line_number:,}"
    return "" if row.row_number is None else f"row {row.row_number:,}"


def rows_in_words(result: CheckResult, n_shown: int) -> str:
    """Return what a sample of rows is: the first that fail, or all that are involved."""
    if result.n_failed > n_shown:
        return f"The first {n_shown} of {result.n_failed:,} failing rows"
    if result.n_failed < n_shown:
        return f"{n_shown} rows that are involved"
    return counted(n_shown, "failing row")


def values(row: FailureRow, first: Sequence[str] = ()) -> dict[str, Any]:
    """Return the values of a failing row, the columns of its check first."""
    found: dict[str, Any] = json.loads(row.row)
    ahead = {name: found[name] for name in first if name in found}
    return ahead | found


def allowed(result: CheckResult) -> str:
    """Return how many rows of a check may fail, or nothing when none may."""
    parts = []
    if result.tolerance:
        parts.append(share(result.tolerance))
    if result.max_failed is not None:
        parts.append(counted(result.max_failed, "row"))
    return " and at most ".join(parts)
