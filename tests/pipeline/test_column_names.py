"""Columns that are called as the results of our own queries are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import dsp

if TYPE_CHECKING:
    from pathlib import Path

N_ROWS = 400


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    x = rng.normal(10, 1, N_ROWS)
    label = rng.choice(["a", "b", "c"], N_ROWS).astype(object)
    value = 2 * x + rng.normal(size=N_ROWS) + 9 * (label == "a")
    value[300:] += 12
    label[label == "b"] = None
    return pd.DataFrame(
        {
            "ts": [f"t{i % 5}" for i in range(N_ROWS)],
            "first_ts": pd.date_range("2021-01-01", periods=N_ROWS),
            "label": label,
            "value": value,
            "n_rows": rng.choice(["u", "v"], N_ROWS),
            "x": x,
            "y": x + rng.normal(0, 0.1, N_ROWS),
            "expected": rng.exponential(size=N_ROWS),
            "days": rng.normal(size=N_ROWS),
        }
    )


@pytest.mark.parametrize("target", ["value", "expected", "label"])
def test_names_of_our_queries_are_fit_for_columns(tmp_path: Path, target: str) -> None:
    data, folder = frame(), tmp_path / "run.dsp"
    with dsp.analyze(data, target=target, output_dir=folder, ml_enabled=False) as run:
        assert not run.sql("from problems").to_pandas().size
        queries = run.sql("select evidence_sql from insights").to_pandas().evidence_sql
        assert len(queries) > 0
        for query in queries:
            assert len(run.sql(query).to_pandas())
