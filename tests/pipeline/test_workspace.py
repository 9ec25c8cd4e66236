from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dsp.errors import DspError, RunBusyError
from dsp.pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def test_second_writer_is_refused_at_once(tmp_path: Path) -> None:
    first, second = Workspace(tmp_path / "a.dsp"), Workspace(tmp_path / "a.dsp")
    first.acquire()
    with pytest.raises(RunBusyError, match="another run is writing"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    code = (
        "import sys, os; from pathlib import Path\n"
        "from dsp.pipeline.workspace import Workspace\n"
        "Workspace(Path(sys.argv[1])).acquire(); os._exit(9)"
    )
    folder = tmp_path / "a.dsp"
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert done.returncode == 9
    again = Workspace(folder)
    again.acquire()
    again.release()


def test_publish_moves_everything_and_leaves_nothing(tmp_path: Path) -> None:
    space = Workspace(tmp_path / "a.dsp")
    space.acquire()
    (space.building / "export").mkdir()
    (space.building / "export" / "x.csv").write_text("1")
    space.database.write_text("db")
    space.publish()
    space.release()
    found = sorted(str(p.relative_to(space.folder)) for p in space.folder.rglob("*"))
    assert found == ["export", "export/x.csv", "results.duckdb"]


def test_discard_removes_a_folder_that_the_run_made(tmp_path: Path) -> None:
    space = Workspace(tmp_path / "a.dsp")
    space.acquire()
    space.database.write_text("half")
    space.discard()
    space.release()
    assert not space.folder.exists()


def test_discard_keeps_earlier_results(tmp_path: Path) -> None:
    folder = tmp_path / "a.dsp"
    folder.mkdir()
    (folder / "results.duckdb").write_text("earlier")
    space = Workspace(folder)
    space.acquire()
    space.database.write_text("half")
    space.discard()
    space.release()
    assert [p.name for p in folder.iterdir()] == ["results.duckdb"]
    assert (folder / "results.duckdb").read_text() == "earlier"


def test_a_file_in_the_way_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "a.dsp").write_text("a file")
    with pytest.raises(DspError, match="cannot write to"):
        Workspace(tmp_path / "a.dsp").acquire()
