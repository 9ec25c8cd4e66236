"""The checks of a run as one static page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsp.exports.validation import ValidationReport, write_reports

if TYPE_CHECKING:
    from dsp.engine import DuckEngine


class ChecksExport:
    """Writes ``checks.html``: what failed, with its first rows, and what passed."""

    name = "checks"

    def write(self, engine: DuckEngine, folder: Path) -> list[Path]:
        """Write the page and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        return write_reports(ValidationReport.of_run(engine), [folder / "checks.html"])


plugin = ChecksExport()
