"""What was tested: one row a detector, the findings and the near misses counted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dsp.records import DetectorTests, Insight

if TYPE_CHECKING:
    from dsp.detectors import Detected

LEFT_OUT = "columns_left_out"
"""Stands for the columns beyond what is tested; passing each over was a look at it."""


def what_was_tested(
    detected: Detected, insights: Iterable[Insight]
) -> tuple[DetectorTests, ...]:
    """Return what every detector tested and found; the tests add up to all that count.

    Parameters
    ----------
    detected
        The outcome of all detectors.
    insights
        What became of it: findings, and tests that came near one.
    """
    if not detected.n_tests_of:
        return ()
    n_rows = 0 if detected.frame is None else detected.frame.n
    of: dict[str | None, list[Insight]] = {}
    for insight in insights:
        of.setdefault(insight.detector, []).append(insight)
    rows = [
        _row(name, n_tests, of.get(name, []), n_rows)
        for name, n_tests in detected.n_tests_of.items()
    ]
    n_left = detected.n_tests - sum(row.n_tests for row in rows)
    if n_left:
        rows.append(_row(LEFT_OUT, n_left, [], n_rows))
    return tuple(rows)


def _row(name: str, n_tests: int, listed: list[Insight], n_rows: int) -> DetectorTests:
    p_values = [i.p_value for i in listed if i.p_value is not None]
    q_values = [i.q_value for i in listed if i.q_value is not None]
    return DetectorTests(
        detector=name,
        n_tests=n_tests,
        n_found=sum(i.is_said for i in listed),
        n_explained=sum(i.asserted and not i.is_said for i in listed),
        n_set_aside=sum(not i.asserted for i in listed),
        smallest_p=min(p_values, default=None),
        smallest_q=min(q_values, default=None),
        n_rows=n_rows,
    )
