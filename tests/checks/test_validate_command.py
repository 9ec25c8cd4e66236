from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from dsp.cli.entry import run


@pytest.fixture
def orders(tmp_path: Path) -> str:
    """Return a file whose only fault is one negative price."""
    path = tmp_path / "orders.csv"
    rows = "".join(f"{i},{i * 1.5 - 3}\n" for i in range(1, 30))
    path.write_text("n,price\n" + rows, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 1)])
def test_the_exit_code_follows_fail_on(orders: str, fail_on: str, code: int):
    assert run(["validate", orders, "--fail-on", fail_on]) == code


def test_json_holds_every_check(orders: str, capsys: pytest.CaptureFixture[str]):
    assert run(["validate", orders, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    failed = [c["kind"] for c in document["checks"] if c["outcome"] == "failed"]
    assert (document["passed"], failed) == (True, ["negative"])


def test_notes_are_counted_apart_from_failures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    rows = "".join(f"{i},{i % 7 + (10_000 if i == 5 else 0)}.5\n" for i in range(100))
    (tmp_path / "far.csv").write_text("n,x\n" + rows, encoding="utf-8")
    assert run(["validate", str(tmp_path / "far.csv")]) == 0
    assert " 0 failed, 1 note, 0 not evaluated" in capsys.readouterr().err
    folder = tmp_path / "far.dsp"
    words = ["--no-ml", "-o", str(folder)]
    assert run(["analyze", str(tmp_path / "far.csv"), *words]) == 0
    assert "failed check" not in capsys.readouterr().err
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert re.search(r"\b0 of \d+ checks of the data failed\. 1 note besides\.", report)
    page = (folder / "dashboard.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", "", page)
    assert re.search(r"\b0 of \d+ data checks failed, and 1 noted something\.", text)


@pytest.fixture
def ruled(tmp_path: Path) -> tuple[str, str]:
    """Return a file and a rules file of which three rules do not pass."""
    (tmp_path / "o.csv").write_text("id,price\n1,5\n2,-3\n2,\n", encoding="utf-8")
    (tmp_path / "r.toml").write_text(
        "[columns.id]\nunique = true\nseverity = 'warning'\n"
        "[columns.price]\nnot_null = true\ntolerance = 1\n"
        "[columns.gone]\nnot_null = true\nseverity = 'critical'\n",
        encoding="utf-8",
    )
    return str(tmp_path / "o.csv"), str(tmp_path / "r.toml")


@pytest.mark.parametrize(
    ("gone", "fail_on", "code"),
    [(False, "error", 0), (False, "warning", 1), (True, "critical", 1)],
)
def test_rules_decide_the_exit_code(
    ruled: tuple[str, str], gone: bool, fail_on: str, code: int
):
    source, rules = ruled
    if not gone:
        path = Path(rules)
        path.write_text(path.read_text("utf-8").partition("[columns.gone]")[0], "utf-8")
    assert run(["validate", source, "--rules", rules, "--fail-on", fail_on]) == code


def test_rules_run_alone_unless_asked(
    ruled: tuple[str, str], capsys: pytest.CaptureFixture[str]
):
    source, rules = ruled
    run(["validate", source, "--rules", rules, "--json"])
    alone = json.loads(capsys.readouterr().out)
    assert [c["rule_id"] for c in alone["checks"]] == [
        "unique.id",
        "not_null.price",
        "not_null.gone",
    ]
    rows = [f["row_number"] for c in alone["checks"] for f in c["failures"]]
    assert rows == [3]
    assert [p["check"] for p in alone["problems"]] == ["not_null.gone"]
    run(["validate", source, "--rules", rules, "--with-automatic", "--json"])
    both = json.loads(capsys.readouterr().out)
    assert len(both["checks"]) == 10


def test_kinds_are_listed_with_their_schema(capsys: pytest.CaptureFixture[str]):
    assert run(["validate", "--list-rules"]) == 0
    assert "not_null" in capsys.readouterr().out
    assert run(["validate", "--list-rules", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["kinds"]) >= 55
    rules = document["json_schema"]["properties"]["rules"]["items"]["oneOf"]
    in_range = next(r for r in rules if r["properties"]["kind"]["const"] == "in_range")
    assert in_range["properties"]["min"]["type"] == ["number", "string"]


def test_a_source_is_needed(capsys: pytest.CaptureFixture[str]):
    assert run(["validate"]) == 2
    assert "name a source to check" in capsys.readouterr().err


def test_wrong_rules_are_wrong_input(
    ruled: tuple[str, str], capsys: pytest.CaptureFixture[str]
):
    source, rules = ruled
    Path(rules).write_text("[columns.id]\nuniqque = true\n", encoding="utf-8")
    assert run(["validate", source, "--rules", rules]) == 2
    error = capsys.readouterr().err
    assert 'line 2, columns.id.uniqque: there is no rule called "uniqque"' in error
    assert "did you mean unique" in error


def test_what_failed_comes_first_with_its_rows(
    orders: str, capsys: pytest.CaptureFixture[str]
):
    run(["validate", orders])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[:4] == [
        "! warning  1 of 29 values of price is negative.",
        "           line 2: −1.5",
        "",
        "✓ passed   The table has 29 rows.",
    ]


@pytest.mark.parametrize("width", [24, 60, 200])
def test_a_terminal_of_any_width(
    width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "t.json"
    row = {"名前\x1b[31m": "a\tb\x1b[2J", "price": -1}
    path.write_text(json.dumps([row] * 30), encoding="utf-8")
    monkeypatch.setenv("COLUMNS", str(width))
    controller, terminal = pty.openpty()
    monkeypatch.setenv("COLUMNS", str(width))
    done = subprocess.run(
        [sys.executable, "-m", "dsp", "validate", str(path), "--no-progress"],
        stdout=terminal,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"NO_COLOR": "1", "TERM": "xterm"},
        timeout=120,
        check=False,
    )
    os.close(terminal)
    shown = b""
    while part := _read(controller):
        shown += part
    assert done.returncode == 0
    assert b"\x1b" not in shown
    text = shown.decode()
    assert "30 values of price are negative" in " ".join(text.split()) or width == 24
    assert max(cell_len(line.rstrip()) for line in text.splitlines()) <= width


def _read(controller: int) -> bytes:
    try:
        return os.read(controller, 65_536)
    except OSError:
        return b""


def test_reports_are_written_beside_the_answer(
    orders: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    files = [tmp_path / f"report{suffix}" for suffix in (".html", ".md", ".json", ".xml")]
    words = [word for path in files for word in ("--report", str(path))]
    assert run(["validate", orders, "--json", *words]) == 0
    document = json.loads(capsys.readouterr().out)
    written = json.loads(files[2].read_text(encoding="utf-8"))
    moments = [d.pop("checked_at") for d in (document, written)]
    assert written == document
    assert len(set(moments)) == 1
    assert all(path.stat().st_size for path in files)


def test_an_unknown_report_is_refused_before_reading(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(["validate", "no-such-file.csv", "--report", "report.pdf"]) == 2
    error = capsys.readouterr().err
    assert "no report format for report.pdf" in error
    assert ".html, .json, .md, .xml (JUnit)" in error
