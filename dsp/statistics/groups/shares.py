"""Tests and effects of groups of values that are no numbers, from tables of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from dsp.inference import proportions, tables
from dsp.records import GroupSummary, GroupTest
from dsp.statistics.groups.results import MOST_PAIRED, Pair

MOST_SHARES = 10
"""Values whose share in each group is listed."""
MOST_LISTED = 50
"""Groups that are listed."""
LEAST_EXPECTED = 5
"""Expected rows below which a table of two by two is tested exactly."""
NO_TABLE = "fewer than two groups or values"

Counts = Sequence[Sequence[int]]


def share_tests(
    pair: Pair, table: Counts, values: Sequence[str], evidence_sql: str
) -> list[GroupTest]:
    """Return the tests of a table of counts, groups by values, and their effects."""
    sql = evidence_sql
    pair = replace(pair, event=values[-1] if len(values) == 2 else None)
    rows = [
        pair.test("chi-square test", tables.chi_square(table), sql, NO_TABLE),
        pair.test("G test", tables.g_test(table), sql, NO_TABLE),
        pair.effect("cramers_v", tables.cramers_v_effect(table), sql, NO_TABLE),
    ]
    if len(table) != 2 or len(values) != 2:
        return rows
    # Of the event, which is the last value: its hits come first in a table of two by two.
    square = [[row[1], row[0]] for row in table]
    sizes = [sum(row) for row in table]
    hits = (square[0][0], sizes[0], square[1][0], sizes[1])
    of = dict(zip(("group_a", "group_b"), pair.labels, strict=True))
    z = proportions.two_proportions(*hits)
    rows.append(pair.test("two-proportion z test", z, sql, NO_TABLE, **of))
    least = tables.least_expected(square)
    is_thin = least is not None and least < LEAST_EXPECTED
    odds = tables.odds_ratio(square)
    if is_thin:
        fisher = tables.fisher_exact(square)
        rows.append(pair.test("Fisher exact test", fisher, sql, NO_TABLE, **of))
        odds = tables.conditional_odds_ratio(square)
    empty = "a cell has no rows"
    rows += [
        pair.effect(
            "risk_difference", proportions.risk_difference(*hits), sql, NO_TABLE, **of
        ),
        pair.effect("risk_ratio", proportions.risk_ratio(*hits), sql, empty, **of),
        pair.effect("odds_ratio", odds, sql, empty, **of),
        pair.effect("phi", tables.phi(square), sql, NO_TABLE, **of),
    ]
    return rows


def paired_shares(
    pair: Pair, table: Counts, values: Sequence[str], evidence_sql: str
) -> list[GroupTest]:
    """Return the z test and the difference of shares of every two of a few groups."""
    if len(values) != 2 or not 2 < len(table) <= MOST_PAIRED:
        return []
    pair = replace(pair, event=values[-1])
    rows = []
    for (a, one), (b, two) in combinations(zip(pair.labels, table, strict=True), 2):
        of = {"group_a": a, "group_b": b}
        hits = (one[1], sum(one), two[1], sum(two))
        z, effect = proportions.two_proportions(*hits), proportions.risk_difference(*hits)
        rows.append(pair.test("two-proportion z test", z, evidence_sql, NO_TABLE, **of))
        rows.append(pair.effect("risk_difference", effect, evidence_sql, NO_TABLE, **of))
    return rows


def share_summaries(
    pair: Pair, table: Counts, values: Sequence[str], evidence_sql: str
) -> list[GroupSummary]:
    """Return the share of values in each group, with Wilson's interval.

    Of two values that of the last one, of more the ten most frequent ones.
    """
    totals = [sum(column) for column in zip(*table, strict=True)]
    order = sorted(range(len(values)), key=lambda j: (-totals[j], j))[:MOST_SHARES]
    listed = [1] if len(values) == 2 else sorted(order)
    rows = []
    for i, (label, counts) in enumerate(zip(pair.labels, table, strict=True), 1):
        if i > MOST_LISTED:
            break
        n = sum(counts)
        for j in listed:
            ends = proportions.share_interval(counts[j], n) or (None, None)
            rows.append(
                GroupSummary(
                    value_column=pair.value,
                    by_column=pair.by,
                    position=i,
                    group_value=label,
                    event=values[j],
                    n_rows=n,
                    share=counts[j] / n if n else None,
                    low=ends[0],
                    high=ends[1],
                    evidence_sql=evidence_sql,
                )
            )
    return rows
