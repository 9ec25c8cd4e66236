"""Certified answers are met, on sets made by rule and on those at hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
Figures = dict[str, dict[str, float | None]]


def measured(
    monkeypatch: pytest.MonkeyPatch, folder: Path, output: Path
) -> tuple[Figures, Any]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import accuracy

    words = ["accuracy.py", "--data", str(folder), "--output", str(output)]
    monkeypatch.setattr(sys, "argv", words)
    accuracy.main()
    return json.loads(output.read_text("utf-8")), accuracy.digits


def made(folder: Path) -> None:
    """Write sets whose answers are known by their rule."""
    far = [f"{10**7}.2", *[f"{10**7}.1", f"{10**7}.3"] * 500]
    (folder / "far.csv").write_text("\n".join(["y", *far]))
    groups = [
        f"{g},{10**12}.{3 + g % 3 + (i % 2) * 2 - 1}"
        for g in range(1, 10)
        for i in range(20)
    ]
    (folder / "groups.csv").write_text("\n".join(["treatment,response", *groups]))
    powers = [f"{sum(x**k for k in range(6))},{x}" for x in range(21)]
    (folder / "powers.csv").write_text("\n".join(["y,x", *powers]))
    # Nine groups with means 0, .1 and .2 in turn, 20 values .1 from their mean each.
    between, within = 9 * 20 * 0.02 / 3, 180 * 0.01
    index = {
        "far": {
            "kind": "univariate",
            "columns": ["y"],
            "certified": {"mean": 10000000.2, "sd": 0.1, "r1": -0.999},
        },
        "groups": {
            "kind": "anova",
            "columns": ["treatment", "response"],
            "certified": {
                "ss_between": between,
                "ss_within": within,
                "f": between / 8 / (within / 171),
                "df_within": 171,
            },
        },
        "powers": {
            "kind": "linear",
            "columns": ["y", "x"],
            "poly_degree": 5,
            "intercept": True,
            "certified": {**{f"b{i}": 1.0 for i in range(6)}, "resid_sd": 0.0},
        },
    }
    (folder / "index.json").write_text(json.dumps(index))


def test_sets_made_by_rule_are_met(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)
    found, _ = measured(monkeypatch, tmp_path, tmp_path / "found.out")
    assert found["far"] == pytest.approx(
        {"mean": 10000000.2, "sd": 0.1, "r1": -0.999}, rel=1e-13
    )
    assert [found["powers"][f"b{i}"] for i in range(6)] == [1.0] * 6
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said[:3]] == ["far", "groups", "powers"]
    assert said[3].startswith("3 of 3 sets hold 9 digits or more")
    assert float(said[3].split()[-1]) >= 13


@pytest.mark.shared
def test_certified_sets_keep_nine_digits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared_data: Path
) -> None:
    sets = shared_data.parent / "exams" / "nist"
    found, digits = measured(monkeypatch, sets / "csv", tmp_path / "found.json")
    known = json.loads((sets / "nist.json").read_text("utf-8"))
    assert len(known) == 26
    worst = {
        name: min(digits(found[name].get(q), v) for q, v in one["certified"].items())
        for name, one in known.items()
    }
    assert {name: least for name, least in worst.items() if least < 9} == {}
