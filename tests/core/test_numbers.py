from __future__ import annotations

import math

import pytest

from dsp import numbers


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
        (0.00001234, "1.23e−05"),
        (1e300, "1.00e300"),
        (math.nan, "–"),
        (math.inf, "–"),
        (None, "–"),
        (9_999.6, "10.0K"),
        (82_240.0, "82.2K"),
        (999_600.0, "1.00M"),
        (-0.157, "−0.157"),
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


def test_words_for_differences() -> None:
    assert numbers.apart(60, 100) == "40.0% lower"
    assert numbers.apart(250, 100) == "2.50 times as high"
    assert numbers.apart(0.2, 0.1, is_share=True) == "10.0 points higher"
    assert numbers.correlation(0.99999) == "0.9999"


@pytest.mark.parametrize(
    ("value", "base", "spread", "text"),
    [
        (120.0, 100.0, 10.0, "20.0%"),
        (50.0, 100.0, 0.0, "50.0%"),
        (12_043.41, 1.0, 5.0, "12.0K"),  # not 1,204,241%
        (0.9, 0.1, 30.0, "0.800"),  # near zero beside the spread
        (900.0, 100.0, 400.0, "800.0%"),
        (3.0, 0.0, 1.0, "3.00"),
        (3.0, -2.0, 1.0, "5.00"),
        (-3.0, 2.0, 1.0, "5.00"),
    ],
)
def test_changes_from_near_zero_are_differences(
    value: float, base: float, spread: float, text: str
) -> None:
    assert numbers.change(value, base, spread=spread) == text


def test_changes_of_shares_are_points() -> None:
    assert numbers.change(0.31, 0.0, is_share=True) == "31.0 points"


@pytest.mark.parametrize(
    ("article", "word"),
    [("an", "ATTACH"), ("a", "COPY"), ("an", "UPDATE"), ("a", "USE"), ("an", "INSERT")],
)
def test_articles_fit_the_word(article: str, word: str) -> None:
    assert numbers.article(word) == f"{article} {word}"


def test_nouns_agree_with_their_number() -> None:
    assert [numbers.counted(n, "row") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert numbers.shape(1, 1) == "1 row, 1 column"
