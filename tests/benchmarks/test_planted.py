"""Planted effects are found, and nothing is made up where nothing is planted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dsp
from dsp.exports.insights import document

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
_KINDS = (
    "linear_driver nonlinear_driver interaction segment_outlier heteroscedasticity "
    "change_point segment_change_point trend seasonality point_anomaly simpsons_paradox "
    "leakage missing_dependent quality_break duplicate_rows near_fd unit_mixup bimodal "
    "dominance clusters imbalance_driver multicollinearity lagged drift"
)
KINDS = _KINDS.split()


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the modules of the generator."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from planted import columns, kinds, paper, score

    return columns, kinds, paper, score


def claims_of(data: Any, target: str) -> list[dict[str, Any]]:
    found = dsp.find_insights(data, target=target)
    assert found.problems == ()
    return document(found)


@pytest.mark.parametrize("kind", KINDS)
def test_a_clear_effect_is_found_and_nothing_else(planted: Any, kind: str) -> None:
    columns, kinds, paper, score = planted
    rng = np.random.default_rng([7, KINDS.index(kind)])
    table = columns.made(rng, is_hard=False)
    while table.n > 30_000:
        table = columns.made(rng, is_hard=False)
    table.is_event = kind == "imbalance_driver"
    kinds.EFFECTS[kind](table, "clear")
    data = paper.arrow(table)
    truth = paper.truth_of(table, data)
    claims = claims_of(data, table.target)
    assert score.missed(claims, truth) == []
    assert [c["title"] for c in claims if score.is_false(c, truth)] == []
    # One fact is said once, or in two ways at most.
    told = [c for c in claims if c["kind"] not in score.NEUTRAL]
    assert 1 <= len(told) <= 2


def test_every_kind_of_effect_can_be_planted(planted: Any) -> None:
    assert sorted(planted[1].EFFECTS) == sorted(KINDS)


@pytest.mark.parametrize("seed", range(4))
def test_noise_and_traps_say_nothing(planted: Any, seed: int) -> None:
    columns, _, paper, score = planted
    noise = columns.made(np.random.default_rng([8, seed]), is_hard=seed % 2 == 0)
    trap, about = paper.trap(seed, seed)
    for table, more in ((noise, {}), (trap, {"trap": about})):
        data = paper.arrow(table)
        truth = paper.truth_of(table, data, **more)
        if about["kind"] == "cluster" and more:
            pairs = [["customer", name] for name in about["columns"][1:]]
            truth["components"] = pairs
        claims = claims_of(data, table.target)
        assert [c["title"] for c in claims if score.is_false(c, truth)] == []


def test_a_paper_is_the_same_each_time(planted: Any, tmp_path: Path) -> None:
    paper = planted[2]
    for name in ("one", "two"):
        paper.write(tmp_path / name, 5, tables=2, noise=1, traps=1, hard=False)
    files = sorted(p.relative_to(tmp_path / "one") for p in tmp_path.glob("one/**/*.*"))
    assert len(files) == 9
    for file in files:
        one, two = (tmp_path / name / file for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
    truth = json.loads((tmp_path / "one/truth/t01/truth.json").read_text())
    assert truth["effects"]
