from __future__ import annotations

import math

import pytest

from dsp.dashboard import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1.00"),
        (213.4, "213"),
        (9_999.0, "10.0K"),
        (24_012_345.0, "24.0M"),
        (999_999.0, "1.00M"),
        (-1_234.5, "−1,230"),
        (0.00001234, "1.23e-05"),
        (1e300, "1.00e300"),
        (math.nan, "–"),
        (math.inf, "–"),
        (None, "–"),
    ],
)
def test_amounts_have_three_digits(value: float | None, text: str) -> None:
    assert numbers.amount(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0%"), (1e-9, "<0.1%"), (0.18, "18.0%"), (0.99999, ">99.9%"), (1.0, "100%")],
)
def test_shares_are_never_rounded_to_nothing_or_all(value: float, text: str) -> None:
    assert numbers.share(value) == text


def test_counts_are_full_below_a_million() -> None:
    assert [numbers.count(n) for n in (0, 32_442, 999_999, 1_000_000)] == [
        "0",
        "32,442",
        "999,999",
        "1.00M",
    ]


def test_a_score_below_100_never_reads_100() -> None:
    assert [numbers.score(x) for x in (100.0, 99.999, 0.0)] == ["100", "99.9", "0.0"]


def test_dates_are_spelt() -> None:
    assert numbers.day("2025-11-03") == "3\u00a0Nov\u00a02025"
    assert numbers.day("not a date") == "not a date"
