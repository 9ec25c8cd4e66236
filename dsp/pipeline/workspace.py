"""The run's folder: who may write to it, what is unfinished, how it is published."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dsp.errors import DspError, RunBusyError
from dsp.settings import PipelineConfig

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

RESULTS = "results.duckdb"
BUILDING = ".building"
FAILED_VALIDATION = "failed_validation"
"""Folder, and state, of a run that strict validation has stopped."""
SMALL_SOURCE = 64 * 1024**2
"""Bytes up to which a source gets small row groups, for all threads to share a scan."""
SMALL_GROUPS = 30_720
"""Rows of a small row group."""


class Workspace:
    """The output folder of a run while the run writes to it.

    Everything is written below ``.building``; `publish` moves finished files to their
    final names with `results.duckdb` last, so a folder with that file is complete.

    Parameters
    ----------
    folder
        The output folder; made when missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.building = self.folder / BUILDING
        self._lock: int | None = None
        self._made_folder = False

    @property
    def database(self) -> Path:
        """The database while it is built."""
        return self.building / RESULTS

    def acquire(self) -> None:
        """Take the folder for this run.

        Raises
        ------
        RunBusyError
            Another run holds it.
        DspError
            It cannot be made or written to.
        """
        try:
            self._made_folder = not self.folder.exists()
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock_folder(self.folder)
            self.building.mkdir(exist_ok=True)
        except BlockingIOError as error:
            raise RunBusyError(
                f"another run is writing to {self.folder}",
                hint="wait for it, or choose another folder with --output",
            ) from error
        except OSError as error:
            self.release()
            raise DspError(
                f"cannot write to {self.folder}: {error.strerror or error}",
                hint="choose another folder with --output",
            ) from error

    def has_unfinished(self) -> bool:
        """Return whether an earlier run left an unfinished database."""
        return self.database.exists()

    def start_over(self) -> None:
        """Remove what an earlier run left unfinished."""
        shutil.rmtree(self.building, ignore_errors=True)
        self.building.mkdir(parents=True, exist_ok=True)

    def publish(self) -> None:
        """Move every finished file to its final name, the database last."""
        self._publish(self.folder)
        shutil.rmtree(self.folder / FAILED_VALIDATION, ignore_errors=True)

    def publish_failed(self) -> Path:
        """Move the database to a folder of its own; earlier results stay as they are.

        Returns
        -------
        Path
            The folder, which opens like that of a complete run.
        """
        folder = self.folder / FAILED_VALIDATION
        shutil.rmtree(folder, ignore_errors=True)
        self._publish(folder)
        return folder

    def _publish(self, folder: Path) -> None:
        files = [p for p in sorted(self.building.rglob("*")) if p.is_file()]
        for path in sorted(files, key=lambda p: p.name == RESULTS):
            target = folder / path.relative_to(self.building)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        shutil.rmtree(self.building)

    def discard(self) -> None:
        """Remove the unfinished files, and the folder when this run made it."""
        shutil.rmtree(self.building, ignore_errors=True)
        if self._made_folder and self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def release(self) -> None:
        """Let other runs use the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def open_database(
    workspace: Workspace, config: PipelineConfig, n_bytes: int | None
) -> DuckEngine:
    """Open the database that a run builds, with the memory and threads it may use."""
    from dsp.engine import DuckEngine
    from dsp.engine.memory import memory_budget

    limit = memory_budget(config.memory_limit)
    return DuckEngine(
        workspace.database,
        memory_limit=limit,
        threads=config.threads,
        temp_dir=workspace.building / "spill",
        row_group_size=SMALL_GROUPS if (n_bytes or 0) <= SMALL_SOURCE else None,
    )


def _lock_folder(folder: Path) -> int | None:
    """Lock a folder itself, so that no lock file is ever left behind.

    The kernel drops the lock with the process. Windows cannot lock folders; there the
    database's own lock is the only guard.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
