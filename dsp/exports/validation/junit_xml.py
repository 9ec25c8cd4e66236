"""A validation as JUnit XML, which CI servers show as tests."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as ET

from dsp.exports.cells import as_text
from dsp.exports.validation.report import ValidationReport, place, values
from dsp.records import CheckResult

# What XML 1.0 cannot hold, not even escaped.
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MAX_VALUE = 200
MAX_COLUMNS = 12


def render(report: ValidationReport) -> str:
    """Return a validation as JUnit XML: one suite, one test a check.

    Checks that make the validation fail are failures, rules that could not be evaluated
    are errors, and checks without anything to look at are skipped. What fails below the
    severity that counts passes, and says so in its output.
    """
    tests = [_test(report, result) for result in report.results]
    kinds = Counter(child.tag for test in tests for child in test)
    totals = {
        "tests": str(len(tests)),
        "failures": str(kinds["failure"]),
        "errors": str(kinds["error"]),
        "skipped": str(kinds["skipped"]),
        "time": "0",
    }
    root = ET.Element("testsuites", {"name": "dsp validate", **totals})
    moment = report.checked_at.replace(microsecond=0, tzinfo=None).isoformat()
    named = {"name": _legal(report.source), **totals, "timestamp": moment}
    suite = ET.SubElement(root, "testsuite", named | {"hostname": "localhost"})
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("rows", report.n_rows),
        ("columns", report.n_columns),
        ("fail_on", report.fail_on),
        *(("not_checked", _legal(line)) for line in report.untranslated),
    ):
        ET.SubElement(properties, "property", {"name": name, "value": str(value)})
    _make_different(tests)
    suite.extend(tests)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(
        root, encoding="unicode"
    ) + "\n"  # fmt: skip


def _test(report: ValidationReport, result: CheckResult) -> ET.Element:
    test = ET.Element(
        "testcase",
        {
            "name": _legal(result.name),
            "classname": f"dsp.{result.dimension}.{result.kind}",
            "time": "0",
        },
    )
    is_failing = result.check_id in report.failing
    message = _legal(result.observed)
    if result.outcome == "failed" and is_failing:
        found = {"message": message, "type": result.severity}
        ET.SubElement(test, "failure", found).text = _details(report, result)
    elif result.outcome == "not_evaluated" and is_failing:
        found = {"message": message, "type": "not_evaluated"}
        ET.SubElement(test, "error", found).text = message
    elif result.outcome == "not_evaluated":
        ET.SubElement(test, "skipped", {"message": message})
    elif result.outcome == "failed":
        text = f"{result.severity}: {_details(report, result)}"
        ET.SubElement(test, "system-out").text = text
    return test


def _details(report: ValidationReport, result: CheckResult) -> str:
    """Return what was found, what should hold, and the failing rows, a line each."""
    lines = [result.observed, f"Expected: {result.expectation}"]
    for row in report.rows_of(result):
        found = list(values(row, result.columns).items())[:MAX_COLUMNS]
        shown = ", ".join(f"{name}={_value(value)}" for name, value in found)
        lines.append(f"{place(row)}: {shown}")
    lines += ["Counted by:", result.evidence_sql]
    return "\n".join(_legal(line) for line in lines)


def _value(value: object) -> str:
    text = as_text(value)
    if text is None:
        return "null"
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"


def _legal(text: str) -> str:
    return ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


def _make_different(tests: list[ET.Element]) -> None:
    """Give tests of one name numbers: CI servers keep one test a name."""
    seen: Counter[tuple[str, str]] = Counter()
    for test in tests:
        key = (test.get("classname", ""), test.get("name", ""))
        seen[key] += 1
        if seen[key] > 1:
            test.set("name", f"{key[1]} ({seen[key]})")
