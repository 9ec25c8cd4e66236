"""Rules on everything that is committed: no machine, no host, no stray file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = {".parquet", ".arrow", ".png", ".woff2", ".ico"}
BUNDLES = {"vega-bundle.js"}
MACHINE = re.compile(r"(?<![\w.])/(?:home|work|Users|root|opt)/\w")
PACKAGE_HOSTS = re.compile(r"files\.pythonhosted\.org|--(?:extra-)?index-url|file://")
LARGE = 2_000_000


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def texts() -> list[tuple[str, str]]:
    here = Path(__file__).resolve()
    return [
        (str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for path in tracked()
        if path.suffix not in BINARY and path.name not in BUNDLES and path != here
    ]


def test_no_path_of_a_machine() -> None:
    assert {name for name, text in texts() if MACHINE.search(text)} == set()


def test_no_package_host() -> None:
    assert {name for name, text in texts() if PACKAGE_HOSTS.search(text)} == set()


def test_constraints_pin_plainly_and_sorted() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [li for li in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[\w.]+", li)] == []
    assert lines == sorted(lines, key=str.casefold)


def test_every_dependency_is_pinned() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    wanted = [*project["dependencies"]]
    for extra in ("dev", "server"):
        wanted += project["optional-dependencies"][extra]
    pinned = {
        line.partition("==")[0].casefold().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }
    names = {
        match.group().casefold().replace("_", "-")
        for text in wanted
        if (match := re.match(r"[\w.-]+", text))
    }
    assert names - pinned == set()


def test_files_are_of_a_size_that_git_likes() -> None:
    large = {p.name for p in tracked() if p.stat().st_size > LARGE}
    assert large == set()


def test_no_result_of_a_run_is_committed() -> None:
    stray = {".duckdb", ".pyc", ".log", ".tmp", ".orig"}
    assert {str(p) for p in tracked() if p.suffix in stray} == set()
