from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dsp.models import strategy, trials
from dsp.models.search import search
from tests.models.jobs import rows, spec


def test_noise_looks_like_noise_in_the_folds_of_every_model() -> None:
    rng = np.random.default_rng(5)
    job = rows(rng.normal(size=160), rng.normal(size=(160, 6)))
    found = search(job, spec("regression", 6, fits=150), lambda *_: None)
    boosted = [row for row in found.values["models"] if "boosting" in row["name"]]
    assert boosted
    for row in found.values["models"]:
        assert row["cv_mean"] < 0.04, row["name"]


def test_folds_of_few_rows_have_the_same_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(300, 3))
    job = rows(X[:, 0] + np.sin(3 * X[:, 1]), X)
    seen: list[tuple[dict[str, Any], bool]] = []
    fit = trials.widened.fit

    def noting(candidate: Any, config: Any, fold: Any, held: Any = None) -> Any:
        if candidate.name == "boosting":
            seen.append((dict(config), held is None))
        return fit(candidate, config, fold, held)

    monkeypatch.setattr(trials.widened, "fit", noting)
    search(job, spec("regression", 3, fits=150), lambda *_: None)
    assert any(not is_fixed for _, is_fixed in seen)
    # From the first fixed number of rounds on, no rows left out stop any more.
    first = next(i for i, (_, is_fixed) in enumerate(seen) if is_fixed)
    later = seen[first:]
    assert len(later) >= 5
    assert all(is_fixed and config["n_iterations"] for config, is_fixed in later)


@pytest.mark.parametrize("is_noise", [True, False])
def test_rows_that_do_not_pay_are_left(
    monkeypatch: pytest.MonkeyPatch, *, is_noise: bool
) -> None:
    monkeypatch.setattr(strategy, "FIRST_RUNG", 100)
    rng = np.random.default_rng(6)
    X = rng.normal(size=(3_000, 3))
    y = rng.normal(size=3_000)
    if not is_noise:
        y = 5 * np.sin(4 * X[:, 0]) * X[:, 1] + 0.1 * y
    found = search(rows(y, X), spec("regression", 3), lambda *_: None).values
    assert [n for n, _ in found["curve"]] == [120, 480]
    assert found["n_train"] == 2_400
    assert found["n_fitted"] == (600 if is_noise else 2_400)
    assert found["sql"]
