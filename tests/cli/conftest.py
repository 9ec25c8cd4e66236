"""How tests of the command line run it: as a process, with nothing of the caller's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Dsp = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(tmp_path: Path) -> Dsp:
    """Return a function that runs ``dsp`` in an empty folder."""

    def run(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("DSP_", "CI"))}
        env |= options.pop("env", {})
        return subprocess.run(
            [sys.executable, "-m", "dsp", *map(str, words)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=env,
            timeout=120,
            check=False,
            **{"stdin": subprocess.DEVNULL} | options
            if "input" not in options
            else options,
        )

    return run
