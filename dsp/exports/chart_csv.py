"""The data of every chart as CSV, with the query beside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.exports.cells import csv_ready
from dsp.exports.chart_files import write_data
from dsp.exports.options import DEFAULTS, ExportOptions

if TYPE_CHECKING:
    from dsp.engine import DuckEngine


class ChartCsvExport:
    """Writes ``charts/CHART_ID.csv`` and ``.sql``, safe to open in a spreadsheet.

    Text that a spreadsheet would run as a formula is guarded as in the format ``csv``.
    """

    name = "chart_csv"
    takes_options = True

    def write(
        self, engine: DuckEngine, folder: Path, options: ExportOptions = DEFAULTS
    ) -> list[Path]:
        """Write the files and return their paths."""
        return write_data(engine, folder, "csv", _write, options)


plugin = ChartCsvExport()


def _write(table: Any, path: Path) -> None:
    from pyarrow import csv

    options = csv.WriteOptions(quoting_style="needed")
    csv.write_csv(csv_ready(table, guard=True), path, options)
