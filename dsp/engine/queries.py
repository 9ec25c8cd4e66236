"""Loads the SQL files of ``sql/`` from the checkout or from the installed package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from dsp.errors import DspError


@cache
def sql_folder() -> Path:
    """Return the folder that holds the SQL files.

    A checkout has it beside the package; a wheel has it inside.

    Raises
    ------
    DspError
        The installation is incomplete.
    """
    package = Path(str(files("dsp")))
    for folder in (package.parent / "sql", package / "sql"):
        if (folder / "schema").is_dir():
            return folder
    raise DspError("the SQL files of dsp are missing", hint="reinstall dsp")


@cache
def load(name: str) -> str:
    """Return the text of a SQL file by its path below ``sql/`` without the suffix.

    Examples
    --------
    >>> load("schema/steps").splitlines()[0]
    '-- purpose: result table steps'
    """
    path = sql_folder() / f"{name}.sql"
    if not path.is_file():
        raise DspError(f"no SQL file {name}", hint=f"look in {sql_folder()}")
    return path.read_text(encoding="utf-8")


def names(folder: str) -> list[str]:
    """Return the names of the SQL files of a folder, sorted."""
    return sorted(p.stem for p in (sql_folder() / folder).glob("*.sql"))
