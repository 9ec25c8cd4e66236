"""Findings over time that no single day and no single column shows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dsp.detectors.cell_change_point import Cells, cell_step, expected_cells
from dsp.detectors.heteroscedasticity import goes_with_level
from dsp.detectors.scores import measure_of
from dsp.detectors.stretch_anomaly import stretches
from dsp.engine import DuckEngine
from dsp.insights.explain import explain
from tests.detectors.test_stories import said

START = date(2024, 1, 1)


def counts(n: int, *, seed: int = 0, mean: float = 60) -> Any:
    return np.random.default_rng(seed).poisson(mean, n).astype(float)


def days_of(n_days: int, n: int, *, seed: int = 0) -> list[date]:
    at = np.sort(np.random.default_rng(seed).integers(0, n_days, n))
    return [START + timedelta(days=int(i)) for i in at]


def test_ten_days_below_are_one_stretch() -> None:
    values = counts(400)
    values[200:210] *= 0.6
    (found,) = (s for s in stretches(values, START) if s.p_value < 1e-4)
    assert (found.first, found.days) == (200, 10)
    assert found.change == pytest.approx(-0.4, abs=0.06)


def test_one_wild_day_is_no_stretch() -> None:
    values = counts(400)
    values[200] *= 40
    assert all(s.p_value > 0.01 for s in stretches(values, START))


def test_a_level_that_stays_is_no_stretch() -> None:
    values = counts(400)
    values[250:] *= 0.6
    assert all(s.p_value > 0.01 for s in stretches(values, START))


def test_what_comes_back_each_year_is_a_season() -> None:
    values = counts(1_095)
    for year in range(3):
        values[year * 364 + 100 : year * 364 + 112] *= 1.8
    assert all(s.p_value > 0.01 for s in stretches(values, START))


@pytest.mark.parametrize("rho", [0.0, 0.9])
def test_noise_has_stretches_no_more_often_than_said(rho: float) -> None:
    small = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        noise = rng.normal(size=365) * 0.3
        for i in range(1, 365):
            noise[i] += rho * noise[i - 1]
        p_values = [s.p_value for s in stretches(np.exp(noise) * 50, START)]
        small += min(p_values, default=1.0) < 0.05
    # 200 draws of at most 0.05; 18 is the 99th of 100 binomial counts.
    assert small <= 18


def test_the_total_is_named_where_it_goes_along_with_rows(engine: DuckEngine) -> None:
    rng = np.random.default_rng(3)
    days = np.sort(rng.integers(0, 500, 20_000))
    kept = ~((days >= 150) & (days < 160) & (rng.random(len(days)) < 0.5))
    n = int(kept.sum())
    data = pa.table(
        {
            "day": [START + timedelta(days=int(i)) for i in days[kept]],
            "paid": rng.gamma(2, 50, n),
        }
    )
    (outage,) = (i for i in said(engine, data, target="paid") if i.time_end == day(159))
    assert (outage.kind, outage.time_start) == ("point_anomaly", day(150))
    assert outage.target == "paid"
    assert outage.value is not None
    # By hand: half of the rows of ten days with 40 rows of 100 each.
    assert outage.value == pytest.approx(20_000, rel=0.1)
    assert outage.baseline == pytest.approx(40_000, rel=0.1)
    assert "ran" in outage.title


def day(place: int) -> str:
    return (START + timedelta(days=place)).isoformat()


def test_expected_cells_keep_margins_and_odds_ratio() -> None:
    a, b, every = np.array([40.0, 10.0]), np.array([30.0, 80.0]), np.array([100.0, 120.0])
    both = expected_cells(a, b, every, 2.5)
    odds = both * (every - a - b + both) / ((a - both) * (b - both))
    assert odds == pytest.approx([2.5, 2.5])


def test_margins_that_move_make_no_step_in_a_cell() -> None:
    rng = np.random.default_rng(1)
    small = 0
    for _ in range(100):
        share = np.linspace(0.2, 0.7, 60)
        n = rng.poisson(300, 60)
        a = rng.binomial(n, share)
        in_a = rng.binomial(a, 0.6)
        in_rest = rng.binomial(n - a, 0.3)
        cells = Cells(*(x.astype(float) for x in (in_a, a, in_a + in_rest, n)))
        step = cell_step(cells)
        assert step is not None
        small += step.p_value < 0.05
    assert small <= 12


def test_a_pair_of_values_that_thins_out_is_named_with_its_date(
    engine: DuckEngine,
) -> None:
    rng = np.random.default_rng(5)
    n = 30_000
    days = np.sort(rng.integers(0, 300, n))
    shop = rng.choice(["Bern", "Basel", "Zug"], n)
    kind = rng.choice(["tea", "rice", "salt", "oil"], n)
    gone = (shop == "Zug") & (kind == "tea") & (days >= 180) & (rng.random(n) < 0.6)
    data = pa.table(
        {
            "day": [START + timedelta(days=int(i)) for i in days[~gone]],
            "shop": shop[~gone].tolist(),
            "kind": kind[~gone].tolist(),
        }
    )
    (cell,) = [i for i in said(engine, data) if i.is_said and i.kind == "change_point"]
    assert cell.columns == ("shop", "kind", "day")
    shift = date.fromisoformat(str(cell.time_start)) - (START + timedelta(days=180))
    assert abs(shift.days) <= 9
    assert cell.effect == pytest.approx(-0.6, abs=0.08)
    assert cell.title.startswith("Rows of tea in Zug fell ")
    rows = sum(
        s == "Zug" and k == "tea" and d >= date.fromisoformat(str(cell.time_start))
        for d, s, k in zip(*data.to_pydict().values(), strict=True)
    )
    assert cell.value == rows


def test_a_share_that_grows_bit_by_bit_is_told_by_its_ends(engine: DuckEngine) -> None:
    rng = np.random.default_rng(6)
    n = 8_000
    days = np.sort(rng.integers(0, 400, n))
    is_web = rng.random(n) < 0.2 + 0.4 * days / 400
    data = pa.table(
        {
            "day": [START + timedelta(days=int(i)) for i in days],
            "way": np.where(is_web, "web", "shop").tolist(),
        }
    )
    (shift,) = [i for i in said(engine, data) if i.kind == "drift" and i.is_said]
    low, high = shift.baseline, shift.value
    assert shift.segment_value in ("web", "shop")
    if shift.segment_value == "shop":
        low, high = 1 - (low or 0), 1 - (high or 0)
    assert low == pytest.approx(0.2, abs=0.04)
    assert high == pytest.approx(0.6, abs=0.04)
    assert "Jan\xa02024" in shift.title


def test_a_share_that_jumps_is_told_by_its_halves(engine: DuckEngine) -> None:
    rng = np.random.default_rng(7)
    n = 8_000
    days = np.sort(rng.integers(0, 400, n))
    is_web = rng.random(n) < np.where(days >= 200, 0.6, 0.2)
    data = pa.table(
        {
            "day": [START + timedelta(days=int(i)) for i in days],
            "way": np.where(is_web, "web", "shop").tolist(),
        }
    )
    (jump,) = [i for i in said(engine, data) if i.kind == "drift" and i.is_said]
    assert "second half" in jump.title


def test_a_scale_along_a_measure_is_told_by_its_slope(engine: DuckEngine) -> None:
    rng = np.random.default_rng(8)
    n = 4_000
    wait = rng.gamma(9, 1, n)
    stars = np.clip(np.round(5.5 - 0.3 * wait + rng.normal(0, 0.6, n)), 1, 5)
    data = pa.table({"stars": pa.array(stars.astype("int64")), "wait": wait})
    (found,) = (i for i in said(engine, data) if i.kind == "driver" and i.is_said)
    assert found.effect_name == "slope"
    # Least squares with numpy.
    assert found.effect == pytest.approx(np.polyfit(wait, stars, 1)[0], rel=1e-9)
    assert found.title.startswith("stars falls 0.")
    assert found.title.endswith(" per unit of wait")


def test_numbers_of_shops_are_no_scale(engine: DuckEngine) -> None:
    rng = np.random.default_rng(9)
    n = 4_000
    shop = rng.integers(1, 6, n)
    wait = rng.gamma(9, 1, n) + np.array([0, 6, 1, 5, 2, 4])[shop]
    data = pa.table({"shop": pa.array(shop), "wait": wait})
    found = [i for i in said(engine, data) if set(i.columns) == {"shop", "wait"}]
    assert found
    assert all(i.effect_name != "slope" for i in found)


def test_the_value_that_carries_more_than_its_rows_is_named(engine: DuckEngine) -> None:
    rng = np.random.default_rng(10)
    n = 3_000
    who = rng.choice(["many", "few", "some"], n, p=[0.6, 0.1, 0.3])
    paid = rng.gamma(2, 10, n) * np.where(who == "few", 4, 1)
    data = pa.table({"who": who.tolist(), "paid": paid})
    (found,) = (i for i in said(engine, data, target="paid") if i.kind == "dominance")
    assert found.segment_value == "few"
    inside = who == "few"
    assert found.value == pytest.approx(paid[inside].sum() / paid.sum())
    assert found.baseline == pytest.approx(inside.mean())


def test_most_rows_that_carry_most_of_a_total_are_no_news(engine: DuckEngine) -> None:
    rng = np.random.default_rng(11)
    who = rng.choice(["many", "few", "some"], 3_000, p=[0.6, 0.1, 0.3])
    data = pa.table({"who": who.tolist(), "paid": rng.gamma(2, 10, 3_000)})
    found = said(engine, data, target="paid")
    assert not any(i.kind == "dominance" for i in found)


@pytest.mark.parametrize(
    ("level", "spread", "expected"), [(3.0, 3.0, True), (1.0, 3.0, False)]
)
def test_spread_that_goes_with_the_level_is_told_apart(
    level: float, spread: float, *, expected: bool
) -> None:
    rng = np.random.default_rng(12)
    code = np.repeat([0, 1], 2_000)
    noise = rng.gamma(4, 1, 4_000) - 4
    x = 20 * np.where(code == 0, level, 1) + noise * np.where(code == 0, spread, 1)
    assert goes_with_level(measure_of("x", x), code == 0, code) is expected


def test_days_inside_a_stretch_are_explained_by_it() -> None:
    from dsp.detectors import Candidate

    def dip(start: str, end: str, effect: float) -> Candidate:
        return Candidate(
            kind="point_anomaly",
            columns=("paid", "day"),
            time_start=start,
            time_end=end,
            effect=effect,
            evidence_sql="select 1",
            shape="series",
            n_rows=10,
        )

    listed = [
        dip("2024-03-01", "2024-03-10", -0.3),
        dip("2024-03-04", "2024-03-04", -9.0),
        dip("2024-05-04", "2024-05-04", -9.0),
    ]
    assert explain(listed, [0.3, 9.0, 9.0]) == {1: 0}
