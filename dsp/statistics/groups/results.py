"""Rows of tests and groups, and what becomes of them together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from dsp.errors import DspError, nearest
from dsp.inference.base import Effect, Group, Test
from dsp.inference.multiplicity import benjamini_hochberg
from dsp.inference.tails import t_limit
from dsp.records import GroupSummary, GroupTest, Problem

MOST_PAIRED = 8
"""Groups of which every two are compared, when asked for one comparison."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The groups of a column by the values of another, and their tests.

    Attributes
    ----------
    groups
        One row a group (and value, where shares are compared).
    tests
        Tests, effects and sums of squares.
    """

    groups: tuple[GroupSummary, ...]
    tests: tuple[GroupTest, ...]

    def test(self, name: str) -> GroupTest:
        """Return the test or effect of all groups (or of the only two) by its name.

        Raises
        ------
        DspError
            There is none of the name.
        """
        for row in self.tests:
            if row.name == name:
                return row
        names = list(dict.fromkeys(row.name for row in self.tests))
        near = ", ".join(nearest(name, names) or names)
        raise DspError(f'no test is called "{name}"', hint=f"there are: {near}")


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Comparisons of many pairs of columns, adjusted for how many were tried."""

    groups: tuple[GroupSummary, ...] = ()
    tests: tuple[GroupTest, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """What all rows of a comparison say alike."""

    value: str
    by: str
    is_target: bool = False
    event: str | None = None
    labels: tuple[str, ...] = ()
    n_rows: int = 0

    def row(self, kind: str, name: str, evidence_sql: str, **known: Any) -> GroupTest:
        """Return a row of the comparison, not yet adjusted."""
        lost = [k for k, v in known.items() if isinstance(v, float) and not isfinite(v)]
        if lost:
            known |= dict.fromkeys(lost)
            known["reason"] = "a figure is beyond the range of a double"
        return GroupTest(
            test_id="",
            value_column=self.value,
            by_column=self.by,
            is_target=self.is_target,
            kind=kind,
            name=name,
            event=self.event,
            n_tests=0,
            correction="benjamini-hochberg",
            n_groups=len(self.labels),
            n_rows=self.n_rows,
            evidence_sql=evidence_sql,
            **known,
        )

    def test(
        self, name: str, found: Test | None, evidence_sql: str, reason: str, **known: Any
    ) -> GroupTest:
        """Return the row of a test, or why there is none."""
        if found is None:
            return self.row("test", name, evidence_sql, reason=reason, **known)
        return self.row(
            "test",
            name,
            evidence_sql,
            statistic=found.statistic,
            df=found.df,
            df_residual=found.df_residual,
            p_value=found.p_value,
            **known,
        )

    def effect(
        self,
        name: str,
        found: Effect | None,
        evidence_sql: str,
        reason: str,
        **known: Any,
    ) -> GroupTest:
        """Return the row of an effect, or why there is none."""
        if found is None:
            return self.row("effect", name, evidence_sql, reason=reason, **known)
        return self.row(
            "effect",
            found.name,
            evidence_sql,
            value=found.value,
            low=found.low,
            high=found.high,
            method=found.method or None,
            reason=None if found.low is not None else "no interval: no spread in a group",
            **known,
        )


def adjusted(rows: Iterable[GroupTest]) -> tuple[GroupTest, ...]:
    """Return rows with identifiers and q values.

    Tests of one name are a family: another test of the same groups asks the same again,
    and would only make the family larger.
    """
    listed = list(rows)
    families: dict[tuple[str, bool], list[int]] = {}
    for i, row in enumerate(listed):
        if row.p_value is not None:
            families.setdefault((row.name, row.group_a is None), []).append(i)
    for places in families.values():
        p_values = [listed[i].p_value or 0.0 for i in places]
        for i, q in zip(places, benjamini_hochberg(p_values), strict=True):
            listed[i] = replace(listed[i], q_value=q, n_tests=len(places))
    return tuple(
        replace(row, test_id=f"group_test_{i}") for i, row in enumerate(listed, 1)
    )


def mean_summaries(
    pair: Pair,
    groups: Sequence[Group],
    medians: Sequence[float | None],
    evidence_sql: str,
    *,
    reason: str | None = None,
) -> list[GroupSummary]:
    """Return groups by their means, with the interval of Student's t."""
    rows = []
    for i, (label, group, median) in enumerate(
        zip(pair.labels, groups, medians, strict=True), 1
    ):
        sd = math.sqrt(group.variance) if group.n > 1 else None
        half = t_limit(group.n - 1) * (sd or 0.0) / math.sqrt(group.n) if sd else None
        ends = (None, None) if half is None else (group.mean - half, group.mean + half)
        alone = "one value has no sd" if group.n == 1 else None
        rows.append(
            GroupSummary(
                value_column=pair.value,
                by_column=pair.by,
                position=i,
                group_value=label,
                n_rows=group.n,
                mean=finite(group.mean),
                sd=finite(sd),
                median=finite(median),
                low=finite(ends[0]),
                high=finite(ends[1]),
                reason=alone or reason,
                evidence_sql=evidence_sql,
            )
        )
    return rows


def finite(value: float | None) -> float | None:
    """Return a number, or None for none and what is beyond a double."""
    return value if value is not None and isfinite(value) else None
