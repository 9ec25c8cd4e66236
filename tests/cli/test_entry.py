"""The door: help, suggestions, errors, exit codes, streams."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from dsp.cli import COMMANDS
from dsp.cli.entry import run as run_words


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_one_line_help_is_that_of_the_command(name: str) -> None:
    module, text = COMMANDS[name]
    found = import_module(module).command
    assert isinstance(found, click.Command)
    assert found.name == name
    assert found.get_short_help_str(limit=200) == text


@pytest.mark.parametrize("flags", [["--help"], ["-h"], ["--version"]])
def test_help_imports_click_and_the_standard_library_only(flags: list[str]) -> None:
    code = (
        "import sys\n"
        "from dsp.cli import main\n"
        "try:\n"
        f"    main({flags})\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0\n"
        "roots = {name.partition('.')[0] for name in sys.modules}\n"
        "known = set(sys.stdlib_module_names) | {'click', 'dsp', '__main__'}\n"
        "extra = sorted(r for r in roots - known if not r.startswith('_'))\n"
        "print(extra, file=sys.stderr)\n"
        "print([m for m in sys.modules if m.startswith('dsp.')], file=sys.stderr)\n"
    )
    # -S keeps out what the environment's own start-up files import.
    paths = [p for p in sys.path if p]
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {paths}\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    outside, own = done.stderr.strip().splitlines()[-2:]
    assert outside == "[]"
    assert "settings" not in own


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_words([name, "-h"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: dsp {name}")


def leaves(name: str) -> list[click.Command]:
    top = import_module(COMMANDS[name][0]).command
    return list(top.commands.values()) if isinstance(top, click.Group) else [top]


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"server"}))
def test_every_command_takes_the_common_options(name: str) -> None:
    for command in leaves(name):
        taken = {flag for p in command.params for flag in p.opts}
        assert {"--json", "--quiet", "--debug", "--no-progress"} <= taken, command.name


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_explained(name: str) -> None:
    for command in leaves(name):
        options = [p for p in command.params if isinstance(p, click.Option)]
        assert [o.name for o in options if not o.help] == [], command.name


def test_an_unknown_command_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_words(["analyse"]) == 2
    err = capsys.readouterr().err
    assert err.startswith('error: no command or file "analyse"')
    assert 'did you mean "dsp analyze"?' in err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["analyze"], "missing argument"),
        (["analyze", "x", "--them", "dark"], "no such option"),
        (["analyze", "x", "--theme", "pink"], "'pink' is not one of"),
        (["show", "nowhere.dsp"], "no finished run at nowhere.dsp"),
        (["config", "get", "sed"], 'unknown setting "sed"'),
        (["analyze", "x.csv", "--read", "delimiter"], "is not of the form name=value"),
        (["analyze", "x.csv", "--timestamp", "noon"], "is not a moment"),
        (["analyze", "x.csv", "--memory-limit", "much"], "memory size"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_words(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert expected in err.splitlines()[0]
    assert "Traceback" not in err


def test_an_error_as_json_is_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_words(["show", "nowhere.dsp", "--json"]) == 2
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert err == ""
    assert document["schema"] == "dsp.error/1"
    assert document["code"] == "run_not_found"
    assert document["message"]
    assert document["hint"]


def test_a_defect_is_one_line_and_exit_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a\ndefect")

    monkeypatch.setattr("dsp.cli.info.facts", fail)
    assert run_words(["info"]) == 3
    err = capsys.readouterr().err
    assert err.splitlines()[0] == "error: internal error: ZeroDivisionError: a defect"
    assert "--debug" in err
    with pytest.raises(ZeroDivisionError, match="defect"):
        run_words(["info", "--debug"])


def test_ctrl_c_is_exit_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dsp.cli.info.facts", stop)
    assert run_words(["info"]) == 130


def test_a_reader_that_leaves_is_no_error(finished_run: Path) -> None:
    words = [sys.executable, "-m", "dsp", "query", str(finished_run)]
    text = "select range as x from range(2_000_000)"
    process = subprocess.Popen(
        [*words, text, "--format", "csv"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("words", [["--version"], ["info"]])
def test_a_full_disk_is_named(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dsp", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "cannot write standard output: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
