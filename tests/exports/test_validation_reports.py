"""Reports of a validation: what CI servers, people and programs read; nothing runs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pyarrow as pa
import pytest

import dsp
from dsp.checks import DataValidator
from dsp.engine.sandbox import open_results
from dsp.errors import SettingError
from dsp.exports.validation import ValidationReport, document, write_reports
from dsp.records import CheckResult, FailureRow
from dsp.registry import plugins

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

CHROMIUM = Path("/usr/bin/chromium")
PAYLOADS = (
    "<script>window.hit=1</script>",
    "</script><script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "<svg onload=window.hit=1>",
    "\"><iframe srcdoc='<script>parent.hit=1</script>'>",
    "' onmouseover='window.hit=1",
    "</style><script>window.hit=1</script>",
    "</title><script>window.hit=1</script>",
    "]]><script>window.hit=1</script>",
    "<!--<script>window.hit=1//-->",
    '<a href="javascript:window.hit=1">x</a>',
    '</pre></details><object data="javascript:window.hit=1">',
)
ODD = ("a\x00b\x08c\x1b[31md\x7f\ufffe\u202e", "=1+1", "a|b", "`x`", "[x](http://y.z)")


@pytest.fixture
def report(engine: DuckEngine) -> ValidationReport:
    """Return a report in which every payload is a name, a value and a title."""
    values = [*ODD, *PAYLOADS, None]
    names = (*PAYLOADS, "control\x01", "=1+1")
    engine.put(pa.table(dict.fromkeys(names, values)), "data")
    rules = [dsp.rule("one_of", n, values=["x"], name=f"rule {n}") for n in names]
    rules += [
        dsp.rule("one_of", "=1+1", values=["x"], name="twice"),
        dsp.rule("one_of", "=1+1", values=["x"], name="twice"),
        dsp.rule("in_range", "<b>missing</b>", min=0),
        dsp.rule("not_null", "=1+1", severity="info"),
        dsp.rule(
            "not_null",
            "=1+1",
            severity="warning",
            where="coalesce(\"=1+1\", '') <> ']]>'",
        ),
        dsp.rule("not_null", "=1+1", tolerance={"share": 0.5, "count": 3}),
        dsp.rule("not_null", "=1+1", where="false"),
    ]
    found = DataValidator(engine).validate(engine.table("data"), rules=rules)
    return ValidationReport(
        source=f"folder/{PAYLOADS[2]}\x02.csv",
        n_rows=len(values),
        n_columns=len(names),
        checked_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        results=found.results,
        failures=found.failures,
        problems=found.problems,
        failing=frozenset(r.check_id for r in found.failing("error")),
    )


def rendered(report: ValidationReport, folder: Path, suffix: str) -> str:
    (path,) = write_reports(report, [folder / f"report{suffix}"])
    return path.read_text(encoding="utf-8")


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - it was written here


def test_counts_and_verdict(report: ValidationReport):
    assert report.counts == {
        "checks": 21,
        "passed": 1,
        "failed": 17,
        "notes": 1,
        "not_evaluated": 2,
    }
    assert report.verdict == (
        "16 checks failed with severity error or worse; 1 rule could not be evaluated; "
        "1 failed below that (of 21 checks)."
    )


TEXTS = {"name", "classname", "time", "timestamp", "hostname", "message", "type", "value"}
NUMBERS = {"tests", "failures", "errors", "skipped"}
CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase"],
    "properties": ["property"],
    "testcase": ["failure", "error", "skipped", "system-out"],
}


def test_junit_has_the_usual_shape(report: ValidationReport, tmp_path: Path):
    root = parsed(rendered(report, tmp_path, ".xml"))
    assert root.tag == "testsuites"
    for element in root.iter():
        assert {child.tag for child in element} <= set(CHILDREN.get(element.tag, []))
        assert set(element.attrib) <= TEXTS | NUMBERS
        assert all(
            element.attrib[name].isdigit() for name in NUMBERS & set(element.attrib)
        )
    (suite,) = root
    cases = suite.findall("testcase")
    assert all(len(case) <= 1 for case in cases)
    assert int(suite.attrib["tests"]) == len(cases) == len(report.results)
    for total, tag in (("failures", "failure"), ("errors", "error"), ("skipped",) * 2):
        assert int(suite.attrib[total]) == len(suite.findall(f"testcase/{tag}"))
    assert len({(c.attrib["classname"], c.attrib["name"]) for c in cases}) == len(cases)
    datetime.fromisoformat(suite.attrib["timestamp"])


def test_junit_tells_failures_errors_and_skipped_apart(
    report: ValidationReport, tmp_path: Path
):
    root = parsed(rendered(report, tmp_path, ".xml"))
    found = {
        case.attrib["name"]: [child.tag for child in case]
        for case in root.iter("testcase")
    }
    by_outcome = {
        tag: sum(tags == [tag] for tags in found.values())
        for tag in ("failure", "error", "skipped", "system-out")
    }
    assert by_outcome == {
        "failure": sum(r.check_id in report.failing for r in report.failed),
        "error": 1,
        "skipped": len(report.not_evaluated) - 1,
        "system-out": sum(r.check_id not in report.failing for r in report.failed),
    }
    assert found["twice"] == found["twice (2)"] == ["failure"]
    text = "".join(root.itertext())
    assert all(payload in text for payload in PAYLOADS)
    assert "a\ufffdb\ufffdc\ufffd[31md" in text
    assert "row 1: " in text


class Elements(HTMLParser):
    """Collects what a page would make of its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}


def test_html_holds_nothing_that_runs(report: ValidationReport, tmp_path: Path):
    page = Elements()
    text = rendered(report, tmp_path, ".html")
    page.feed(text)
    assert not page.tags & {"script", "img", "iframe", "object", "a", "link", "form"}
    assert not {name for name in page.names if name.startswith("on")}
    assert not page.names & {"style", "src", "href", "srcdoc"}
    assert "default-src 'none'" in text
    assert "\x00" not in text
    assert "\x1b" not in text


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")
def test_html_in_a_browser_does_nothing_and_fits(
    report: ValidationReport, chromium: Any, tmp_path: Path
):
    path = tmp_path / "report.html"
    write_reports(report, [path])
    page = chromium.new_context(offline=True).new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("request", lambda request: heard.append(request.url))
    page.goto(path.as_uri())
    assert heard == [path.as_uri()]
    assert page.evaluate("window.hit === undefined")
    for width in (320, 390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.context.close()


def test_markdown_shows_names_and_values_as_text(
    report: ValidationReport, tmp_path: Path
):
    text = rendered(report, tmp_path, ".md")
    assert "<script" not in text
    assert "<img" not in text
    assert re.search(r"(?<!\\)\]\(", text) is None
    assert "http://" not in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in tables}
    assert widths == {6, 8}
    assert text.startswith("# ❌ Validation of ")


def test_json_keeps_its_schema(report: ValidationReport, tmp_path: Path):
    found = json.loads(rendered(report, tmp_path, ".json"))
    assert found == json.loads(json.dumps(document(report)))
    assert list(found) == [
        "schema", "source", "checked_at", "n_rows", "n_columns", "passed", "fail_on",
        "counts", "checks", "problems", "not_translated",
    ]  # fmt: skip
    assert (found["schema"], found["passed"]) == ("dsp.validation/1", False)
    check = found["checks"][0]
    assert set(check) >= {"check_id", "outcome", "severity", "n_failed", "is_failing"}
    assert check["failures"][0]["row_number"] == 1
    assert check["failures"][0]["row"][PAYLOADS[0]] == ODD[0]
    assert found["problems"][0]["check"] == "in_range.<b>missing</b>"


@pytest.mark.parametrize("suffix", [".html", ".md", ".json", ".xml"])
def test_what_no_rule_could_express_is_said(suffix: str, tmp_path: Path):
    text = rendered(one(untranslated=("items of tags",)), tmp_path, suffix)
    assert "items of tags" in text


def one(**changes: Any) -> ValidationReport:
    result = CheckResult(
        check_id="c0001", kind="k", name="n", columns=("x",), dimension="validity",
        severity="warning", outcome="failed", expectation="e", observed="o.", n_rows=2,
        n_failed=1, failed_fraction=0.5, tolerance=0.0, action="a", evidence_sql="",
    )  # fmt: skip
    row = FailureRow(
        check_id="c0001", sample=1, row_number=1, row='{"x": 5}', line_number=7
    )
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    made = ValidationReport(
        source="a.csv", n_rows=2, n_columns=1, checked_at=moment, results=(result,),
        failures=(row,),
    )  # fmt: skip
    return replace(made, **changes)


def test_what_fails_below_the_level_passes(tmp_path: Path):
    report = one()
    assert report.is_passed
    assert report.verdict == (
        "No check failed with severity error or worse; 1 failed below that (of 1 check)."
    )
    case = next(parsed(rendered(report, tmp_path, ".xml")).iter("testcase"))
    assert [child.tag for child in case] == ["system-out"]
    assert "line 7: x=5" in (case[0].text or "")
    assert rendered(report, tmp_path, ".md").startswith("# ✅ Validation of a.csv")


def test_a_file_that_says_no_format_is_refused(tmp_path: Path):
    with pytest.raises(SettingError, match=r"no report format for report\.pdf"):
        write_reports(one(), [tmp_path / "ok.md", tmp_path / "report.pdf"])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match=r"cannot write .*report\.md"):
        write_reports(one(), [tmp_path / "file" / "report.md"])


def test_a_run_exports_the_same_report(finished_run: Path, tmp_path: Path):
    results = open_results(finished_run / "results.duckdb")
    (page,) = plugins("exports")["checks"].write(results, tmp_path)
    (junit,) = plugins("exports")["junit"].write(results, tmp_path)
    results.close()
    assert "<h2>Passed (" in page.read_text("utf-8")
    suite = parsed(junit.read_text("utf-8"))[0]
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase")) >= 1
