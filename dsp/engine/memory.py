"""How much memory there is, and how much of it a job may use."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from dsp.sizes import parse_bytes

MEMORY_SHARE = 0.7
"""Share of the memory that is used where nobody names a limit."""


def available_memory() -> int:
    """Return the memory of this machine or container in bytes."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in (
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ):
        with suppress(OSError, ValueError):
            total = min(total, int(Path(name).read_text(encoding="ascii")))
    return total


def memory_budget(limit: str | None = None) -> int:
    """Return the bytes that a job may use.

    Parameters
    ----------
    limit
        A size such as ``4GB``; a share of the memory there is when None.

    Raises
    ------
    SettingError
        The size is not understood.
    """
    if limit is None:
        return int(available_memory() * MEMORY_SHARE)
    return parse_bytes(limit)
