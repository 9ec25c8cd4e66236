from __future__ import annotations

import json
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
