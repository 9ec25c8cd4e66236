from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from pathlib import Path


def start(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dsp", "server", *(str(word) for word in words)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )


def test_it_says_where_it_serves_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    with start("--port", 0, "--data-dir", tmp_path) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        address = next(word for word in line.split() if word.startswith("http://"))
        with httpx2.Client(transport=httpx2.HTTPTransport(retries=5)) as client:
            answer = client.get(f"{address}/pipelines")
        assert answer.json() == {"runs": [], "n_unreadable": 0}
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        assert process.stderr.read() == ""


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with start("--port", port, "--data-dir", tmp_path) as process:
            assert process.wait(timeout=60) == 2
            assert process.stderr is not None
            text = process.stderr.read()
    assert f"127.0.0.1:{port} cannot be bound" in text
    assert "--port" in text
