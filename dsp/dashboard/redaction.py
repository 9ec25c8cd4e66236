"""What a page leaves out when it is handed on: values of text, groups of few rows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from dsp.dashboard.content import Content
from dsp.engine import DuckEngine
from dsp.engine.duckdb_engine import quote
from dsp.records import CheckResult, TopValue

MAX_LEVELS = 2_000
CUT = 16
"""Characters of a long value that give it away."""
WITHHELD = "Withheld: it names values of text columns."


def redacted(engine: DuckEngine, content: Content) -> Content:
    """Return contents that hold no value of a text column.

    Findings, checks and charts that name such a value are left out; the page says how
    many.
    """
    named = _pattern(engine, content)
    if named is None:
        return replace(content, is_redacted=True)

    def tells(*texts: object) -> bool:
        return any(named.search(str(text)) for text in texts if text is not None)

    names = {c.column_name for c in content.columns if c.family == "text"}
    said = [
        i
        for i in content.insights
        if tells(i.title, i.statement, i.recommendation, i.evidence_sql, i.segment_value)
    ]
    gone = {i.insight_id for i in said}
    rows = {
        name: data
        for name, data in content.chart_rows.items()
        if not any(
            tells(cell) for row in data["rows"] for cell in row if isinstance(cell, str)
        )
    }
    left = [c for c in content.charts if c.chart_id in rows and c.insight_id not in gone]
    n_charts = len(content.charts) - len(left)
    n_said = sum(i.is_said for i in said)
    notes = (
        [f"{n_said} insights name values of text columns and are withheld"]
        if n_said
        else []
    )
    if n_charts:
        notes.append(f"{n_charts} charts show values of text columns and are withheld")
    return replace(
        content,
        is_redacted=True,
        insights=[i for i in content.insights if i.insight_id not in gone],
        charts=left,
        chart_rows=rows,
        checks=[_check(c) if tells(c.observed, c.action) else c for c in content.checks],
        top_values={n: v for n, v in content.top_values.items() if n not in names},
        kpis=[k for k in content.kpis if not tells(k.label)],
        withheld=(*content.withheld, *notes),
    )


def of_few_rows(content: Content, min_cell: int) -> Content:
    """Return contents without values and bars that stand for fewer rows."""
    if min_cell <= 1:
        return content
    tops: dict[str, list[TopValue]] = {
        name: [v for v in values if v.n_rows >= min_cell]
        for name, values in content.top_values.items()
    }
    return replace(
        content,
        top_values=tops,
        chart_rows={
            n: {**d, "rows": []} if _counts_few(n, d, min_cell) else _enough(d, min_cell)
            for n, d in content.chart_rows.items()
        },
        withheld=(
            *content.withheld,
            f"groups of fewer than {min_cell} rows are not shown",
        ),
    )


def _counts_few(chart_id: str, data: dict[str, Any], min_cell: int) -> bool:
    """Tell whether a chart of a finding shows counts that are too small."""
    if chart_id.startswith(("explore_", "model_")) or "value" not in data["columns"]:
        return False
    place = data["columns"].index("value")
    values = [row[place] for row in data["rows"] if row[place] is not None]
    are_counts = bool(values) and all(float(v) == int(v) and v >= 0 for v in values)
    return are_counts and any(0 < v < min_cell for v in values)


def _enough(data: dict[str, Any], min_cell: int) -> dict[str, Any]:
    if "n_rows" not in data["columns"]:
        return data
    place = data["columns"].index("n_rows")
    kept = [row for row in data["rows"] if row[place] is None or row[place] >= min_cell]
    return {**data, "rows": kept}


def _check(check: CheckResult) -> CheckResult:
    return replace(check, observed=WITHHELD, action="")


def _pattern(engine: DuckEngine, content: Content) -> re.Pattern[str] | None:
    """Return what finds a value of a text column in a sentence."""
    values: set[str] = set()
    for column in content.columns:
        if column.family != "text":
            continue
        values |= {
            str(v.value)
            for v in content.top_values.get(column.column_name, [])
            if v.value is not None
        }
        if column.n_distinct <= MAX_LEVELS:
            name = quote(column.column_name)
            found = engine.rows(f"select distinct {name} from clean.data")
            values |= {str(row[0]) for row in found if row[0] is not None}
    texts = sorted((v for v in values if v.strip()), key=len, reverse=True)
    if not texts:
        return None
    choices = "|".join(re.escape(text) for text in texts)
    # Sentences and labels cut long values: their beginnings tell who they are as well.
    begun = sorted({re.escape(text[:CUT]) for text in texts if len(text) > CUT})
    longer = f"|(?<!\\w)(?:{'|'.join(begun)})" if begun else ""
    return re.compile(rf"(?<!\w)(?:{choices})(?!\w){longer}")
