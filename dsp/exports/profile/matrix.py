"""The strongest measure of every pair, as the page draws it: a heat map."""

from __future__ import annotations

from typing import Any

from dsp.exports.profile.report import ProfileReport
from dsp.exports.profile.words import measure_name, shown
from dsp.records import Association

MOST = 40
"""Columns of the heat map."""


def matrix(report: ProfileReport) -> dict[str, Any]:
    """Return names and cells of the heat map; empty where fewer than three relate.

    A cell is row, column, measure (its place among ``measures``), value.
    """
    best: dict[frozenset[str], Association] = {}
    for row in report.associations:
        pair = frozenset((row.column_a, row.column_b))
        if row.value is not None and (
            pair not in best or abs(row.value) > abs(best[pair].value or 0.0)
        ):
            best[pair] = row
    names = _ordered(report, {name for pair in best for name in pair})
    if len(names) < 3:
        return {}
    place = {name: i for i, name in enumerate(names)}
    measures = sorted({row.measure for row in best.values()})
    cells = [
        [
            *sorted((place[row.column_a], place[row.column_b])),
            measures.index(row.measure),
            round(row.value or 0.0, 3),
        ]
        for row in best.values()
        if row.column_a in place and row.column_b in place
    ]
    return {
        "names": [shown(name, 60) for name in names],
        "measures": [measure_name(measure) for measure in measures],
        "cells": sorted(cells),
    }


def _ordered(report: ProfileReport, known: set[str]) -> list[str]:
    """Return at most 40 names of related columns: clusters first, then by position."""
    clusters = {
        row.column_name: row.cluster_position for row in report.table("collinearity")
    }
    names = [c.column_name for c in report.columns if c.column_name in known]
    # Those in no cluster stay behind them, in the order of the table.
    return sorted(names[:MOST], key=lambda name: clusters.get(name, len(names) + MOST))
