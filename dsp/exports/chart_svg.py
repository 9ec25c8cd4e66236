"""Every chart of a run as an SVG image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsp.exports.chart_files import write_drawings
from dsp.exports.options import DEFAULTS, ExportOptions

if TYPE_CHECKING:
    from dsp.engine import DuckEngine


class ChartSvgExport:
    """Writes ``charts/CHART_ID.svg``, drawn without a browser or a network."""

    name = "svg"
    takes_options = True

    def write(
        self, engine: DuckEngine, folder: Path, options: ExportOptions = DEFAULTS
    ) -> list[Path]:
        """Write the images and return their paths."""
        return write_drawings(
            engine, folder, "svg", lambda svg: svg.encode("utf-8", "replace"), options
        )


plugin = ChartSvgExport()
