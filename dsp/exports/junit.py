"""The checks of a run as JUnit XML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsp.exports.validation import ValidationReport, write_reports

if TYPE_CHECKING:
    from dsp.engine import DuckEngine


class JunitExport:
    """Writes ``checks.xml``: one test a check, as CI servers read it."""

    name = "junit"

    def write(self, engine: DuckEngine, folder: Path) -> list[Path]:
        """Write the file and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        return write_reports(ValidationReport.of_run(engine), [folder / "checks.xml"])


plugin = JunitExport()
