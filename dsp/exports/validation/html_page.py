"""A validation as one static page: no script, no request, light and dark."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from html import escape
from pathlib import Path

from dsp.exports.cells import as_text
from dsp.exports.validation.report import (
    SEVERITIES,
    ValidationReport,
    allowed,
    place,
    rows_in_words,
    values,
)
from dsp.numbers import share
from dsp.records import CheckResult, FailureRow

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
MAX_VALUE = 300
MAX_COLUMNS = 24
MAX_SHORT = 32
"""Characters of values that are kept on one line."""
TILES = (
    ("passed", "good"),
    ("failed", "bad"),
    ("notes", "info"),
    ("not_evaluated", "info"),
)


def render(report: ValidationReport) -> str:
    """Return a validation as a page; names and values of the data are escaped."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    title = f"{_text(report.title)}: validation"
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>",
        _head(report),
        _failed(report),
        _not_evaluated(report),
        _not_checked(report),
        _passed(report),
        "</main></body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _head(report: ValidationReport) -> str:
    state, word = ("good", "Passed") if report.is_passed else ("bad", "Failed")
    counts = report.counts
    tiles = "".join(
        f'<div class="tile {kind if counts[key] else "none"}"><b>{counts[key]:,}</b>'
        f"<span>{key.replace('_', ' ')}</span></div>"
        for key, kind in TILES
    )
    return (
        f'<header><p class="kicker">Validation</p><h1>{_text(report.title)}</h1>'
        f'<p class="meta">{_text(report.source)} · {escape(report.size)} · '
        f"{report.checked_at.day} {report.checked_at:%B %Y, %H:%M} UTC</p>"
        f'<p class="verdict {state}"><b>{word}</b> {escape(report.verdict)}</p>'
        f'<div class="tiles">{tiles}</div>{_dimensions(report)}</header>'
    )


def _dimensions(report: ValidationReport) -> str:
    """Return one line a dimension of quality: how many of its checks passed."""
    n_all = Counter(r.dimension for r in report.results if r.outcome != "not_evaluated")
    n_passed = Counter(r.dimension for r in report.passed)
    rows = "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{_bar(n_passed[name] / n)}</td>"
        f"<td class='n'>{n_passed[name]} of {n}</td></tr>"
        for name, n in sorted(n_all.items())
    )
    return f'<table class="dimensions">{rows}</table>' if rows else ""


def _bar(fraction: float, kind: str = "good") -> str:
    """Return a bar as SVG: widths cannot be styles under the policy of the page."""
    width = max(0.5, 100 * fraction) if fraction else 0
    return (
        f'<svg class="bar {kind}" viewBox="0 0 100 6" preserveAspectRatio="none" '
        f'aria-hidden="true"><rect class="rail" width="100" height="6"/>'
        f'<rect class="fill" width="{width:.2f}" height="6"/></svg>'
    )


def _failed(report: ValidationReport) -> str:
    if not report.failed:
        return ""
    cards = "\n".join(_card(report, result) for result in report.failed)
    return f"<section><h2>What failed</h2>{cards}</section>"


def _card(report: ValidationReport, result: CheckResult) -> str:
    counts = "" if result.check_id in report.failing else " · does not count"
    facts = [("Expected", _text(result.expectation))]
    if result.rule_id:
        facts.append(("Rule", f"<code>{_text(result.rule_id)}</code>"))
    if allowed(result):
        facts.append(("Allowed", escape(allowed(result))))
    if result.row_filter:
        facts.append(("Only where", f"<code>{_text(result.row_filter)}</code>"))
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    return (
        f'<article class="{result.severity}"><p class="tag"><b>{result.severity}</b> '
        f"{escape(result.dimension)}{counts}</p>"
        f"<h3>{_text(result.name)}</h3><p>{_text(result.observed)}</p>"
        f"{_share(result)}<dl>{listed}</dl>{_sample(report, result)}"
        f"<details><summary>Query that counts it again</summary>"
        f"<pre>{_text(result.evidence_sql, limit=20_000)}</pre></details></article>"
    )


def _share(result: CheckResult) -> str:
    if result.n_rows < 2 or not result.n_failed:
        return ""
    return (
        f'<p class="share">{_bar(result.failed_fraction, "fails")}'
        f"<span>{share(result.failed_fraction)}</span></p>"
    )


def _sample(report: ValidationReport, result: CheckResult) -> str:
    rows = report.rows_of(result)
    if not rows:
        return ""
    found = [values(row, result.columns) for row in rows]
    names = list(dict.fromkeys(name for row in found for name in row))[:MAX_COLUMNS]
    own = set(result.columns)
    head = "".join(
        f'<th scope="col"{_own(name in own)}>{_text(name, limit=60)}</th>'
        for name in names
    )
    body = "".join(
        f"<tr><th scope='row'>{_place(row)}</th>"
        + "".join(_cell(of.get(name), is_own=name in own) for name in names)
        + "</tr>"
        for row, of in zip(rows, found, strict=True)
    )
    caption = rows_in_words(result, len(rows))
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{caption}"><table>'
        f"<caption>{caption}</caption><thead><tr><td></td>{head}</tr>"
        f"</thead><tbody>{body}</tbody></table></div>"
    )


def _own(is_own: bool) -> str:  # noqa: FBT001 - one fact, named at the call
    return ' class="own"' if is_own else ""


def _place(row: FailureRow) -> str:
    return escape(place(row)).replace(" ", "&nbsp;")


def _not_evaluated(report: ValidationReport) -> str:
    if not report.not_evaluated:
        return ""
    blocked = {r.check_id for r in report.blocked}
    rows = "".join(
        f"<tr><td>{_text(r.name)}{_blocked(r.check_id in blocked)}</td>"
        f"<td>{_text(r.reason or '')}</td></tr>"
        for r in report.not_evaluated
    )
    head = '<tr><th scope="col">Check</th><th scope="col">Why</th></tr>'
    return (
        "<section><h2>Not evaluated</h2><div class='wide'><table class='list'>"
        f"<thead>{head}</thead><tbody>{rows}</tbody></table></div></section>"
    )


def _blocked(is_blocked: bool) -> str:  # noqa: FBT001 - one fact, named at the call
    return ' <b class="blocked">counts as failed</b>' if is_blocked else ""


def _not_checked(report: ValidationReport) -> str:
    """Return the parts of a schema that no rule could express."""
    if not report.untranslated:
        return ""
    items = "".join(f"<li>{_text(line)}</li>" for line in report.untranslated)
    return f"<section><h2>Not checked</h2><ul>{items}</ul></section>"


def _passed(report: ValidationReport) -> str:
    if not report.passed:
        return ""
    rows = "".join(f"<li>{_text(r.observed)}</li>" for r in report.passed)
    is_open = "" if report.failed else " open"
    return (
        f"<section><details{is_open}><summary><h2>Passed ({len(report.passed)})</h2>"
        f"</summary><ul class='passed'>{rows}</ul></details></section>"
    )


def _cell(value: object, *, is_own: bool) -> str:
    text = as_text(value)
    kinds = [kind for kind, holds in (("own", is_own), ("null", text is None)) if holds]
    if text is not None and len(text) <= MAX_SHORT:
        kinds.append("short")
    shown = "null" if text is None else _text(text)
    return f'<td class="{" ".join(kinds)}">{shown}</td>' if kinds else f"<td>{shown}</td>"


def _text(text: object, *, limit: int = MAX_VALUE) -> str:
    """Return text of the data, escaped, without characters that steer the page."""
    shown = str(text)
    shown = shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
    visible = "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for c in shown
    )
    return escape(visible)


__all__ = ["SEVERITIES", "render"]
