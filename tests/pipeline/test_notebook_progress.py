"""Progress in notebooks: one text that is updated; nothing elsewhere."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa

import dsp
from dsp.events import PipelineProgress, PipelineStage
from dsp.pipeline import notebook
from dsp.pipeline.notebook import NotebookProgress, notebook_listener

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

READ, CHECKED = PipelineStage.DATA_LOADING, PipelineStage.VALIDATION


def test_finished_stages_stay_and_the_running_one_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notebook, "PAUSE", 0.0)
    texts: list[str] = []
    hear = NotebookProgress(texts.append)
    hear(PipelineProgress(READ, "start"))
    hear(PipelineProgress(READ, "progress", done=1, total=4, message="a\x1bb"))
    hear(PipelineProgress(READ, "done", message="9 rows", elapsed_ms=1_200))
    hear(PipelineProgress(CHECKED, "start", elapsed_ms=1_200))
    hear(PipelineProgress(CHECKED, "warning", message="careful"))
    assert [" | ".join(t.split()) for t in texts[0].splitlines()] == [
        "2/7 | data | loading | …"
    ]
    assert texts[1] == "2/7 data loading 25% … a\N{REPLACEMENT CHARACTER}b"
    done, *rest = texts[3].splitlines()
    assert done.split() == ["Read", "9", "rows", "1.2", "s"]
    assert rest == ["3/7 validation …"]
    assert texts[4].splitlines()[1] == "  ! careful"


def test_updates_are_few_while_a_stage_runs() -> None:
    texts: list[str] = []
    hear = NotebookProgress(texts.append)
    hear(PipelineProgress(READ, "start"))
    for done in range(100):
        hear(PipelineProgress(READ, "progress", done=done, total=100))
    hear(PipelineProgress(READ, "done", message="100 rows"))
    assert len(texts) < 10
    assert texts[-1].split()[:2] == ["Read", "100"]


def test_nothing_is_shown_outside_a_kernel(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert notebook_listener() is None
    data = pa.table({"x": list(range(40))})
    dsp.analyze(data, ml_enabled=False, output_dir=tmp_path).close()
    assert capfd.readouterr() == ("", "")


def test_ipython_is_never_imported_by_dsp() -> None:
    code = (
        "import sys, tempfile, dsp, pyarrow as pa\n"
        "data = pa.table({'x': list(range(40))})\n"
        "dsp.analyze(data, ml_enabled=False, output_dir=tempfile.mkdtemp()).close()\n"
        "sys.exit('IPython' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_ipython_in_a_terminal_is_no_kernel() -> None:
    code = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "InteractiveShell.instance()\n"
        "from IPython import get_ipython\n"
        "from dsp.pipeline.notebook import notebook_listener\n"
        "sys.exit(get_ipython() is None or notebook_listener() is not None)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
