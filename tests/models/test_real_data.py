"""Figures on real data that any sound search reaches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dsp import DataReader
from dsp.models import AutoMLEngine

pytestmark = pytest.mark.shared

LIMIT = 60.0
"""Far more than so many fits take, so that figures do not depend on the machine."""

FITS = 30


def best(path: Path, target: str) -> Any:
    models = AutoMLEngine(seed=0, time_limit=LIMIT, fits=FITS)
    found = models.fit(DataReader().read(path), target)
    assert not found.problems
    return next(model for model in found.models if model.is_best)


def test_diamonds_have_a_price(shared_data: Path) -> None:
    model = best(shared_data / "diamonds.csv", "price")
    assert (model.metric, model.split) == ("r2", "random")
    assert model.holdout > 0.95
    assert model.holdout_low > 0.95
    assert model.n_train + model.n_holdout == 53_940


def test_survivors_are_found_without_the_column_that_tells(shared_data: Path) -> None:
    model = best(shared_data / "titanic.csv", "survived")
    reason = "each of its values has one target value only"
    assert json.loads(model.excluded) == {"alive": reason}
    assert "alive" not in model.features
    assert model.metric == "roc_auc"
    assert model.holdout > 0.8


def test_penguins_are_told_apart(shared_data: Path) -> None:
    model = best(shared_data / "penguins.csv", "species")
    assert (model.metric, model.split) == ("roc_auc_ovr", "stratified")
    assert model.cv_mean > 0.99
    assert model.holdout > 0.99
