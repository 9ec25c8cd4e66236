from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from dsp.cli.entry import run

if TYPE_CHECKING:
    from pathlib import Path


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
