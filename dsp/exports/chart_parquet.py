"""The data of every chart as Parquet, with the query beside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.exports.chart_files import write_data
from dsp.exports.options import DEFAULTS, ExportOptions

if TYPE_CHECKING:
    from dsp.engine import DuckEngine


class ChartParquetExport:
    """Writes ``charts/CHART_ID.parquet`` and ``.sql``."""

    name = "chart_parquet"
    takes_options = True

    def write(
        self, engine: DuckEngine, folder: Path, options: ExportOptions = DEFAULTS
    ) -> list[Path]:
        """Write the files and return their paths."""
        return write_data(engine, folder, "parquet", _write, options)


plugin = ChartParquetExport()


def _write(table: Any, path: Path) -> None:
    from pyarrow import parquet

    parquet.write_table(table, path, compression="zstd")
