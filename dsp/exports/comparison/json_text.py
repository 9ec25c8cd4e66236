"""A comparison as one JSON document."""

from __future__ import annotations

import json
from typing import Any

from dsp.engine.store import plain
from dsp.exports.comparison.report import Comparison

SCHEMA = "dsp.comparison/1"


def document(report: Comparison) -> dict[str, Any]:
    """Return a comparison as the document that ``dsp compare --json`` writes.

    Keys are added within a version of the schema, never renamed or removed. Every value
    is strict JSON: what is undefined is null.
    """
    measures: dict[str, dict[str, Any]] = {}
    for measure in report.drift:
        found = plain(measure)
        name, of = found.pop("column_name"), found.pop("measure")
        measures.setdefault(name, {})[of] = found
    bins: dict[str, list[dict[str, Any]]] = {}
    for item in report.bins:
        found = plain(item)
        bins.setdefault(found.pop("column_name"), []).append(found)
    return {
        "schema": SCHEMA,
        "summary": report.summary,
        "compared_at": report.compared_at.isoformat(),
        "elapsed_ms": round(report.elapsed_ms, 3),
        "comparison": plain(report.row),
        "schema_differences": [plain(item) for item in report.schema],
        "columns": [
            {
                **plain(column),
                "drift": measures.get(plain(column)["column_name"], {}),
                "bins": bins.get(plain(column)["column_name"], []),
            }
            for column in report.columns
        ],
        "row_differences": [_row(plain(row)) for row in report.differences],
    }


def render(report: Comparison) -> str:
    """Return a comparison as JSON text."""
    return json.dumps(document(report), ensure_ascii=False, indent=2) + "\n"


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose key and values are objects, not texts of them."""
    for name in ("key", "row_a", "row_b"):
        if row[name] is not None:
            row[name] = json.loads(row[name])
    return row
