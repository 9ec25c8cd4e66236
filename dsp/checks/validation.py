"""What the checks of a table found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dsp.checks.rule import SEVERITIES
from dsp.records import CheckResult, FailureRow, Problem


@dataclass(frozen=True, slots=True)
class Validation:
    """What the checks found.

    Attributes
    ----------
    results
        One record a check: passed, failed or not_evaluated.
    failures
        Up to ten failing rows of each failed check.
    problems
        Checks that could not be planned or counted.
    blocked
        Ids of the checks that are not evaluated although they should be: a column is
        missing, a condition is wrong. Having nothing to look at does not count.
    untranslated
        Parts of a schema that no rule could express, so that nothing checked them.
    n_rows, n_columns
        Size of the table.
    figures
        Aggregates of the table that were measured, by their SQL; who asks the same of
        the same table next need not scan it.
    """

    results: tuple[CheckResult, ...]
    failures: tuple[FailureRow, ...]
    problems: tuple[Problem, ...]
    blocked: tuple[str, ...] = ()
    untranslated: tuple[str, ...] = ()
    n_rows: int = 0
    n_columns: int = 0
    figures: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def passed(self) -> bool:
        """Whether nothing of severity error or critical failed, or was blocked."""
        return not self.failing()

    def failing(self, severity: str = "error") -> tuple[CheckResult, ...]:
        """Return the checks that failed, or that could not be evaluated.

        Parameters
        ----------
        severity
            The least severity that counts.
        """
        least = SEVERITIES.index(severity)
        return tuple(
            result
            for result in self.results
            if (result.outcome == "failed" or result.check_id in self.blocked)
            and SEVERITIES.index(result.severity) >= least
        )
