from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

HEAVY = {
    "altair",
    "duckdb",
    "fastapi",
    "ibis",
    "jinja2",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "rich",
    "scipy",
    "sklearn",
    "sqlglot",
    "statsmodels",
    "uvicorn",
    "vl_convert",
    "yaml",
}
LOADED = (
    "import sys, json; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
)


def loaded_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after some code."""
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{LOADED}"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    return set(json.loads(result.stdout.splitlines()[-1]))


def test_importing_dsp_loads_nothing_heavy() -> None:
    assert not loaded_after("import dsp") & {*HEAVY, "pydantic", "click"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nothing-like-it"]])
def test_the_command_line_answers_without_loading_anything_heavy(
    arguments: list[str],
) -> None:
    code = f"import dsp.cli.entry\ndsp.cli.entry.run({arguments!r})"
    assert not loaded_after(code) & {*HEAVY, "pydantic"}


@pytest.mark.parametrize(
    "module",
    [
        "dsp.charts",
        "dsp.checks",
        "dsp.dashboard",
        "dsp.detectors",
        "dsp.exports",
        "dsp.forecasting",
        "dsp.insights",
        "dsp.models",
        "dsp.pipeline",
        "dsp.result",
        "dsp.settings",
        "dsp.sources",
        "dsp.statistics",
        "dsp.transforms",
    ],
)
def test_importing_a_room_loads_nothing_heavy(module: str) -> None:
    assert not loaded_after(f"import {module}") & HEAVY
