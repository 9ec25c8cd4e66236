"""What a chart of few, equal or missing values says: nothing that is no number."""

from __future__ import annotations

import json
import re
from typing import Any

import altair as alt
import pytest

from dsp.charts.base import Look, outside
from dsp.registry import plugins

NUMBERS = {"forecast": None, "n_rows": 1, "goal": 3.0, "baseline": None}
TABLES = ("no_rows", "one_row", "equal_rows", "negative", "huge")
DEFAULT = re.compile(r"NaN|undefined|null|Infinity|∞|\[object|true|false")


def rows_for(table: str, columns: list[str]) -> list[dict[str, Any]]:
    value = {"negative": -2.5, "huge": 1e300}.get(table, 7.0)

    def row(at: int) -> dict[str, Any]:
        given: dict[str, Any] = dict.fromkeys(columns, value)
        given |= {k: v for k, v in NUMBERS.items() if k in columns}
        texts = {"label": "a", "label_b": "b", "actual": "a", "predicted": "b"}
        given |= {k: f"{v}{at}" for k, v in texts.items() if k in columns}
        if "ts" in columns:
            given["ts"] = f"2024-01-0{at + 1}T00:00:00Z"
        return given

    return [row(at) for at in range({"no_rows": 0, "one_row": 1}.get(table, 4))]


@pytest.mark.parametrize("kind", sorted(plugins("charts")))
def test_no_chart_writes_what_is_no_number(kind: str) -> None:
    import vl_convert

    plugin = plugins("charts")[kind]
    extra = {"kpi": {"baseline", "goal"}, "gauge": {"low", "goal"}}.get(kind, set())
    variants = [sorted({*plugin.shape, *extra})]
    if kind in ("histogram", "time_series"):
        variants.append([*variants[0], "label"])
    for columns in variants:
        look = outside(Look("Value", "Label", columns=tuple(columns)))
        for table in TABLES:
            data = alt.InlineData(values=rows_for(table, columns))
            spec = plugin.draw(data, look).properties(width=330).to_dict()
            svg = vl_convert.vegalite_to_svg(json.dumps(spec))
            texts = re.findall(r"<text[^>]*>([^<]*)<", svg)
            is_blank = table == "no_rows" or (kind, table) == ("pie", "negative")
            assert texts or is_blank
            assert not [t for t in texts if DEFAULT.search(t)], (table, columns)
