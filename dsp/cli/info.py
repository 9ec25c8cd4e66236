"""``dsp info``: what a report of a problem needs to say."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click

import dsp
from dsp.cli.common import common_options, emit, options, show_table, suggest

PACKAGES = (
    "duckdb",
    "ibis-framework",
    "sqlglot",
    "pyarrow",
    "pydantic",
    "scikit-learn",
    "statsmodels",
    "altair",
    "vl-convert-python",
    "click",
    "rich",
    "pandas",
    "polars",
    "fastapi",
)
SETTINGS = ("memory_limit", "threads", "temp_directory", "TimeZone")


@click.command("info", short_help="Show versions, memory, cores and write access.")
@common_options
def command() -> None:
    """Show versions, memory, cores and write access of this machine."""
    found = facts()
    if options().json:
        emit(found)
        return
    show_table(("what", "value"), found.items())
    suggest("dsp config show", "dsp analyze FILE")


def facts() -> dict[str, Any]:
    """Return what is known about this machine, by name."""
    from dsp.engine import DuckEngine
    from dsp.engine.memory import available_memory
    from dsp.engine.queries import sql_folder
    from dsp.setting_files import find_file

    engine = DuckEngine()
    settings = {f"duckdb {name}": engine.setting(name) for name in SETTINGS}
    engine.close()
    file = find_file()
    return {
        "dsp": dsp.__version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else None,
        "memory": f"{available_memory() / 1e9:.1f} GB",
        **settings,
        "settings file": None if file is None else str(file),
        "sql files": str(sql_folder()),
        "this folder": "writable" if os.access(Path.cwd(), os.W_OK) else "not writable",
        "temporary folder": tempfile.gettempdir(),
        **{name: _version(name) for name in PACKAGES},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
