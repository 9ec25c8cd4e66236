"""Every chart of a run as a PDF document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsp.charts.static import as_pdf
from dsp.exports.chart_files import write_drawings
from dsp.exports.options import DEFAULTS, ExportOptions

if TYPE_CHECKING:
    from dsp.engine import DuckEngine


class ChartPdfExport:
    """Writes ``charts/CHART_ID.pdf``, drawn without a browser or a network."""

    name = "pdf"
    takes_options = True

    def write(
        self, engine: DuckEngine, folder: Path, options: ExportOptions = DEFAULTS
    ) -> list[Path]:
        """Write the images and return their paths."""
        return write_drawings(engine, folder, "pdf", as_pdf, options)


plugin = ChartPdfExport()
