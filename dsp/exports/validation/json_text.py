"""A validation as one JSON document."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from dsp.exports.validation.report import ValidationReport, values

SCHEMA = "dsp.validation/1"


def document(report: ValidationReport) -> dict[str, Any]:
    """Return a validation as the document that ``dsp validate --json`` writes.

    Keys are added within a version of the schema, never renamed or removed. Every check
    carries its record, whether it makes the validation fail, and its failing rows.
    """
    return {
        "schema": SCHEMA,
        "source": report.source,
        "checked_at": report.checked_at.isoformat(),
        "n_rows": report.n_rows,
        "n_columns": report.n_columns,
        "passed": report.is_passed,
        "fail_on": report.fail_on,
        "counts": report.counts,
        "checks": [
            {
                **asdict(result),
                "is_failing": result.check_id in report.failing,
                "failures": [
                    {
                        "row_number": row.row_number,
                        "line_number": row.line_number,
                        "file": row.file,
                        "row": values(row),
                    }
                    for row in report.rows_of(result)
                ],
            }
            for result in report.results
        ],
        "problems": [
            {"check": p.plugin, "error": p.error, "hint": p.hint} for p in report.problems
        ],
        "not_translated": list(report.untranslated),
    }


def render(report: ValidationReport) -> str:
    """Return a validation as JSON text."""
    return json.dumps(document(report), ensure_ascii=False, indent=2) + "\n"
