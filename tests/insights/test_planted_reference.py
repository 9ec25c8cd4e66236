"""What is planted in the reference orders becomes cards, and nothing else does (D19)."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import dsp
from dsp.detectors import PatternDetector
from dsp.engine import DuckEngine
from dsp.insights import InsightGenerator
from dsp.records import Insight
from dsp.statistics import StatisticsEngine
from tests.reference_sales import PLANTED, null_sales

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST = 12
"""Cards that are shown before "show all"."""
TRUE = {("id_column", ("order_id",)), ("missing_values", ("rating",))}
"""What does hold of orders without effects."""


def insights_in(engine: DuckEngine, data: pa.Table) -> tuple[Insight, ...]:
    table = engine.put(data, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(table, target="revenue").columns
    detected = PatternDetector(engine).detect(
        table, columns, target="revenue", time="order_date"
    )
    assert detected.problems == ()
    found = InsightGenerator().generate(
        detected, columns, target="revenue", n_rows=data.num_rows
    )
    return tuple(i for i in found if i.is_said)


@pytest.fixture(scope="module")
def cards(reference_sales: pa.Table) -> Iterator[tuple[Insight, ...]]:
    engine = DuckEngine(threads=2)
    yield insights_in(engine, reference_sales)
    engine.close()


def card(cards: tuple[Insight, ...], kind: str, *columns: str) -> Insight:
    found = [i for i in cards if i.kind == kind and set(i.columns) == set(columns)]
    assert len(found) == 1, [i.title for i in cards]
    assert found[0].rank <= FIRST
    return found[0]


def near(day: str | None, planted: date) -> bool:
    return abs(date.fromisoformat(str(day)) - planted) <= timedelta(days=7)


def test_the_outage_is_a_card(cards: tuple[Insight, ...]) -> None:
    planted = PLANTED["outage"]
    outage = card(cards, "point_anomaly", "revenue", "order_date")
    assert near(outage.time_start, planted["first"])
    assert near(outage.time_end, planted["last"])
    assert outage.direction == "down"
    assert outage.effect == pytest.approx(planted["change"], abs=0.05)
    assert outage.value is not None
    assert outage.baseline is not None
    told = outage.value / outage.baseline - 1
    assert told == pytest.approx(planted["change"], abs=0.05)
    assert "15–28\xa0May\xa02026" in outage.title


def test_the_decline_of_audio_in_west_is_a_card(cards: tuple[Insight, ...]) -> None:
    planted = PLANTED["decline"]
    decline = card(cards, "change_point", "region", "category", "order_date")
    assert (decline.segment_column, decline.segment_value) == ("region", "West")
    assert "Audio" in decline.title
    assert near(decline.time_start, planted["since"])
    assert decline.direction == "down"
    assert decline.effect == pytest.approx(planted["change"], abs=0.06)
    assert decline.value is not None
    assert decline.baseline is not None
    told = decline.value / decline.baseline - 1
    assert told == pytest.approx(planted["change"], abs=0.06)


def test_the_shift_to_online_is_a_card(cards: tuple[Insight, ...]) -> None:
    planted = PLANTED["shift"]
    shift = card(cards, "drift", "channel", "order_date")
    assert (shift.segment_column, shift.segment_value) == ("channel", planted["value"])
    assert shift.direction == "up"
    assert shift.baseline == pytest.approx(planted["from"], abs=0.02)
    assert shift.value == pytest.approx(planted["to"], abs=0.02)


def test_the_effect_of_delivery_on_rating_is_a_card(cards: tuple[Insight, ...]) -> None:
    planted = PLANTED["rating"]
    rating = card(cards, "driver", "rating", planted["column"])
    assert rating.direction == "down"
    assert rating.effect == pytest.approx(planted["slope"], abs=0.01)
    assert rating.effect_low is not None
    assert rating.effect_high is not None
    assert rating.effect_low < planted["slope"] < rating.effect_high


def test_the_concentration_in_enterprise_is_a_card(cards: tuple[Insight, ...]) -> None:
    planted = PLANTED["concentration"]
    large = card(cards, "dominance", "segment", "revenue")
    assert (large.segment_column, large.segment_value) == ("segment", planted["value"])
    assert large.value == pytest.approx(planted["revenue"], abs=0.01)
    assert large.baseline == pytest.approx(planted["orders"], abs=0.01)


def test_cards_are_short_sentences(cards: tuple[Insight, ...]) -> None:
    for i in cards[:FIRST]:
        assert len(i.title.split()) <= 12, i.title
        for text in (i.statement, i.recommendation):
            for sentence in re.split(r"(?<=[.?]) ", text):
                assert len(sentence.split()) <= 25, sentence


# Of 400 rows time is cut into months, of 3,000 into days.
@pytest.mark.slow
@pytest.mark.parametrize(("n", "n_seeds"), [(400, 200), (3_000, 60)])
def test_orders_without_effects_give_cards_in_one_of_twenty_seeds_at_most(
    n: int, n_seeds: int
) -> None:
    false: dict[int, list[str]] = {}
    engine = DuckEngine(threads=2)
    for seed in range(n_seeds):
        said = insights_in(engine, null_sales(seed, n))
        titles = [i.title for i in said if (i.kind, i.columns) not in TRUE]
        if titles:
            false[seed] = titles
    engine.close()
    assert len(false) <= 0.05 * n_seeds, false


def test_a_cycle_that_is_found_twice_is_told_once(tmp_path: Path) -> None:
    start = date(2012, 1, 1)
    days = [start + timedelta(days=i) for i in range(1_461)]
    warmth = [
        15
        - 10 * math.cos(2 * math.pi * (d.timetuple().tm_yday - 15) / 365.25)
        + (d.day * 7919 % 13) / 4
        for d in days
    ]
    table = pa.table({"day": days, "warmth": warmth})
    with dsp.analyze(table, ml_enabled=False, output_dir=tmp_path) as run:
        ids = run.sql("select insight_id from insights").to_pylist()
    assert len(ids) == len({row["insight_id"] for row in ids}) > 0
