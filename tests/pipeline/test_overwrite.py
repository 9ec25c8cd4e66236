"""Results of one source are not lost to those of another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import dsp
from dsp.cli.entry import run as command
from dsp.errors import OverwriteError
from dsp.pipeline.workspace import BUILDING

QUICK: dict[str, Any] = {"ml_enabled": False, "generate_dashboard": False}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sales.csv").write_text(f"{name}\n1\n2\n", encoding="utf-8")
    return tmp_path


def columns(folder: Path) -> list[str]:
    with dsp.open_run(folder) as run:
        return [column.column_name for column in run.profile]


def test_another_source_is_refused_with_the_flag(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--no-ml", "--no-dashboard", "--quiet"]
    assert command(["analyze", "a/sales.csv", *words]) == 0
    assert command(["analyze", "b/sales.csv", *words]) == 2
    said = capsys.readouterr().err
    assert (
        "error: sales.dsp holds the results of another source: a/sales.csv\n" in said
    ), said
    assert "--force" in said
    assert columns(here / "sales.dsp") == ["a"]
    assert not (here / "sales.dsp" / BUILDING).exists()
    assert command(["analyze", "b/sales.csv", *words, "--force"]) == 0
    assert columns(here / "sales.dsp") == ["b"]


def test_the_same_source_runs_again_from_elsewhere_and_changed(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsp.analyze("a/sales.csv", output_dir=here / "out", **QUICK).close()
    (here / "a" / "sales.csv").write_text("new\n3\n", encoding="utf-8")
    monkeypatch.chdir(here / "a")
    dsp.analyze("sales.csv", output_dir=here / "out", seed=3, **QUICK).close()
    assert columns(here / "out") == ["new"]


def test_a_glob_may_grow(here: Path) -> None:
    dsp.analyze("a/*.csv", output_dir="out", **QUICK).close()
    (here / "a" / "more.csv").write_text("a\n9\n", encoding="utf-8")
    with dsp.analyze("a/*.csv", output_dir="out", **QUICK) as run:
        assert run.record.n_rows == 3
    with pytest.raises(OverwriteError, match=r"another source: a/\*\.csv"):
        dsp.analyze("a/more.csv", output_dir="out", **QUICK)


def test_tables_in_memory_may_follow_each_other_but_not_a_file(here: Path) -> None:
    table = pa.table({"x": [1, 2]})
    dsp.analyze(table, output_dir="out", **QUICK).close()
    dsp.analyze(pa.table({"y": [1]}), output_dir="out", **QUICK).close()
    assert columns(here / "out") == ["y"]
    with pytest.raises(OverwriteError, match=r"another source: pyarrow\.Table"):
        dsp.analyze("a/sales.csv", output_dir="out", **QUICK)
    dsp.analyze("a/sales.csv", output_dir="out", force=True, **QUICK).close()
    with pytest.raises(OverwriteError, match=r"source: a/sales\.csv"):
        dsp.analyze(table, output_dir="out", **QUICK)


@pytest.mark.parametrize("name", ["report.md", "results.duckdb"])
def test_files_that_no_run_has_left_are_kept(here: Path, name: str) -> None:
    (here / "a" / name).write_text("mine", encoding="utf-8")
    with pytest.raises(OverwriteError, match=f"a holds a {name} that"):
        dsp.analyze("b/sales.csv", output_dir="a", **QUICK)
    assert (here / "a" / name).read_text(encoding="utf-8") == "mine"
    assert sorted(p.name for p in (here / "a").iterdir()) == sorted([name, "sales.csv"])


def test_a_run_killed_while_it_published_runs_again(here: Path) -> None:
    building = here / "out" / BUILDING
    building.mkdir(parents=True)
    (building / "results.duckdb").write_text("whatever", encoding="utf-8")
    (here / "out" / "dashboard.html").write_text("moved already", encoding="utf-8")
    dsp.analyze("a/sales.csv", output_dir="out", **QUICK).close()
    assert columns(here / "out") == ["a"]


def test_a_notebook_runs_a_cell_again_while_the_first_run_is_open(here: Path) -> None:
    with dsp.analyze(pa.table({"x": [1, 2]}), output_dir="out", **QUICK) as first:
        again = dsp.analyze(pa.table({"y": [1, 2, 3]}), output_dir="out", **QUICK)
        with again, dsp.open_run("out") as third:
            assert [run.record.n_rows for run in (first, again, third)] == [2, 3, 3]
            assert [c.column_name for c in third.profile] == ["y"]


def test_a_folder_that_moved_with_its_source_runs_again(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here / "a")
    dsp.analyze("sales.csv", **QUICK).close()
    monkeypatch.chdir(here)
    (here / "a").rename(here / "moved")
    monkeypatch.chdir(here / "moved")
    dsp.analyze("sales.csv", seed=3, **QUICK).close()
    assert columns(here / "moved" / "sales.dsp") == ["a"]
