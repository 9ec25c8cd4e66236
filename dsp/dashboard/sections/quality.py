"""The data quality section: score, missing values and findings."""

from __future__ import annotations

from typing import Any

from dsp import numbers
from dsp.dashboard.content import Content
from dsp.dashboard.marks import clean, cut, mark
from dsp.dashboard.sections.counts import stored_count
from dsp.records import CheckResult


def quality(content: Content) -> dict[str, Any]:
    """Return score, dimensions, missing values and findings."""
    order = {"failed": 0, "not_evaluated": 2}
    weight = {"critical": 0, "error": 1, "warning": 2, "info": 3}
    checks = sorted(
        content.checks,
        key=lambda c: (
            order.get(c.outcome, 1) if c.outcome != "passed" else 3,
            weight.get(c.severity, 4),
            -c.failed_fraction,
        ),
    )
    lost = sorted((m for m in content.missing if m[1]), key=lambda m: -m[2])[:12]
    figure = content.figures.get("quality")
    value = None if figure is None else figure.value
    return {
        "score": mark(numbers.score(value), value, "figures", "value", "quality"),
        "dimensions": [
            {
                "name": name.capitalize(),
                "class": "" if score >= 0.99 else " w",
                "width": f"{100 * score:.2f}",
                "share": mark(numbers.share(score), score, "quality", "score", name),
            }
            for name, score in content.quality
        ],
        "missing": [
            {
                "name": cut(name, 40),
                "full": clean(name),
                "width": f"{max(100 * fraction, 0.7):.2f}",
                "share": mark(
                    numbers.share(fraction), fraction, "missing", "fraction", name
                ),
            }
            for name, _, fraction in lost
        ],
        "checks": [_check(c) for c in checks if c.outcome != "passed"][:60],
        "passed_checks": [_check(c) for c in checks if c.outcome == "passed"][:60],
        "is_checked": bool(checks),
        "passed": stored_count(content, "checks_passed"),
        "failed": stored_count(content, "checks_failed"),
        "noted": stored_count(content, "checks_noted"),
        "evaluated": stored_count(content, "checks", "check"),
    }


def _check(check: CheckResult) -> dict[str, Any]:
    words = {
        "critical": "Critical",
        "error": "Error",
        "warning": "Warning",
        "info": "Note",
    }
    if check.outcome == "passed":
        look = ("ok", "ok", "Passed")
    elif check.outcome == "not_evaluated":
        look = ("info", "x", "Not checked")
    else:
        is_bad = check.severity in ("critical", "error")
        kind = "bad" if is_bad else "warn"
        look = ("info", "bad", "") if check.severity == "info" else (kind, kind, "")
    seen = check.reason if check.outcome == "not_evaluated" else check.observed
    column = "reason" if check.outcome == "not_evaluated" else "observed"
    key = check.check_id
    return {
        "class": look[0],
        "icon": look[1],
        "result": look[2] or words.get(check.severity, check.severity),
        "name": cut(check.name, 60),
        "columns": [cut(c, 40) for c in check.columns[:3]],
        "more": max(0, len(check.columns) - 3),
        "text": mark(cut(seen or "", 300), seen, "checks", column, key),
        "n": mark(
            numbers.count(check.n_failed), check.n_failed, "checks", "n_failed", key
        ),
        "share": mark(
            numbers.share(check.failed_fraction),
            check.failed_fraction,
            "checks",
            "failed_fraction",
            key,
        ),
        "action": cut(check.action, 160) if check.action else "–",
    }
