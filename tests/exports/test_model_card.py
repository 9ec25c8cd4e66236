"""The card of a model and its query, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np

import dsp
from dsp.engine import DuckEngine, Store
from dsp.exports.model import render


def test_the_model_card_says_how_good_and_where_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, place = rng.normal(size=600), rng.choice(["a|b", "<script>"], 600)
    noise = rng.normal(size=600) * np.where(place == "a|b", 0.1, 3.0)
    data = {"x": x, "place": place.tolist(), "y": 3 * x + noise}
    settings: dict[str, Any] = {"ml_fits": 30, "generate_dashboard": False}
    run = dsp.analyze(
        data,
        target="y",
        output_dir=tmp_path / "o.dsp",
        export_formats=["model"],
        **settings,
    )
    run.close()
    card = (tmp_path / "o.dsp" / "export" / "model_card.md").read_text()
    assert "# Model card: y" in card
    assert "Baseline" in card
    assert "place = &lt;script&gt;" in card or "place = \\<script\\>" in card
    assert "<script>" not in card
    query = (tmp_path / "o.dsp" / "export" / "model.sql").read_text()
    with duckdb.connect() as con:
        con.execute("create table new_data as select 1.0 as x, 'a|b' as place")
        found = con.execute(query.rstrip().rstrip(";")).fetchall()
    assert abs(found[0][2] - 3.0) < 1.0


def test_without_a_model_the_card_says_so(engine: DuckEngine) -> None:
    Store(engine).create()
    assert "no model" in render(engine)
