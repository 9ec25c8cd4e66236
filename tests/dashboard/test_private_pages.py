"""Pages that are handed on: nothing of text columns, no group of few rows."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from dsp.errors import ColumnNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KINDS = {"u8": "u1", "u16": "<u2", "u32": "<u4", "f32": "<f4", "f64": "<f8"}
CITIES = ("Aarau", "Bern", "Chur", "Davos", "Egg", "Flims")


def people() -> pa.Table:
    rng = np.random.default_rng(5)
    n = 900
    city = rng.choice(CITIES, n, p=[0.4, 0.3, 0.2, 0.08, 0.015, 0.005])
    return pa.table(
        {
            "day": np.datetime64("2024-01-01") + rng.integers(0, 300, n),
            "city": city,
            "mail": [f"p{i}@example.org" for i in range(n)],
            "remark": [f"said {i} words about {c}" for i, c in enumerate(city)],
            "member": rng.random(n) < 0.5,
            "spent": rng.gamma(2, 20, n).round(2) * np.where(city == "Chur", 4, 1),
        }
    )


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'id="dsp-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


def unpacked(packed: dict[str, str]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed["b"]), dtype=KINDS[packed["t"]])


def test_personal_values_never_reach_a_page(run_of: Callable[..., Path]) -> None:
    text = (run_of(people(), "spent") / "dashboard.html").read_text(encoding="utf-8")
    assert "example.org" not in text
    assert "said 1" not in text
    assert "Aarau" in text


def test_a_redacted_page_holds_no_text_of_the_data(run_of: Callable[..., Path]) -> None:
    folder = run_of(people(), "spent", redact=True)
    text = (folder / "dashboard.html").read_text(encoding="utf-8")
    for value in (*CITIES, "example.org", "said 1"):
        assert not re.search(rf"(?<!\w){value}(?!\w)", text), value
    assert "withheld" in text
    # The numbers stay, and so do filters by what is no text.
    assert "Total spent" in text
    assert data_of(text)["cube"]["dims"][0]["label"] == "member"


def test_long_values_are_redacted_where_they_are_cut_too(
    run_of: Callable[..., Path],
) -> None:
    rng = np.random.default_rng(3)
    n = 600
    firms = [f"{a} Incorporated Holding Company of the North {a}" for a in ("Zur", "Bel")]
    firm = rng.choice(firms, n)
    table = pa.table(
        {
            "firm": firm,
            "flag": rng.random(n) < 0.5,
            "v": rng.normal(10, 1, n) + 9 * (firm == firms[0]),
        }
    )
    folder = run_of(table, "v", redact=True)
    text = (folder / "dashboard.html").read_text(encoding="utf-8")
    assert "Zur Inc" not in text
    assert "Bel Inc" not in text
    assert "--redact" in text
    of_text = run_of(table, "firm", redact=True)
    assert "Zur Inc" not in (of_text / "dashboard.html").read_text(encoding="utf-8")


def test_no_sum_stands_for_fewer_rows(run_of: Callable[..., Path]) -> None:
    rng = np.random.default_rng(4)
    n = 3_000
    table = pa.table(
        {
            "group": rng.choice(["a", "b", "c"], n),
            "v": rng.normal(5, 1, n),
            "salary": [float(i) if i % 40 == 0 else None for i in range(n)],
        }
    )
    folder = run_of(table, "v", kpis=("salary",), min_cell=50)
    cube = data_of((folder / "dashboard.html").read_text(encoding="utf-8"))["cube"]
    seen = 0
    for measure in cube["m"]:
        counts = unpacked(measure["n"] or cube["c"])
        assert all(c == 0 or c >= 50 for c in counts)
        sums = unpacked(measure["s"])
        assert (sums[counts == 0] == 0).all()
        seen += int(measure["n"] is not None)
    assert seen == 1


@pytest.mark.parametrize("min_cell", [5, 40])
def test_no_cell_stands_for_fewer_rows(
    run_of: Callable[..., Path], min_cell: int
) -> None:
    table = people()
    folder = run_of(table, "spent", min_cell=min_cell)
    text = (folder / "dashboard.html").read_text(encoding="utf-8")
    cube = data_of(text)["cube"]
    counts, weeks = unpacked(cube["c"]), unpacked(cube["w"])
    assert counts.min() >= min_cell
    whole = weeks <= cube["axis"]["n"]
    assert counts[whole].sum() == table.num_rows
    total = unpacked(cube["m"][0]["s"])[whole].sum()
    assert total == pytest.approx(sum(table["spent"].to_pylist()), rel=1e-6)
    for dimension in cube["dims"]:
        codes = unpacked(dimension["b"])
        for code, n in enumerate(dimension["counts"]):
            assert counts[whole][codes[whole] == code].sum() == n >= min_cell
    names = table["city"].to_pylist()
    for city in CITIES:
        assert names.count(city) >= min_cell or city not in text
    assert f"fewer than {min_cell} rows" in text


def test_cards_can_be_asked_for(run_of: Callable[..., Path]) -> None:
    folder = run_of(
        people(), "spent", kpis=("member:down",), units={"spent": "CHF"}, min_cell=1
    )
    import dsp

    with dsp.open_run(folder) as run:
        rows = run.sql("select label, polarity, unit from kpis").to_pylist()
    assert {"label": "Share with member", "polarity": "down", "unit": None} in rows
    assert rows[0] == {"label": "Total spent", "polarity": "neutral", "unit": "CHF"}
    with pytest.raises(ColumnNotFoundError, match='no column named "spend"'):
        run_of(people(), "spent", kpis=("spend",))
