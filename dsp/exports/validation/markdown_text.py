"""A validation in Markdown, for summaries of CI runs and for tickets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dsp.exports.cells import as_text
from dsp.exports.marks import inline
from dsp.exports.validation.report import (
    ValidationReport,
    allowed,
    place,
    rows_in_words,
    values,
)
from dsp.records import CheckResult

MAX_COLUMNS = 6
MAX_VALUE = 80


def render(report: ValidationReport) -> str:
    """Return a validation in Markdown; names and values of the data are escaped."""
    mark = "✅" if report.is_passed else "❌"
    counts = report.counts
    lines = [
        f"# {mark} Validation of {inline(report.title)}",
        "",
        f"**{report.verdict}** {report.size}, {report.checked_at:%Y-%m-%d %H:%M} UTC.",
        "",
        *_table(
            ("checks", "passed", "failed", "notes", "not evaluated"),
            [[f"{n:,}" for n in counts.values()]],
        ),
    ]
    for result in report.failed:
        lines += _failed(report, result)
    if report.not_evaluated:
        lines += ["## Not evaluated", ""]
        lines += [f"- {inline(r.name)}: {_reason(r)}" for r in report.not_evaluated]
        lines += [""]
    if report.untranslated:
        lines += ["## Not checked", ""]
        lines += [f"- {inline(line)}" for line in report.untranslated]
        lines += [""]
    if report.passed:
        lines += [f"## Passed ({len(report.passed)})", ""]
        lines += [f"- {inline(r.observed)}" for r in report.passed]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _failed(report: ValidationReport, result: CheckResult) -> list[str]:
    lines = [f"## {result.severity}: {inline(result.name)}", "", inline(result.observed)]
    tolerated = allowed(result)
    if tolerated:
        lines[-1] += f" Allowed: {tolerated}."
    lines += [""]
    rows = report.rows_of(result)
    if not rows:
        return lines
    found = [values(row, result.columns) for row in rows]
    names = list(dict.fromkeys(name for row in found for name in row))[:MAX_COLUMNS]
    lines += [f"{rows_in_words(result, len(rows))}:", ""]
    cells = [
        [place(row), *(_cell(of.get(name)) for name in names)]
        for row, of in zip(rows, found, strict=True)
    ]
    return lines + _table(["", *map(inline, names)], cells)


def _cell(value: object) -> str:
    text = as_text(value)
    return "–" if text is None else inline(text, limit=MAX_VALUE)


def _reason(result: CheckResult) -> str:
    return inline((result.reason or "").rstrip(".")) + "."


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(headings)} |",
        f"|{' --- |' * len(headings)}",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]
