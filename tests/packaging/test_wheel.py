"""The wheel, installed alone outside the checkout, does the main job."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def run(*words: object, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        check=True,
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, **variables},
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out]
    run(*build, ROOT, cwd=out)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the scripts folder of an environment with the wheel and no checkout.

    The dependencies come from the running environment through links to each package, so
    that nothing is fetched and its editable dsp stays out of sight.
    """
    home = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", home, cwd=home)
    ours = Path(sysconfig.get_path("purelib"))
    theirs = next(home.glob("lib/python3*/site-packages"))
    for path in ours.iterdir():
        link = theirs / path.name
        is_dsp = "dsp" in path.name.casefold() or path.suffix == ".pth"
        if not (is_dsp or link.exists() or path.name == "__pycache__"):
            link.symlink_to(path)
    scripts = home / "bin"
    pip = [scripts / "python", "-m", "pip", "install", "--no-deps", "--no-index", "-qq"]
    run(*pip, wheel, cwd=home)
    return scripts


def test_the_wheel_holds_all_sql_and_package_data(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    sql = {f"dsp/{p.relative_to(ROOT)}" for p in (ROOT / "sql").rglob("*.sql")}
    assert sql <= inside
    data = {
        str(p.relative_to(ROOT))
        for p in (ROOT / "dsp").rglob("*")
        if p.is_file() and p.suffix not in (".pyc",)
    }
    assert data <= inside


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top.split("-")[0] for top in tops} == {"dsp"}


def test_help_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    assert "analyze" in run(installed / "dsp", "--help", cwd=tmp_path).stdout
    home = run(
        installed / "python", "-c", "import dsp; print(dsp.__file__)", cwd=tmp_path
    )
    assert str(ROOT) not in home.stdout


def test_analyze_runs_outside_the_checkout(
    installed: Path, tmp_path: Path, sales: Any
) -> None:
    pq.write_table(sales, tmp_path / "sales.parquet")
    run(installed / "dsp", "analyze", "sales.parquet", "--no-ml", cwd=tmp_path)
    folder = tmp_path / "sales.dsp"
    assert {p.name for p in folder.iterdir()} >= {"results.duckdb", "dashboard.html"}
    asked = ("query", folder, "select n_rows from runs", "--format", "csv")
    assert run(installed / "dsp", *asked, cwd=tmp_path).stdout.split() == [
        '"n_rows"',
        "2000",
    ]
