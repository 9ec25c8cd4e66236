"""Where the results of a run are."""

from __future__ import annotations

from pathlib import Path

from dsp.errors import RunNotFoundError, nearest

RESULTS = "results.duckdb"
FAILED = "failed_validation"
"""Folder below that of a run, with what strict validation has stopped."""


def find_database(path: Path) -> Path:
    """Return the result database that a path leads to.

    Raises
    ------
    RunNotFoundError
        The path leads to no finished run; the hint names runs beside it.
    """
    if path.is_file() and path.suffix == ".duckdb":
        return path
    folder = path.parent if path.name == "dashboard.html" else path
    for candidate in (folder, folder.with_name(f"{folder.stem}.dsp")):
        if (candidate / RESULTS).is_file():
            return candidate / RESULTS
    if (folder / FAILED / RESULTS).is_file():
        return folder / FAILED / RESULTS
    if (folder / ".building").is_dir():
        raise RunNotFoundError(
            f"the run in {folder} is not finished", hint="dsp analyze … --resume"
        )
    beside = sorted(p.parent.name for p in folder.absolute().parent.glob(f"*/{RESULTS}"))
    close = nearest(folder.name, beside, n=1) or beside[:1]
    raise RunNotFoundError(
        f"no finished run at {path}",
        hint=f'did you mean "{close[0]}"?' if close else "dsp analyze FILE makes one",
    )
