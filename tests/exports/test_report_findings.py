"""The part of the report on findings: what is said, what is not, and how sure it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from dsp.exports.insights.json_text import document
from dsp.exports.insights.markdown_text import (
    faults,
    findings,
    headlines,
    next_steps,
    not_found,
)
from dsp.numbers import NBSP
from dsp.records import DetectorTests, Insight


def insight(rank: int, kind: str = "driver", **values: Any) -> Insight:
    given: dict[str, Any] = {
        "insight_id": f"i{rank}",
        "rank": rank,
        "score": 1 / rank,
        "asserted": True,
        "kind": kind,
        "title": f"Finding {rank}",
        "columns": ("x", "y"),
        "n_rows": 250,
        "unit": "row",
        "p_value": 1e-9,
        "q_value": 1e-7,
        "n_tests": 400,
        "correction": "holm",
        "severity": "notable",
        "statement": f"Statement {rank}.",
        "recommendation": f"Advice {rank}.",
        "evidence_sql": f"select {rank}",
    }
    return Insight(**(given | values))


def text(lines: list[str]) -> str:
    return "\n".join(lines).replace(NBSP, " ").replace("&lt;", "<")


SET = [
    insight(1, value=12.0, baseline=8.0, effect=1.5, effect_name="cohens_d"),
    insight(2, "leakage", recommendation="Leave x out."),
    insight(3, "missing_values", p_value=None, q_value=None),
    insight(4, explained_by="i1"),
    insight(5, asserted=False, p_value=0.002, q_value=0.8),
    insight(6, asserted=False, p_value=0.001, q_value=0.4),
]


def test_the_summary_puts_faults_first_and_facts_last() -> None:
    lines = headlines(SET)
    assert lines[:3] == [
        "Mind first: **Finding 2**.",
        "**Finding 1.**",
        "**Finding 3.**",
    ]
    assert lines[3].startswith("2 findings hold among 400 tests; ")
    assert lines[3].endswith("at most 0.5%.")


def test_without_findings_the_summary_says_so() -> None:
    assert headlines(SET[4:]) == [
        "No finding passed its test; see below what was tested."
    ]


def test_a_finding_has_figures_scope_limit_advice_and_query() -> None:
    found = text(findings(SET[:1] + SET[3:4], n_rows=1000, n_read=1000))
    assert found.startswith("## Findings\n\n### 1. Finding 1\n\nStatement 1.\n")
    assert (
        "- Figures: 12 against 8; Cohen's d 1.5; q < 0.001 over 400 tests (holm)" in found
    )
    assert "- Scope: 250 rows (25.0%)\n" in found
    assert "- Limit: tested on rows; an association, not proof of cause\n" in found
    assert "- Next: Advice 1.\n" in found
    assert "- Explains: Finding 4\n" in found
    assert "```sql\nselect 1\n```" in found
    assert "### 2" not in found


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"unit": "day"}, "- Limit: days, not rows, are the observations;"),
        ({"stability": 0.9}, "; holds in 90.0% of random halves of the rows;"),
        ({"q_value": None}, "- Limit: counted, not tested"),
        ({"kind": "leakage"}, "- Limit: tested on rows\n"),
        ({"statement": "No proof of cause."}, "- Limit: tested on rows\n"),
        (
            {"segment_column": "city", "segment_value": "Bern"},
            "- Scope: 250 rows (25.0%); where city is Bern\n",
        ),
        ({"time_start": "2024-05-03"}, "(25.0%); 3 May 2024\n"),
        (
            {"time_start": "2024-05-03", "time_end": "2024-06-01"},
            "; 3 May 2024 to 1 Jun 2024\n",
        ),
        ({"period": "weekly"}, "; weekly cycle\n"),
        ({"lag": 3}, "; 3 days later\n"),
    ],
)
def test_scope_and_limit_say_what_was_tested(values: dict[str, Any], part: str) -> None:
    shown = [replace(insight(1), **values)]
    assert part in text(findings(shown, n_rows=1000, n_read=1000))


def test_a_sample_is_said() -> None:
    found = text(findings(SET[:1], n_rows=1000, n_read=400))
    assert "tested on a random sample of 400 rows" in found


def test_many_findings_are_listed_by_title() -> None:
    found = text(findings([insight(i) for i in range(1, 16)], n_rows=1000, n_read=1000))
    assert re.findall(r"^### (\d+)\.", found, re.MULTILINE)[-1] == "12"
    assert "### More findings\n\n- 13. Finding 13\n- 14. Finding 14\n" in found


def test_what_was_not_found_is_told_with_its_tests() -> None:
    tests = [
        DetectorTests(
            detector="segment_outlier",
            n_tests=300,
            n_found=1,
            n_explained=1,
            n_set_aside=2,
            smallest_q=0.4,
            n_rows=1000,
        ),
        DetectorTests(
            detector="trend",
            n_tests=100,
            n_found=0,
            n_explained=0,
            n_set_aside=0,
            n_rows=1000,
        ),
    ]
    found = text(not_found(SET, tests))
    near = "2 tests came near a finding and did not pass:\n\n"
    assert f"{near}- Finding 6 (p = 0.001, q = 0.400)\n- Finding 5 (p = 0.002" in found
    assert "- Finding 4 (by: Finding 1)\n" in found
    assert "All 400 tests count" in found
    assert "| segment outlier | 300 | 1 | 1 | 2 | q = 0.400 |" in found
    assert "| trend | 100 | 0 | 0 | 0 | – |" in found


def test_nothing_near_is_said_too() -> None:
    found = text(not_found([insight(1)], []))
    assert "Nothing else stood out in 400 tests." in found


def test_faults_come_first_in_caveats_and_steps() -> None:
    assert faults(SET) == ["- **fault**: Finding 2"]
    assert next_steps(SET, [])[2:-1] == ["- Leave x out.", "- Advice 1.", "- Advice 3."]


def test_time_and_segment_are_one_key_each() -> None:
    found = document(
        [
            insight(1, time_start="2024-05-03", segment_column="a", segment_value="b"),
            insight(2, time_start="2024-05-03", time_end="2024-05-09"),
        ]
    )
    assert [entry["time"] for entry in found] == [
        "2024-05-03",
        ["2024-05-03", "2024-05-09"],
    ]
    assert [entry["segment"] for entry in found] == [{"column": "a", "value": "b"}, None]
    assert "segment_value" not in found[0]
