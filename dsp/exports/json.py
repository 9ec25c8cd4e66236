"""All result tables in one JSON document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.exports.cells import appearing, column_types, plain, read_table, table_names

if TYPE_CHECKING:
    from dsp.engine import DuckEngine


class JsonExport:
    """Writes ``results.json``: every table with the SQL types of its columns."""

    name = "json"

    def write(self, engine: DuckEngine, folder: Path) -> list[Path]:
        """Write the file and return its path.

        The values are those of `dsp.exports.cells.plain`; columns of type JSON are
        nested documents.
        """
        path = folder / "results.json"
        document = {
            "schema": "dsp.results/1",
            "tables": {name: _table(engine, name) for name in table_names()},
        }
        text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
        with appearing(path) as unfinished:
            unfinished.write_text(text + "\n", encoding="utf-8")
        return [path]


plugin = JsonExport()


def _table(engine: DuckEngine, name: str) -> dict[str, Any]:
    types = column_types(engine, name)
    nested = {column for column, kind in types.items() if kind == "JSON"}
    rows = [
        {
            column: json.loads(value) if column in nested and value else plain(value)
            for column, value in row.items()
        }
        for row in read_table(engine, name).to_pylist()
    ]
    columns = [{"name": column, "type": kind} for column, kind in types.items()]
    return {"columns": columns, "rows": rows}
