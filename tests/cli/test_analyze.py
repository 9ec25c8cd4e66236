"""``dsp analyze``: streams, progress, JSON, signals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsp.cli.analyze import FLAGS, epoch
from dsp.cli.progress import Lines
from dsp.errors import DspError
from dsp.events import PipelineProgress, PipelineStage
from dsp.settings import PipelineConfig

if TYPE_CHECKING:
    from tests.cli.conftest import Dsp

FAST = ("--target", "revenue", "--no-ml")
STAGES = [stage.value for stage in PipelineStage]


@pytest.fixture
def source(tmp_path: Path, sales: pa.Table) -> Path:
    path = tmp_path / "sales.parquet"
    pq.write_table(sales, path)
    return path


def test_people_read_stderr_and_pipes_get_two_paths(
    command: Dsp, source: Path, tmp_path: Path
) -> None:
    done = command("analyze", source, *FAST)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "sales.dsp/dashboard.html",
        "sales.dsp/results.duckdb",
    ]
    assert all((tmp_path / line).is_file() for line in done.stdout.splitlines())
    verbs = [line.split()[0] for line in done.stderr.splitlines()[:7]]
    assert verbs[:5] == ["Opened", "Read", "Validated", "Cleaned", "Analysed"]
    assert "Next   dsp open sales.dsp" in done.stderr
    assert "\x1b" not in done.stderr
    assert "\N{REPLACEMENT CHARACTER}" not in done.stderr
    assert "\r" not in done.stderr


def test_a_file_alone_is_analyzed_and_json_is_one_document(
    command: Dsp, source: Path
) -> None:
    done = command(source, "--no-ml", "--json", "--export", "json")
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["schema"] == "dsp.analyze/1"
    assert document["status"] == "ok"
    assert (document["rows"], document["columns"]) == (2_000, 10)
    assert list(document["timings"]) == STAGES
    assert document["outputs"]["database"] == "sales.dsp/results.duckdb"
    assert set(document) >= {"kpis", "insights", "quality", "model", "problems"}
    assert (source.parent / "sales.dsp" / "export" / "results.json").is_file()


def test_progress_as_json_lines_names_every_stage(command: Dsp, source: Path) -> None:
    done = command("analyze", source, *FAST, "--progress", "json")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    finished = [e for e in events if e["state"] in ("done", "skipped")]
    assert [e["stage"] for e in finished] == STAGES
    assert [(e["n"], e["of"]) for e in finished] == [(i, 7) for i in range(1, 8)]
    assert finished[2]["text"] == "stage=validation done"


def test_quiet_is_quiet(command: Dsp, source: Path) -> None:
    assert command("analyze", source, *FAST, "--quiet").stderr == ""


def test_a_wrong_target_is_one_line_and_leaves_nothing(
    command: Dsp, source: Path, tmp_path: Path
) -> None:
    done = command("analyze", source, "--target", "revenu", "--no-progress", "-q")
    assert done.returncode == 2
    assert done.stdout == ""
    first, second, *_ = done.stderr.splitlines()
    assert first == 'error: no column named "revenu" in sales'
    assert 'did you mean "revenue"?' in second
    assert [p.name for p in tmp_path.iterdir()] == ["sales.parquet"]


def test_strict_makes_problems_count(command: Dsp, source: Path) -> None:
    strict = command("analyze", source, *FAST, "--strict", "--json")
    problems = json.loads(strict.stdout)["problems"]
    assert strict.returncode == (1 if problems else 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_leaves_nothing(
    tmp_path: Path, source: Path, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "dsp", "analyze", source, *FAST, "--progress", "json"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if '"stage=analysis start"' in line:
            break
    process.send_signal(number)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=30) == 130
    assert "error: cancelled" in rest
    assert [p.name for p in tmp_path.iterdir()] == ["sales.parquet"]


def test_a_bar_is_drawn_on_a_terminal_only(source: Path, tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k not in ("CI", "NO_COLOR")}
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "dsp", "analyze", source, *FAST],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=child,
        env=env | {"TERM": "xterm-256color"},
    )
    os.close(child)
    seen = b""
    while chunk := _read(parent):
        seen += chunk
    os.close(parent)
    assert process.stdout is not None
    out = process.stdout.read()
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert b"\x1b[" in seen
    assert b"data loading" in seen
    assert b"\x1b" not in out


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 65_536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path, source: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "dsp", "analyze", source, *FAST, "--progress", "json"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=30) in (130, -signal.SIGINT)


def test_a_line_is_written_for_a_finished_stage() -> None:
    lines: list[str] = []
    listener = Lines(lines.append)
    stage = PipelineStage.VALIDATION
    listener(PipelineProgress(stage, "start", elapsed_ms=100))
    listener(PipelineProgress(stage, "progress", done=1, total=2))
    listener(PipelineProgress(stage, "done", message="3 \x1bchecks", elapsed_ms=1_600))
    listener(PipelineProgress(PipelineStage.ANALYSIS, "skipped", message="not asked for"))
    assert [" ".join(line.split()) for line in lines] == [
        "Validated 3 \N{REPLACEMENT CHARACTER}checks 1.5 s",
        "Skipped analysis: not asked for 0.0 s",
    ]


@pytest.mark.parametrize("name", sorted(FLAGS))
def test_an_option_explains_its_setting(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from dsp.cli.entry import run

    run(["analyze", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        " ".join((PipelineConfig.model_fields[name].description or "").split()) in shown
    )


def test_read_options_reach_the_reader(command: Dsp, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x;y\n1,5;2\n", encoding="utf-8")
    quick = ("--no-ml", "--no-dashboard")
    done = command("analyze", "a.csv", *quick, "--read", "delimiter=;")
    assert done.returncode == 0, done.stderr
    for words, said in (
        ("delimiter=", 'error: the option "delimiter" of the reader has no value'),
        ("delimiter", 'error: "delimiter" is not of the form name=value'),
        ("delimeter=;", 'did you mean "delimiter"?'),
    ):
        done = command("analyze", "a.csv", *quick, "--read", words)
        assert done.returncode == 2
        assert said in done.stderr


def test_a_moment_without_a_zone_is_utc() -> None:
    assert epoch("1970-01-02T00:00:00") == epoch("1970-01-02T01:00:00+01:00") == 86_400
    with pytest.raises(DspError, match="is not a moment"):
        epoch("noon")
