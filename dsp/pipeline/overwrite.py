"""Earlier results are not overwritten by those of another source, unless asked for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dsp.errors import DspError, OverwriteError
from dsp.pipeline.workspace import RESULTS, Workspace

if TYPE_CHECKING:
    from dsp.sources import Located

HINT = (
    "overwrite it with --force (force=True in Python), or choose another folder with "
    "--output"
)
WRITTEN = ("dashboard.html", "report.md", "run.json", "export")
"""What a run writes beside its database."""


def protect(workspace: Workspace, located: Located, *, force: bool) -> None:
    """Refuse a folder whose content is not of an earlier run of the same source.

    Parameters
    ----------
    workspace
        The folder, taken for this run.
    located
        The source of this run.
    force
        Refuse nothing.

    Raises
    ------
    OverwriteError
        It holds the results of another source, or files that no run has left.
    """
    if force:
        return
    try:
        _compare(workspace, located)
    except OverwriteError:
        with suppress(OSError):  # not empty: an unfinished run may go on there
            workspace.building.rmdir()
        raise


def _compare(workspace: Workspace, located: Located) -> None:
    folder = workspace.folder
    shown = _short(folder)
    if (folder / RESULTS).exists():
        source, files = _earlier(folder / RESULTS, shown)
        if not _is_same(source, files, located):
            raise OverwriteError(
                f"{shown} holds the results of another source: {source}", hint=HINT
            )
    elif not workspace.has_unfinished():
        found = next((name for name in WRITTEN if (folder / name).exists()), None)
        if found is not None:
            raise OverwriteError(
                f"{shown} holds a {found} that is not of a finished run", hint=HINT
            )


def _earlier(database: Path, shown: str) -> tuple[str, tuple[str, ...]]:
    """Return source and files of the run that is there."""
    from dsp.engine.sandbox import open_results

    try:
        engine = open_results(database)
        try:
            rows = engine.rows("select source, source_files from main.runs")
        finally:
            engine.close()
    except DspError as error:
        raise OverwriteError(
            f"{shown} holds a {RESULTS} that cannot be read as a run of dsp", hint=HINT
        ) from error
    source, files = rows[0]
    return str(source), tuple(files or ())


def _is_same(source: str, files: Sequence[str], located: Located) -> bool:
    """Return whether an earlier run read the same source, whatever its content was.

    Tables in memory have no name, so one may follow another. A glob or a folder stays
    the same when files come and go in it, and any source when all of it has moved.
    """
    if not files or not located.files:
        return not files and not located.files
    if set(files) == set(located.files):
        return _table(source) == _table(located.source)
    folders = {Path(path).parent for path in files}
    is_near = any(Path(path).parent in folders for path in located.files)
    has_moved = not any(Path(path).exists() for path in files)
    return source == located.source and (is_near or has_moved)


def _table(source: str) -> str:
    """Return the table that ``database.db::table`` names."""
    return source.rpartition("::")[2] if "::" in source else ""


def _short(folder: Path) -> str:
    here = Path.cwd()
    return str(folder.relative_to(here) if folder.is_relative_to(here) else folder)
