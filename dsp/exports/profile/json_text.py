"""A profile as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from dsp.engine.store import plain
from dsp.exports.profile.report import ProfileReport, other_records
from dsp.records import HistogramBin

SCHEMA = "dsp.profile/1"


def document(report: ProfileReport, *, with_sql: bool = False) -> dict[str, Any]:
    """Return a profile as the document that ``dsp profile --json`` writes.

    Keys are added within a version of the schema, never renamed or removed. Every value
    is strict JSON: what is undefined is null.

    Parameters
    ----------
    with_sql
        Keep the query of every figure; without, ``profile_sql`` and ``evidence_sql`` are
        left out, which makes the document several times smaller.
    """
    ms, n_bytes = report.elapsed_ms, report.peak_memory_bytes
    return {
        "schema": SCHEMA,
        "source": report.source,
        "profiled_at": report.profiled_at.isoformat(),
        "n_rows": report.n_rows,
        "n_columns": report.n_columns,
        "n_missing": report.n_missing,
        "missing_fraction": report.missing_fraction,
        "n_duplicate_rows": report.n_duplicate_rows,
        "n_rejected": report.n_rejected,
        "elapsed_ms": None if ms is None else round(ms, 3),
        "peak_memory_bytes": n_bytes,
        **report.facts,
        "columns": [
            {
                **_flat(column, with_sql=with_sql),
                "histogram": [
                    _flat(row, with_sql=with_sql, own=True)
                    for row in report.bins.get(column.column_name, ())
                ],
                "other_histograms": _by_kind(
                    report.other_bins.get(column.column_name, ()), with_sql=with_sql
                ),
                "top_values": [
                    _flat(row, with_sql=with_sql, own=True)
                    for row in report.top_values.get(column.column_name, ())
                ],
            }
            for column in report.columns
        ],
        "relations": [_flat(row, with_sql=with_sql) for row in report.associations],
        "dependencies": [_flat(row, with_sql=with_sql) for row in report.dependencies],
        "keys": [list(key) for key in report.keys],
        "alerts": [asdict(alert) for alert in report.alerts],
        "problems": [
            {"plugin": p.plugin, "error": p.error, "hint": p.hint}
            for p in report.problems
        ],
        "tables": {
            name: [_flat(row, with_sql=with_sql) for row in rows]
            for name, rows in other_records(report)
        },
    }


def render(report: ProfileReport, *, with_sql: bool = False) -> str:
    """Return a profile as JSON text."""
    shown = document(report, with_sql=with_sql)
    return json.dumps(shown, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _by_kind(bins: Iterable[HistogramBin], *, with_sql: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in bins:
        found.setdefault(row.kind, []).append(_flat(row, with_sql=with_sql, own=True))
    return found


def _flat(record: object, *, with_sql: bool, own: bool = False) -> dict[str, Any]:
    """Return a record as JSON holds it; `own` rows stand below their column."""
    left_out = set() if with_sql else {"profile_sql", "evidence_sql"}
    left_out |= {"column_name"} if own else set()
    return {name: v for name, v in plain(record).items() if name not in left_out}
