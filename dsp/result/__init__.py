"""A finished run: a read-only handle on its folder."""

from __future__ import annotations

from dsp.result.answer import Result
from dsp.result.location import find_database
from dsp.result.run import Run, open_run

__all__ = ["Result", "Run", "find_database", "open_run"]
