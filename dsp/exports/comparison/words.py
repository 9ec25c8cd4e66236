"""Words and figures that the renderings of a comparison share."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dsp.exports.comparison.report import Comparison
from dsp.numbers import counted, number, p_value, shape, share, signed
from dsp.records.comparison import ComparedColumn, DriftMeasure, SchemaDifference

MEASURES = {
    "psi": "Population stability index",
    "jensen_shannon": "Jensen-Shannon distance",
    "ks": "Kolmogorov-Smirnov distance",
    "chi_square": "Chi-square",
    "mean_shift": "Shift of the mean",
    "missing": "Missing values",
    "new_values": "Rows with new values",
    "out_of_range": "Rows out of range",
}
SHORT = {
    "psi": "PSI",
    "jensen_shannon": "JS",
    "ks": "KS",
    "missing": "missing",
}
KINDS = {
    "changed": "Changed rows",
    "only_a": "Rows only in A",
    "only_b": "Rows only in B",
    "duplicated_key": "Keys that are not unique",
}
CHANGES = {
    "removed": "only in A",
    "added": "only in B",
    "renamed": "renamed",
    "type": "type",
    "nullable": "missing values",
    "moved": "position",
}


def sizes(report: Comparison) -> tuple[str, str]:
    """Return the sizes of A and B in words."""
    row = report.row
    return shape(row.n_rows_a, row.n_columns_a), shape(row.n_rows_b, row.n_columns_b)


def rows_said(report: Comparison) -> str:
    """Return in one sentence how rows were compared and what that gave."""
    row = report.row
    if row.n_unchanged is None:
        return f"Rows were not compared: {row.rows_reason}."
    if row.n_changed is None:
        how = (row.rows_reason or "").partition(": ")[0]
        return (
            f"Whole rows were counted, because {how}: {row.n_unchanged:,} in both, "
            f"{row.n_only_a:,} only in A, {row.n_only_b:,} only in B."
        )
    key = ", ".join(row.key)
    how = "" if row.key_origin == "given" else " (unique in both; not asked for)"
    parts = [
        f"{row.n_unchanged:,} the same",
        f"{row.n_changed:,} changed",
        f"{row.n_only_a:,} only in A",
        f"{row.n_only_b:,} only in B",
    ]
    if row.n_duplicated_a + row.n_duplicated_b:
        parts.append(
            f"{row.n_duplicated_a:,} in A and {row.n_duplicated_b:,} in B not matched, "
            "because their key is there more than once"
        )
    return f"Rows matched by {key}{how}: {', '.join(parts)}."


def change_said(item: SchemaDifference) -> str:
    """Return a difference of columns in words."""
    if item.change == "renamed":
        words = f"{item.a} → {item.b}"
        return f"perhaps {words}: {item.evidence}" if item.is_guess else words
    if item.change == "removed":
        return item.a or ""
    if item.change == "added":
        return item.b or ""
    return f"{item.a} → {item.b}"


def figures(report: Comparison, column: ComparedColumn) -> Iterator[tuple[str, str]]:
    """Yield the figures of a column that has been judged, with their names."""
    for name, measure in report.measures(column.column_name).items():
        is_none = measure.measure in ("new_values", "out_of_range") and not measure.value
        if measure.value is None or is_none:
            continue
        yield MEASURES[name], measure_said(measure)


def measure_said(measure: DriftMeasure) -> str:
    """Return a measure in words, with its q value."""
    value = measure.value or 0.0
    if measure.measure in ("new_values", "out_of_range"):
        return f"{share(value)} of B"
    if measure.measure == "missing":
        text = f"{share(measure.value_a)} → {share(measure.value_b)}"
    elif measure.measure == "mean_shift":
        means = f"{number(measure.value_a)} → {number(measure.value_b)}"
        text = f"{means} ({signed(f'{value:+.2f}')} sd)"
    elif measure.measure == "chi_square":
        text = f"{number(value)} (df {number(measure.df)})"
    else:
        text = f"{value:.3f}"
    if measure.q_value is not None:
        text += f", {p_value(measure.q_value, 'q')}"
    return text


def leading(report: Comparison, column: ComparedColumn) -> str:
    """Return the measure that decides on a column, short."""
    measure = report.measures(column.column_name).get(column.leading_measure or "")
    if measure is None or measure.value is None:
        return ""
    return f"{SHORT.get(measure.measure, measure.measure)} {abs(measure.value):.2f}"


def cells(text: str | None) -> dict[str, str | None]:
    """Return the values of a row in a sample."""
    found: dict[str, str | None] = json.loads(text) if text else {}
    return found


def sample_said(report: Comparison, kind: str, n_shown: int) -> str:
    """Return which of the rows of a kind are shown."""
    row = report.row
    n_all = {
        "changed": row.n_changed,
        "only_a": row.n_only_a,
        "only_b": row.n_only_b,
    }.get(kind)
    if n_all is None or n_all <= n_shown:
        return counted(n_shown, "row" if kind != "duplicated_key" else "key")
    return f"the first {n_shown} of {n_all:,}"
