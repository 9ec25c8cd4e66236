"""Every chart of a run as a PNG image, twice its width in pixels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsp.charts.static import as_png
from dsp.exports.chart_files import write_drawings
from dsp.exports.options import DEFAULTS, ExportOptions

if TYPE_CHECKING:
    from dsp.engine import DuckEngine


class ChartPngExport:
    """Writes ``charts/CHART_ID.png``, drawn without a browser or a network."""

    name = "png"
    takes_options = True

    def write(
        self, engine: DuckEngine, folder: Path, options: ExportOptions = DEFAULTS
    ) -> list[Path]:
        """Write the images and return their paths."""
        return write_drawings(engine, folder, "png", as_png, options)


plugin = ChartPngExport()
