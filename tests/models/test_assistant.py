"""The process that fits ahead: it changes nothing but when fits are ready."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dsp.models.assistant import Assistant, Fit, Wanted
from dsp.models.search import Found, search
from tests.models.jobs import rows, spec

PATIENCE = 60.0


class Counting(Assistant):
    """Counts the fits that were begun ahead and used."""

    n_taken = 0

    def take(self, wanted: Wanted) -> Fit | None:
        found = super().take(wanted)
        self.n_taken += found is not None
        return found


@pytest.fixture
def job(tmp_path: Path) -> tuple[str, pa.Table, dict[str, Any]]:
    """Return path, rows and settings of a search."""
    rng = np.random.default_rng(5)
    n = 1_500
    x, z = rng.normal(size=n), rng.normal(size=n)
    y = 3 * x + np.sin(3 * z) + rng.normal(size=n)
    table = rows(y, np.column_stack([x, z]))
    place = str(tmp_path / "rows.arrow")
    with pa.OSFile(place, "wb") as sink, pa.ipc.new_file(sink, table.schema) as out:
        out.write_table(table)
    return place, table, spec("regression", 2, threads=2)


def ready(assistant: Assistant, wanted: Wanted) -> Fit:
    """Return a fit, asked for again until the process is up."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assistant.start(wanted)
        found = assistant.take(wanted)
        if found is not None:
            return found
        time.sleep(0.05)
    pytest.fail("no fit came back")


def untimed(found: Found) -> dict[str, Any]:
    """Return what a search found but for its seconds."""
    values = {k: v for k, v in found.values.items() if k != "seconds"}
    values["models"] = [{**row, "fit_ms": 0} for row in values["models"]]
    return values


def test_a_search_finds_the_same_with_an_assistant(
    job: tuple[str, pa.Table, dict[str, Any]],
) -> None:
    place, table, settings = job
    helped: list[Counting] = []

    def assistant() -> Assistant:
        helped.append(Counting(place, settings))
        boosted = Wanted("boosting", {"rate": 0.1, "leaves": 8, "rows": 5, "l2": 1.0,
                                      "share": 1.0}, 0, 0)  # fmt: skip
        ready(helped[0], boosted)
        return helped[0]

    with_one = search(table, settings, lambda *_: None, assistant=assistant)
    alone = search(table, settings, lambda *_: None)
    assert helped[0].n_taken > 10
    assert untimed(with_one) == untimed(alone)
    assert (with_one.arrays["output"] == alone.arrays["output"]).all()


def test_what_an_assistant_cannot_do_is_left_to_the_search(
    job: tuple[str, pa.Table, dict[str, Any]],
) -> None:
    place, _, settings = job
    assistant = Assistant(place, settings)
    linear = Wanted("linear", {}, 0, 1)
    found = ready(assistant, linear)
    assert found.output.shape == (240,)
    assert assistant.take(Wanted("linear", {}, 0, 2)) is None
    # A setting that cannot be fitted ends the process; nothing waits for it.
    broken = Wanted("boosting", {"rate": "?"}, 0, 0)
    assistant.start(broken)
    assert assistant.take(broken) is None
    assistant.start(linear)
    assert assistant.take(linear) is None
    assistant.close()


def test_an_assistant_ends_with_its_parent_even_in_a_fit(
    job: tuple[str, pa.Table, dict[str, Any]],
) -> None:
    place, _, settings = job
    assistant = Assistant(place, settings)
    ready(assistant, Wanted("linear", {}, 0, 1))
    slow = {"rate": 0.001, "leaves": 255, "rows": 2, "l2": 0.0, "share": 1.0}
    assistant.start(Wanted("boosting", slow | {"n_iterations": 100_000}, 0, 0))
    process: subprocess.Popen[bytes] = assistant._process
    time.sleep(0.3)
    assert process.poll() is None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(PATIENCE) == 0
    assistant.close()
