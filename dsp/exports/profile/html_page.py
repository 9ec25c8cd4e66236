"""A profile as one page: offline, searched and drawn by a small script of its own.

The page holds each column as a short list, not as markup, and its script draws the cards
that are near the screen: 2,000 columns stay a few megabytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from dsp.exports.profile.extras import extras
from dsp.exports.profile.figures import column_facts, labels
from dsp.exports.profile.matrix import matrix
from dsp.exports.profile.report import ProfileReport
from dsp.exports.profile.timelines import timeline
from dsp.exports.profile.words import dependency, measure_name, shown
from dsp.numbers import correlation, counted, moment, p_value, seconds, share, size

FOLDER = Path(__file__).parent
MOST_RELATIONS = 200
"""Relations that are listed, strongest first."""
FIRST_RELATIONS = 15
"""Relations that are open at once."""
MOST_GAPS = 40
"""Columns that are drawn as bars of missing values."""
MOST_RULES, MOST_PATTERNS = 40, 8
"""Dependencies, and groups of columns that are missing together, that are listed."""
MOST_NAMES = 24
"""Columns that an alert names."""


def render(report: ProfileReport) -> str:
    """Return a profile as a page; names and values of the data are escaped."""
    script, style = _asset("page.js"), _asset("page.css")
    policy = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    text: str = (
        _environment()
        .get_template("page.html.j2")
        .render(
            policy=policy,
            script=_safe(script),
            style=_safe(style),
            data=_safe(_json(_data(report))),
            title=shown(Path(report.source).name or report.source, 90),
            source=shown(report.source, 200),
            when=moment(report.profiled_at),
            took=_took(report),
            tiles=_tiles(report),
            alerts=_alerts(report),
            gaps=_gaps(report),
            n_columns=report.n_columns,
            columns=counted(report.n_columns, "column"),
            relations=[_relation(row) for row in report.strongest[:MOST_RELATIONS]],
            first=FIRST_RELATIONS,
            n_relations=len(report.strongest),
            keys=[" + ".join(shown(n, 60) for n in key) for key in report.keys[:20]],
            dependencies=_dependencies(report),
            patterns=_patterns(report),
            times=[(shown(a, 60), shown(b, 200)) for a, b in timeline(report)],
            problems=[shown(p.error, 300) for p in report.problems[:20]],
        )
    )
    return text


def _data(report: ProfileReport) -> dict[str, Any]:
    alerts: dict[str, list[list[str]]] = {}
    for alert in report.alerts:
        if alert.column_name is not None:
            row = [alert.severity, shown(alert.text, 120)]
            alerts.setdefault(alert.column_name, []).append(row)
    special = extras(report)
    return {
        "labels": labels(),
        "columns": [
            column_facts(
                report,
                column,
                alerts.get(column.column_name, []),
                special.get(column.column_name, []),
            )
            for column in report.columns
        ],
        "matrix": matrix(report),
    }


def _tiles(report: ProfileReport) -> list[tuple[str, str, str]]:
    """Return figure, label and colour of each tile."""
    found = [
        (f"{report.n_rows:,}", "rows", ""),
        (f"{report.n_columns:,}", "columns", ""),
        (share(report.missing_fraction), "cells missing", ""),
    ]
    if report.n_duplicate_rows is not None:
        n = report.n_duplicate_rows
        found.append((f"{n:,}", "duplicate rows", "bad" if n else ""))
    n_warnings = sum(a.severity == "warning" for a in report.alerts)
    found.append((f"{n_warnings:,}", "warnings", "bad" if n_warnings else "good"))
    return found


def _took(report: ProfileReport) -> str:
    parts = []
    if report.elapsed_ms is not None:
        parts.append(seconds(report.elapsed_ms))
    if report.peak_memory_bytes:
        parts.append(size(report.peak_memory_bytes))
    return " · ".join(parts)


def _alerts(report: ProfileReport) -> list[dict[str, Any]]:
    """Return one entry a kind of alert, with the columns it is about."""
    kinds: dict[str, dict[str, Any]] = {}
    for alert in report.alerts:
        entry = kinds.setdefault(
            alert.kind,
            {
                "severity": alert.severity,
                "kind": alert.kind.replace("_", " "),
                "items": [],
                "n": 0,
            },
        )
        entry["n"] += 1
        if len(entry["items"]) < MOST_NAMES:
            name = "" if alert.column_name is None else shown(alert.column_name, 60)
            entry["items"].append((name, shown(alert.text, 160)))
    for entry in kinds.values():
        entry["more"] = entry["n"] - len(entry["items"])
    return list(kinds.values())


def _gaps(report: ProfileReport) -> list[tuple[str, float, str]]:
    """Return name, percentage and words of the columns that miss most values."""
    found = []
    for column in report.columns:
        missing = column.n_null + column.n_nan
        if missing:
            part = missing / column.n_rows
            found.append((shown(column.column_name, 60), 100 * part, share(part)))
    return sorted(found, key=lambda row: -row[1])[:MOST_GAPS]


def _relation(row: Any) -> dict[str, str]:
    return {
        "a": shown(row.column_a, 60),
        "b": shown(row.column_b, 60),
        "measure": measure_name(row.measure),
        "value": correlation(row.value),
        "width": f"{100 * min(1.0, abs(row.value)):.1f}",
        "sign": "down" if row.value < 0 else "up",
        "q": p_value(row.q_value, "q"),
        "n": f"{row.n_rows:,}",
    }


def _dependencies(report: ProfileReport) -> list[str]:
    return [shown(dependency(row), 240) for row in report.rules[:MOST_RULES]]


def _patterns(report: ProfileReport) -> list[tuple[str, str]]:
    """Return the columns that are missing together, and how often."""
    return [
        (", ".join(shown(name, 40) for name in row.columns[:6]), share(row.share))
        for row in report.table("missing_patterns")
        if row.n_columns > 1
    ][:MOST_PATTERNS]


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def _asset(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _safe(text: str) -> Any:
    """Return text of our own files, or JSON that is escaped already, as it is."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704


@cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
