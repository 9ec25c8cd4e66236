"""``dsp show``, ``runs``, ``open``, ``export``, ``config``, ``info``, ``completion``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dsp.cli.common import cell_text, printable
from dsp.cli.entry import run
from dsp.cli.show_views import VIEWS

if TYPE_CHECKING:
    from tests.cli.conftest import Dsp


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith("DSP_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.mark.parametrize("what", ["summary", *VIEWS])
def test_every_view_is_shown_and_is_json(
    finished_run: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    assert run(["show", str(finished_run), what]) == 0
    assert capsys.readouterr().out
    assert run(["show", str(finished_run), what, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) is not None


def test_the_summary_says_what_matters(
    finished_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["show", str(finished_run)])
    out, err = capsys.readouterr()
    assert out.startswith("sales.parquet: 2,000 × 10")
    assert "Revenue in West is 12.5 lower" in out
    assert "! 301 values are missing" in out
    assert "gradient boosting predicts revenue: R² 0.930 on 400 rows held out" in out
    assert "! 1 part could not be computed" in out
    assert err.startswith("Next")


def test_rows_are_cut_and_kinds_filtered(
    finished_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["show", str(finished_run), "columns", "--kind", "dimension", "--json"]
    assert run(words) == 0
    assert [r["column_name"] for r in json.loads(capsys.readouterr().out)] == ["rating"]
    assert run(["show", str(finished_run), "columns", "--top", "2", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2


def test_explained_findings_are_shown_when_all_are_asked_for(
    finished_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def ranks(*words: str) -> list[int]:
        assert run(["show", str(finished_run), "insights", "--json", *words]) == 0
        return [row["rank"] for row in json.loads(capsys.readouterr().out)]

    assert ranks() == [1, 2]
    assert ranks("--all") == [1, 2, 3, 4]
    assert ranks("--top", "1") == [1]
    assert ranks("--kind", "segment_difference") == [1, 2]
    assert ranks("--kind", "trend") == []


def test_the_next_command_names_the_file_that_was_shown(
    finished_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copyfile(finished_run / "results.duckdb", tmp_path / "found.duckdb")
    assert run(["show", str(copy), "tests"]) == 0
    assert f'dsp query {copy} "from tests"' in capsys.readouterr().err


def test_a_wrong_word_gets_the_nearest(
    finished_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["show", str(finished_run), "insight"]) == 2
    assert 'did you mean "insights"?' in capsys.readouterr().err


def test_runs_are_listed(finished_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["runs", str(finished_run.parent), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["status"] == "complete"
    assert found["n_rows"] == 2_000
    assert run(["runs", str(finished_run.parent)]) == 0
    out, err = capsys.readouterr()
    assert "sales.parquet" in out
    assert "dsp show" in err


def test_no_runs_are_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["runs", str(here)]) == 0
    assert "no runs below" in capsys.readouterr().err


def test_open_names_the_page_when_there_is_no_browser(
    finished_run: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    assert run(["open", str(finished_run)]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == str(finished_run / "dashboard.html")
    assert "no browser" in err


def test_open_without_a_dashboard_says_why(
    finished_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(finished_run, tmp_path / "copy.dsp")
    (copy / "dashboard.html").unlink()
    assert run(["open", str(copy)]) == 2
    assert "has no dashboard" in capsys.readouterr().err


def test_export_prints_what_it_wrote(
    finished_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", str(finished_run), "--format", "json", "--format", "markdown"]
    assert run([*words, "-o", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert [Path(line).name for line in out.splitlines()] == ["results.json", "report.md"]
    assert err.startswith("Wrote  2 files")


def test_export_says_what_a_drawn_page_is_made_of(
    finished_run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "none"))
    words = ["export", str(finished_run), "--format", "page_pdf", "--theme", "dark"]
    assert run([*words, "-o", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert [Path(line).name for line in out.splitlines()] == ["dashboard.pdf"]
    assert err.startswith("warning: dashboard.pdf: made of charts and text")
    assert run([*words, "-o", str(tmp_path), "--font-dir", str(tmp_path / "no")]) == 2
    assert "no folder of fonts at" in capsys.readouterr().err


def test_a_setting_is_written_checked_and_found_again(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "dsp.toml").write_text("# mine\nthreads = 2  # two\n", encoding="utf-8")
    assert run(["config", "set", "seed", "7"]) == 0
    assert run(["config", "set", "export_formats", "json,csv"]) == 0
    assert run(["config", "set", "ml_enabled", "false"]) == 0
    text = (here / "dsp.toml").read_text(encoding="utf-8")
    assert "# mine\nthreads = 2  # two\n" in text
    assert tomllib.loads(text) == {
        "threads": 2,
        "seed": 7,
        "export_formats": ["json", "csv"],
        "ml_enabled": False,
    }
    capsys.readouterr()
    assert run(["config", "get", "seed", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["origin"] == f"file {here / 'dsp.toml'}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["seed", "many"], "setting seed cannot be 'many'"),
        (["sede", "1"], 'did you mean "seed"?'),
        (["memory_limit", "lots"], "memory size"),
    ],
)
def test_a_wrong_setting_is_not_written(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    assert run(["config", "set", *words]) == 2
    assert expected in capsys.readouterr().err
    assert not (here / "dsp.toml").exists()


def test_origins_are_shown(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "dsp.toml").write_text("threads = 2\n", encoding="utf-8")
    monkeypatch.setenv("DSP_SEED", "5")
    assert run(["config", "show", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["seed"]["value"] == 5
    assert rows["seed"]["origin"] == "environment DSP_SEED"
    assert rows["threads"]["origin"].endswith("dsp.toml")
    assert rows["strict"]["origin"] == "default"
    assert all(row["meaning"] for row in rows.values())


def test_a_misspelt_variable_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "a.csv").write_text("x\n1\n", encoding="utf-8")
    monkeypatch.setenv("DSP_SEDE", "1")
    for words in (["config", "show"], ["analyze", "a.csv"]):
        assert run(words) == 2
        said = capsys.readouterr().err.splitlines()
        assert said == [
            "error: unknown setting in the environment: DSP_SEDE",
            "  did you mean DSP_SEED?",
        ]
    assert not (here / "a.dsp").exists()


def test_the_path_of_the_settings(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "path"]) == 0
    assert capsys.readouterr().out == ""
    (here / "dsp.toml").write_text("", encoding="utf-8")
    assert run(["config", "path"]) == 0
    assert capsys.readouterr().out.strip() == str(here / "dsp.toml")


def test_info_names_versions(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert here.is_dir()
    assert run(["info", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"dsp", "python", "duckdb", "cores", "memory", "this folder"} <= set(found)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(command: Dsp, shell: str) -> None:
    done = command("completion", shell)
    assert done.returncode == 0
    assert "_DSP_COMPLETE" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_bash_script_loads_and_completes_commands(
    command: Dsp, tmp_path: Path
) -> None:
    (tmp_path / "dsp.bash").write_text(command("completion", "bash").stdout)
    loaded = subprocess.run(["bash", "-n", str(tmp_path / "dsp.bash")], check=False)
    assert loaded.returncode == 0
    env = {"_DSP_COMPLETE": "bash_complete", "COMP_WORDS": "dsp ana", "COMP_CWORD": "1"}
    assert "analyze" in command(env=env).stdout


@pytest.mark.parametrize("variable", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_no_escape_codes_where_there_is_no_terminal(
    command: Dsp, finished_run: Path, variable: dict[str, str]
) -> None:
    done = command("show", finished_run, "insights", env=variable)
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, "–"),
        (True, "yes"),
        (59746, "59,746"),
        (1 / 3, "0.3333"),
        (-59746, "−59,746"),
        (-0.15712, "−0.1571"),
        (2000.0, "2,000"),
        (12345.678, "12,345.7"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (["a", 1], "a, 1"),
        ("\x1b[31mred", "\N{REPLACEMENT CHARACTER}[31mred"),
    ],
)
def test_cells_are_written_for_people(value: object, wanted: str) -> None:
    assert cell_text(value) == wanted


def test_line_breaks_stay_and_spaces_are_plain() -> None:
    assert printable("a\nb 13.5\u00a0KB") == "a\nb 13.5 KB"
