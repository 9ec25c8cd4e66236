"""The process of a search: its wall, its death, its parent's death, and cancelling."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dsp.engine import DuckEngine
from dsp.errors import CancelledError
from dsp.models import AutoMLEngine
from dsp.models.isolation import Worker
from dsp.models.limits import TIME_UP, Limits
from dsp.models.search import Found, search
from tests.models.jobs import FITS, rows, spec

PATIENCE = 30.0


@pytest.fixture
def table(engine: DuckEngine) -> Any:
    return engine.put(pa.table(numbers(400)), "data", schema="clean")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is the only one for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def numbers(n_rows: int) -> dict[str, Any]:
    rng = np.random.default_rng(5)
    x, z = rng.normal(size=n_rows), rng.normal(size=n_rows)
    return {"x": x, "z": z, "y": 3 * x + z + rng.normal(size=n_rows)}


def many_classes() -> tuple[pa.Table, dict[str, Any]]:
    """Return a job that is quick for a linear model and takes minutes to boost."""
    rng = np.random.default_rng(6)
    y = np.arange(4_000) % 80
    X = rng.normal(size=(4_000, 8)) + np.outer(y, np.arange(8) % 3) / 10
    return rows(y, X), spec("multiclass", 8, n_classes=80)


def ignore(*_: Any, **__: Any) -> None:
    return None


def wait_for(condition: Any) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    words = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def test_every_step_hands_on_what_is_complete_by_then() -> None:
    data = numbers(300)
    job = rows(data["y"], np.column_stack([data["x"], data["z"]]))
    seen: list[Found] = []
    final = search(job, spec("regression", 2), ignore, seen.append)
    names = [[row["name"] for row in found.values["models"]] for found in seen]
    assert names[0] == ["baseline", "linear"]
    # The model for new rows comes first, then the others beside it, then why.
    assert [bool(found.values["sql"]) for found in seen] == [
        False,
        True,
        True,
        True,
        True,
    ]
    assert {"additive", "boosting", "extra_trees"} < set(names[3])
    assert [bool(found.values["importance"]) for found in seen] == [*[False] * 4, True]
    for found in seen:
        assert np.isfinite(found.arrays["output"]).all()
    assert [len(losses) for losses in final.values["importance"]] == [5, 5]
    assert final.values["explained"]["model_effects"]


def test_the_wall_keeps_the_models_that_finished(temporary: Path) -> None:
    job, about = many_classes()
    worker = Worker(threads=1)
    labels: set[str] = set()
    limits = Limits.of(8.0)
    found, ended = worker.run(
        job, about, limits=limits, tick=lambda *_, message="", **__: labels.add(message)
    )
    assert time.monotonic() < limits.wall + PATIENCE
    assert "Linear model" in labels
    worker.stop()
    assert ended["stopped"] == TIME_UP
    assert [row["name"] for row in found.values["models"]] == ["baseline", "linear"]
    assert found.values["models"][1]["holdout"]["roc_auc_ovr"] > 0.6
    assert list(temporary.iterdir()) == []


def test_a_crash_keeps_the_models_that_finished(table: Any) -> None:
    models = AutoMLEngine(seed=0)
    models.prepare()
    worker = models._worker
    assert worker is not None

    def kill(*_: Any, message: str = "", **__: Any) -> None:
        if message == "Gradient boosting":
            worker._process.kill()

    found = models.fit(table, "y", tick=kill)
    assert [model.model_id for model in found.models] == ["baseline", "linear"]
    assert found.reason is None
    assert found.model is None
    assert found.predictions.num_rows == 400
    (problem,) = found.problems
    assert "the model process ended with code -9" in problem.error
    assert problem.error.endswith("the model for new rows, the importance of columns")


def test_a_crash_before_any_answer_is_a_reason(table: Any) -> None:
    models = AutoMLEngine(fits=FITS)
    models.prepare()
    worker = models._worker
    assert worker is not None
    worker._process.kill()
    worker._process.wait()
    found = models.fit(table, "y")
    assert "the model process" in (found.reason or "")
    assert len(found.problems) == 1


@pytest.mark.parametrize("is_group", [False, True], ids=["parent", "group"])
def test_the_process_does_not_outlive_its_parent(tmp_path: Path, is_group: bool) -> None:
    # Made on a thread that ends: the death of a thread is not that of the parent.
    script = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from test_worker import Limits, Worker, ignore, many_classes
made = []
maker = threading.Thread(target=lambda: made.append(Worker(threads=1)))
maker.start()
maker.join()
def told(*_, message="", **__):
    if message:
        print(made[0]._process.pid, flush=True)
made[0].run(*many_classes(), limits=Limits.of(600.0), tick=told)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        start_new_session=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert [path.name[:11] for path in tmp_path.iterdir()] == ["dsp-models-"]
        assert is_running(pid)
        (os.killpg if is_group else os.kill)(parent.pid, signal.SIGKILL)
    wait_for(lambda: not is_running(pid))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "target", ["y", "one value", "missing"], ids=["end", "reason", "error"]
)
def test_no_process_and_no_file_is_left(
    engine: DuckEngine, temporary: Path, target: str
) -> None:
    data = {**numbers(60), "one value": [1] * 60}
    models = AutoMLEngine(engine, fits=FITS)
    models.prepare()
    worker = models._worker
    assert worker is not None
    try:
        models.fit(engine.put(pa.table(data), "data"), target)
    except LookupError:
        assert target == "missing"
    assert worker._process.poll() is not None
    assert list(temporary.iterdir()) == []


def test_files_beside_the_data_are_not_taken_for_modules(
    table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("dsp", "sklearn", "random"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    assert AutoMLEngine(fits=FITS).fit(table, "y").models


def test_nothing_reaches_standard_error(
    table: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    assert AutoMLEngine(fits=FITS).fit(table, "y").models
    assert capfd.readouterr() == ("", "")


def test_a_parent_that_dies_early_leaves_nothing(tmp_path: Path) -> None:
    script = """
import os
from dsp.models.isolation import Worker
print(Worker()._process.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    words = [sys.executable, "-c", script]
    around = {**os.environ, "TMPDIR": str(tmp_path)}
    ended = subprocess.run(words, capture_output=True, text=True, env=around, check=False)
    assert ended.returncode == -signal.SIGKILL
    wait_for(lambda: not is_running(int(ended.stdout)))
    assert list(tmp_path.iterdir()) == []


def test_stop_may_be_called_twice() -> None:
    worker = Worker()
    worker.stop()
    worker.stop()
    assert worker._process.returncode is not None


def test_cancel_kills_the_process_and_the_next_fit_is_fresh(
    table: Any, temporary: Path
) -> None:
    models = AutoMLEngine(fits=FITS)
    models.prepare()
    worker = models._worker
    assert worker is not None
    threading.Timer(0.2, models.cancel).start()
    with pytest.raises(CancelledError, match="cancelled"):
        models.fit(table, "y")
    assert worker._process.poll() is not None
    assert list(temporary.iterdir()) == []
    assert models.fit(table, "y").models


def test_cancel_without_a_process_is_honoured_at_the_next_fit_of_a_model(
    table: Any,
) -> None:
    models = AutoMLEngine(isolated=False, fits=FITS)
    told: list[float] = []

    def cancel_once(done: float, *_: Any, **__: Any) -> None:
        told.append(done)
        if len(told) == 3:
            models.cancel()

    with pytest.raises(CancelledError, match="cancelled"):
        models.fit(table, "y", tick=cancel_once)
    assert told == [1, 2, 3]
    assert models.fit(table, "y", tick=cancel_once).models


@pytest.mark.parametrize("isolated", [False, True])
def test_cancel_ends_the_fit_that_was_announced(table: Any, isolated: bool) -> None:
    models = AutoMLEngine(isolated=isolated, fits=FITS)
    models.prepare()
    models.cancel()
    models.prepare()
    with pytest.raises(CancelledError, match="cancelled"):
        models.fit(table, "y")
    assert models.fit(table, "y").models


def test_cancel_of_nothing_does_nothing(table: Any) -> None:
    models = AutoMLEngine(isolated=False, fits=FITS)
    models.cancel()
    assert models.fit(table, "y").models
    models.prepare()
    models.cancel()
    models.close()
    assert models.fit(table, "y").models
