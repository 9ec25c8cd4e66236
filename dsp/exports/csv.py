"""One CSV file per table, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.exports.cells import (
    appearing,
    csv_ready,
    data_batches,
    data_schema,
    read_table,
    table_names,
)

if TYPE_CHECKING:
    from dsp.engine import DuckEngine


class CsvExport:
    r"""Writes ``csv/TABLE.csv`` for every result table and ``csv/data.csv``.

    UTF-8, comma, header. Text is quoted, numbers are not; a missing value is an empty
    field without quotes. Text that a spreadsheet would run as a formula (it starts with
    ``=``, ``+``, ``-``, ``@``, tab or a line end) gets an apostrophe in front; to read it
    back, remove one apostrophe from text that matches ``^'+[=+\-@\t\r\n]``.
    """

    name = "csv"

    def write(self, engine: DuckEngine, folder: Path) -> list[Path]:
        """Write the files and return their paths."""
        paths = []
        for name in table_names():
            table = read_table(engine, name)
            paths.append(_write(folder / "csv" / f"{name}.csv", table.schema, [table]))
        data = _write(
            folder / "csv" / "data.csv", data_schema(engine), data_batches(engine)
        )
        return [*paths, data]


plugin = CsvExport()


def _write(path: Path, schema: Any, batches: Iterable[Any]) -> Path:
    from pyarrow import csv

    head = csv_ready(schema.empty_table(), guard=True)
    with appearing(path) as unfinished:
        options = csv.WriteOptions(quoting_style="needed")
        with csv.CSVWriter(unfinished, head.schema, write_options=options) as writer:
            for batch in batches:
                writer.write_table(csv_ready(batch, guard=True).cast(head.schema))
    return path
