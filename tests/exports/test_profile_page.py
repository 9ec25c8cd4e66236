"""The page of a profile: what it holds, what it escapes, how large it gets."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import dsp
from dsp.exports.profile.html_page import render
from dsp.exports.profile.timelines import timeline
from tests.conftest import HOSTILE_NAMES

EVIL = "</script><img src=x onerror=alert(1)><!--"


def data_of(page: str) -> Any:
    found = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL
    )
    assert found is not None
    return json.loads(found.group(1))


def test_the_page_holds_the_figures() -> None:
    page = render(dsp.profile({"x": [1.0, 2.0, 4.0, None], "g": ["a", "a", "b", "a"]}))
    held = data_of(page)
    x, g = held["columns"]
    figures = dict(zip(held["labels"], x["g"], strict=False))
    assert (x["n"], x["m"], x["d"], sum(x["h"])) == ("x", 0.25, 3, 3)
    assert (figures["Mean"], figures["Median"], figures["Maximum"]) == ("2.33", "2", "4")
    assert g["v"] == [["a", 3, "75.0%"], ["b", 1, "25.0%"]]
    assert x["q"].startswith("select")


def test_the_policy_allows_only_what_the_page_brings() -> None:
    page = render(dsp.profile({"x": [1, 2]}))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    allowed = policy.group(1).replace("&#39;", "'")
    for (text,), kind in ((script, "script"), (style, "style")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in allowed
    assert "default-src 'none'" in allowed
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//|@import|url\(", page)
    assert " style=" not in page


def test_names_and_values_never_become_markup() -> None:
    names = [*HOSTILE_NAMES, EVIL]
    table = {name: [EVIL, "\u202ertl", "\x00", "a&b<c>"] * 5 for name in names}
    page = render(dsp.profile(table, relations=False))
    assert "<img" not in page
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    assert not any(c in page for c in "\u202e\x00")
    held = data_of(page)
    assert held["columns"][-1]["n"] == EVIL
    assert {v[0] for v in held["columns"][-1]["v"]} == {
        EVIL,
        "\ufffdrtl",
        "\ufffd",
        "a&b<c>",
    }


@pytest.mark.parametrize(
    "table",
    [
        {"a": pa.array([], pa.float64())},
        {"a": pa.nulls(3, pa.string())},
        {"a": [float("nan"), float("inf")], "b": [1e308, -1e308]},
        {"only": [1]},
    ],
)
def test_odd_tables_have_a_page(table: dict[str, Any]) -> None:
    held = data_of(render(dsp.profile(pa.table(table))))
    assert len(held["columns"]) == len(table)
    assert not re.search(r"\b(?:nan|inf)\b", json.dumps(held["columns"][0]["g"]))


def test_two_thousand_columns_stay_below_five_megabytes() -> None:
    rng = np.random.default_rng(0)
    texts = [f"{'<長い🦆' * 12}{i}" for i in range(20)]
    table = pa.table(
        {
            "a": rng.normal(size=600),
            "b": rng.integers(0, 1_000, 600),
            "c": rng.choice(texts, 600),
            "d": pa.array([None if v < 0.6 else v for v in rng.random(600)]),
        }
    )
    found = dsp.profile(table, relations=False)
    # Profiling 2,000 columns takes longer than a test should: four of them, 500 times.
    copies = [
        replace(record, column_name=f"{i} {record.column_name} {'列<' * 150}")
        for i in range(500)
        for record in found.records
        if hasattr(record, "column_name")
    ]
    page = render(replace(found, records=tuple(copies)))
    assert len(page.encode()) < 5_000_000
    held = data_of(page)
    assert len(held["columns"]) == 2_000
    assert all(len(column["n"]) <= 120 for column in held["columns"])


def test_cards_say_what_is_special_about_a_column() -> None:
    table = {
        "code": [f"AB-{i:03d}" for i in range(60)],
        "day": [date(2024, 1, 1) + timedelta(days=i + 9 * (i > 30)) for i in range(60)],
        "a": [float(i % 11) for i in range(60)],
        "b": [2.0 * (i % 11) + (i % 2) for i in range(60)],
        "c": [5.0 - (i % 11) + (i % 3) for i in range(60)],
    }
    held = data_of(render(dsp.profile(table)))
    code, day = held["columns"][:2]
    assert ["Pattern", "AA-999 (100%)"] in code["k"]
    assert ["Steps of", "day"] in day["k"]
    assert sorted(held["matrix"]["names"]) == ["a", "b", "c"]
    assert len(held["matrix"]["cells"]) == 3


def test_time_is_told_in_words() -> None:
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(120)]
    table = {
        "day": [*days[:40], *days[47:]],
        "sales": [10.0 * i + (i % 7) for i in range(113)],
    }
    found = dsp.profile(table)
    told = dict(timeline(found))
    assert told["day"].startswith("steps of day (99.1% of them), 7 steps without rows")
    assert told["mean of sales"].startswith("by day: trend 1.00")
    assert "<h2>Over time</h2>" in render(found)


def test_paths_inside_of_nested_columns_are_listed() -> None:
    nested = [{"a": 1, "b": "x"}, {"a": None, "b": "y"}, {"a": 3, "b": "y"}, None] * 10
    held = data_of(render(dsp.profile(pa.table({"n": nested}))))
    assert held["columns"][0]["k"] == [["n.a", "bigint, 33.3% null"], ["n.b", "varchar"]]
