"""The parts of the AutoML benchmarks that decide what figures say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def automl(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.delitem(sys.modules, "automl", raising=False)
    import automl

    return automl


def test_scores_lie_between_the_baseline_and_the_best_tool(automl: Any) -> None:
    found = automl.normalized({"a": 0.9, "b": 0.7, "c": 0.1}, 0.5)
    assert found == pytest.approx({"a": 1.0, "b": 0.5, "c": -1.0})
    assert automl.normalized({"a": 0.4, "b": 0.5}, 0.5) == {"a": 0.0, "b": 0.0}


def test_figures_are_those_of_scikit_learn(automl: Any) -> None:
    rng = np.random.default_rng(0)
    truth = rng.choice(["a", "b", "c"], 90)
    shares = rng.dirichlet(np.ones(3), 90)
    found = {f"probability_{k}": shares[:, i].tolist() for i, k in enumerate("abc")}
    wanted = metrics.roc_auc_score(truth, shares, multi_class="ovr")
    assert automl.figure("multiclass", truth.tolist(), found) == pytest.approx(wanted)
    two = np.where(truth == "a", "no", "yes")
    up = {"probability_yes": (1 - shares[:, 0]).tolist()}
    wanted = metrics.roc_auc_score(two == "yes", 1 - shares[:, 0])
    assert automl.figure("binary", two.tolist(), up) == pytest.approx(wanted)
    y = rng.normal(size=50)
    near = {"prediction": (y + rng.normal(size=50)).tolist()}
    wanted = metrics.r2_score(y, near["prediction"])
    assert automl.figure("regression", y.tolist(), near) == pytest.approx(wanted)


def test_a_model_as_sql_is_timed_on_equal_predictions(
    automl: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    del automl
    import scoring

    monkeypatch.setattr(scoring, "OUT", tmp_path)
    monkeypatch.setattr(scoring, "N_FITTED", 2_000)
    monkeypatch.setattr(sys, "argv", ["scoring", "--rows", "3000", "--repeats", "1"])
    scoring.main()
    lines = [line for line in capsys.readouterr().out.splitlines() if line[:3] == "| l"]
    assert len(lines) == 1
    assert float(lines[0].split("|")[-2]) < 1e-9
